// Copyright 2026 the pystd authors. MIT license.

/**
 * PUT: one file, whole or resumed.
 *
 * To resume, a client sends a partial PUT of RFC 9110 (section 14.5):
 * `Content-Range` has the range of the bytes in the request, and the size of
 * the file. The IETF draft on resumable uploads is not a standard yet, and
 * `curl -C - -T` and `curl -C OFFSET -T` send a partial PUT.
 *
 * @module
 */

import {
  type CommitOptions,
  IncomingFile,
  type IncomingOptions,
  lstatIfExists,
  type Placement,
} from "../../../files/incoming.ts";
import { evaluatePreconditions } from "../../../protocol/conditions.ts";
import {
  parseContentRange,
  type PartialContent,
} from "../../../protocol/content_range.ts";
import { quote } from "../../../protocol/percent_encoding.ts";
import { relativeTo } from "../../../protocol/request_target.ts";
import type { ShareRequest } from "../request.ts";
import { etagOf } from "../../simple/file_headers.ts";
import { responseForm, sendShortResponse } from "../short_response.ts";
import { nameInUse, tooLarge, UploadError } from "./upload_result.ts";
import type {
  ResumableUploadKey,
  ResumableUploads,
} from "./resumable_uploads.ts";
import { isFull } from "./explain_error.ts";
import { Checksum, readBody, refuseCoding } from "./receive_body.ts";

/** A PUT, and where its file goes. */
export interface PutTask {
  /** The request. */
  request: ShareRequest;
  /** The folder, a real path. */
  folder: string;
  /** Limits of the upload. */
  writing: IncomingOptions;
  /** The file's name in the folder. */
  name: string;
  /** The file's path in URLs, unescaped. */
  shown: string;
  /** Whether an existing file may be replaced. */
  overwrite: boolean;
  /** Largest file, in bytes. */
  maxBytes: number;
  /** The resumable uploads. */
  resumable: ResumableUploads;
}

/**
 * Serves a PUT.
 *
 * @param task The request, and where its file goes.
 * @throws {UploadError} If it cannot be accepted.
 * @throws {Error} If reading or writing fails.
 */
export async function put(task: PutTask): Promise<void> {
  const { request } = task;
  refuseCoding(request);
  const present = lstatIfExists(`${task.folder}/${task.name}`);
  checkPresent(task, present);
  const length = Number(request.field("content-length") ?? 0);
  task.writing.quota?.check(task.folder, length);
  const range = request.field("content-range");
  if (range === undefined) return await putWhole(task);
  const partial = parseContentRange(range);
  if (partial === undefined) throw new UploadError(400, "Bad Content-Range");
  await putPart(task, partial);
}

async function putWhole(task: PutTask): Promise<void> {
  const { request, folder, maxBytes } = task;
  const checksums = [
    Checksum.of(request, "Content-Digest"),
    Checksum.of(request, "Repr-Digest"),
  ];
  const file = IncomingFile.create(folder, task.writing);
  try {
    request.sendContinue();
    await receive(request, file, maxBytes, checksums);
    await finish(task, file);
  } finally {
    await file.discard();
  }
}

async function putPart(
  task: PutTask,
  partial: PartialContent,
): Promise<void> {
  const { request, resumable, maxBytes } = task;
  if (partial.size > maxBytes) throw tooLarge();
  const key = resumableUploadKey(task, partial.size);
  const file = await resumable.open(key);
  let keep = true;
  try {
    if (partial.end === 0) {
      keep = request.field("upload-cancel") !== "?1";
      if (!request.rfile.ended) throw badLength();
      // Remove it before the response.
      if (!keep) await file.discard();
      return sendShortResponse(
        request,
        204,
        "",
        offsetField(keep ? file.size : 0),
      );
    }
    if (partial.start > file.size) {
      const message = "The upload is at another offset";
      throw new UploadError(409, message, { offset: file.size });
    }
    keep = await receivePart(task, partial, file);
  } catch (error) {
    keep = keep && !isFull(error);
    throw error;
  } finally {
    await resumable.close(key, file, keep);
  }
}

/** Receives a part. Returns whether the upload continues after it. */
async function receivePart(
  task: PutTask,
  partial: PartialContent,
  file: IncomingFile,
): Promise<boolean> {
  const { request } = task;
  const content = Checksum.of(request, "Content-Digest");
  const whole = Checksum.of(request, "Repr-Digest");
  const length = request.field("content-length");
  const announced = partial.end - partial.start;
  if (length !== undefined && Number(length) !== announced) throw badLength();
  await file.truncate(partial.start);
  try {
    request.sendContinue();
    await receive(request, file, announced, [content]);
    if (file.size !== partial.end) throw badLength();
  } catch (error) {
    // The upload resumes before the part that was rejected.
    if (error instanceof UploadError) await file.truncate(partial.start);
    throw error;
  }
  if (partial.end < partial.size) {
    const offset = partial.end;
    sendShortResponse(
      request,
      202,
      { offset, size: partial.size },
      offsetField(offset),
    );
    return true;
  }
  try {
    if (whole !== undefined) {
      await file.readBack((bytes) => whole.update(bytes));
      whole.verify();
    }
  } catch (error) {
    await file.truncate(0);
    throw error;
  }
  await finish(task, file);
  return false;
}

/** Writes a body to a file: a piece is written while the next is received. */
async function receive(
  { rfile }: ShareRequest,
  file: IncomingFile,
  most: number,
  checksums: readonly (Checksum | undefined)[],
): Promise<void> {
  for await (const piece of readBody(rfile, most, checksums)) {
    await file.write(piece);
  }
  await file.written();
}

/** Moves a complete file to its place, and responds. */
async function finish(task: PutTask, file: IncomingFile): Promise<void> {
  const { request, name, shown, overwrite } = task;
  const modified = modifiedTime(request.field("x-oc-mtime"));
  const options: CommitOptions = {
    overwrite,
    modified,
    check: (present) => checkPresent(task, present),
  };
  const { size } = file;
  const placement: Placement = await file.commit(name, options);
  if (placement === "exists") throw nameInUse("file");
  const info = lstatIfExists(`${task.folder}/${name}`);
  const etag = info && etagOf(info);
  const fields: [string, string][] = [[
    "Location",
    relativeTo(quote(shown), request.path),
  ]];
  if (etag !== undefined) fields.push(["ETag", etag]);
  if (modified !== undefined) fields.push(["X-OC-MTime", "accepted"]);
  const body = responseForm(request) === "json"
    ? { saved: [{ path: shown, size }], failed: [] }
    : `Saved ${shown}, ${size} bytes\n`;
  sendShortResponse(request, placement === "created" ? 201 : 200, body, fields);
}

/** Checks preconditions, and whether an existing file may be replaced. */
function checkPresent(
  { request, overwrite }: PutTask,
  present: Deno.FileInfo | undefined,
): void {
  const validators = present && {
    etag: etagOf(present),
    lastModified: present.mtime?.getTime(),
  };
  const outcome = evaluatePreconditions("PUT", request.headers, validators);
  if (outcome !== "proceed") throw new UploadError(412, "Precondition Failed");
  if (present === undefined) return;
  if (present.isDirectory) {
    throw nameInUse("folder");
  }
  if (!overwrite) throw nameInUse("file");
}

/** Parses `X-OC-Mtime` of ownCloud's clients: seconds since the epoch. */
function modifiedTime(seconds: string | undefined): number | undefined {
  return seconds !== undefined && /^[0-9]{1,11}$/.test(seconds)
    ? Number(seconds) * 1000
    : undefined;
}

function resumableUploadKey(
  task: PutTask,
  size: number,
): ResumableUploadKey {
  const { request } = task;
  const id = request.field("upload-id") ?? "";
  if (!/^[A-Za-z0-9_-]{0,64}$/.test(id)) {
    throw new UploadError(400, "Bad Upload-Id");
  }
  // A user's name has no colon (RFC 7617), so it never equals an address.
  const owner = request.user === undefined
    ? `address:${request.addressString()}`
    : request.user;
  const { folder, writing, name } = task;
  return { folder, writing, name, size, id, owner };
}

function offsetField(offset: number): [string, string][] {
  return [["Upload-Offset", `${offset}`]];
}

function badLength(): UploadError {
  return new UploadError(
    400,
    "The content length does not match Content-Range",
  );
}
