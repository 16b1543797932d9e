// Copyright 2026 the pystd authors. MIT license.

/**
 * POST of forms, with or without a script: files, whose names may have folders,
 * new text files, and new folders. Each file is saved as soon as it is complete.
 *
 * @module
 */

import { parseMediaType } from "@std/media-types/parse-media-type";
import {
  IncomingFile,
  type IncomingOptions,
  lstatIfExists,
} from "../../../files/incoming.ts";
import { pathOf } from "../../../files/holding_folder.ts";
import { queueShortWork, TimeSlices } from "../../../files/time_slices.ts";
import type { UploadFolder } from "../../../files/upload_folder.ts";
import type { RequestBody } from "../../../io/request_body.ts";
import { parseHttpDate } from "../../../protocol/date.ts";
import { parsePartNames } from "../../../protocol/content_disposition.ts";
import {
  type MultipartEvent,
  MultipartParser,
} from "../../../protocol/multipart.ts";
import { RequestError } from "../../../protocol/request_error.ts";
import { UploadError, type UploadResult } from "./upload_result.ts";

/** Largest field that names a folder, and largest form without files. */
const MAX_FIELD_BYTES = 8 * 1024;
/**
 * Most parts of a form: the outcome of each is kept for the response. The
 * page's script sends files one by one, and nobody chooses so many by hand.
 */
const MAX_PARTS = 10_000;
/** Bytes of the body that are read at once. */
const PIECE_BYTES = 256 * 1024;
/** Name of the field that creates a folder. */
const MKDIR = "mkdir";
/** Name of the field that names a new text file. */
const TEXT_NAME = "text-name";
/** Name of the field with its text. */
const TEXT = "text";

/** Files that macOS adds to folders, and that nobody means to upload. */
const SYSTEM_FILE =
  /(?:^|\/)(?:\.DS_Store|\._[^/]*|\.localized|\.(?:Spotlight-V100|Trashes|fseventsd)(?:\/.*)?)$/;

/** The destination of the files of a form. */
export interface FormTarget {
  /** Finds the folders. */
  folder: UploadFolder;
  /** Names in the path of the folder of the request. */
  names: readonly string[];
  /**
   * Tells whether an existing file may be replaced.
   *
   * @param names The names of its path.
   * @returns Whether it may.
   */
  mayReplace(names: readonly string[]): boolean;
  /** Largest file, in bytes. */
  maxBytes: number;
  /** Limits of the upload. */
  writing: IncomingOptions;
}

/**
 * Receives a form.
 *
 * @param body The request's body.
 * @param contentType Its `Content-Type`.
 * @param target The destination of its files.
 * @param result The outcome, filled while the form is received.
 * @throws {RequestError} If it is not a form, or nothing more can be saved.
 * @throws {Error} If reading or writing fails.
 */
export async function receiveForm(
  body: RequestBody,
  contentType: string | undefined,
  target: FormTarget,
  result: UploadResult,
): Promise<void> {
  const [type, parameters] = mediaType(contentType);
  if (type === "application/x-www-form-urlencoded") {
    return await receiveFields(body, target, result);
  }
  if (type !== "multipart/form-data") {
    throw new UploadError(415, "Expected a form or a PUT");
  }
  const parser = new MultipartParser(parameters?.boundary ?? "");
  const receiver = new FormReceiver(target, result);
  try {
    for (;;) {
      const piece = await body.readSome(PIECE_BYTES);
      if (piece === null) break;
      // A piece can have thousands of parts.
      using slices = new TimeSlices();
      for (const event of parser.feed(piece)) {
        await receiver.take(event);
        if (slices.over) await slices.pause();
      }
    }
    parser.end();
  } finally {
    await receiver.close();
  }
}

/** Processes the parts of a form, one after the other. */
class FormReceiver {
  #target: FormTarget;
  #result: UploadResult;
  /** The file that is being received, and its destination. */
  #file: IncomingFile | undefined;
  #name = "";
  #shown = "";
  #overwrite = false;
  #modified: number | undefined;
  /** A field that is being received: its name, and its value. */
  #fieldName = "";
  #field: Uint8Array[] | undefined;
  #fieldBytes = 0;
  /** The value of `TEXT_NAME`. */
  #textName = "";
  #parts = 0;

  constructor(target: FormTarget, result: UploadResult) {
    this.#target = target;
    this.#result = result;
  }

  /** Processes an event of the parser. */
  async take(event: MultipartEvent): Promise<void> {
    switch (event.kind) {
      case "part":
        return await this.#begin(event.fields);
      case "data":
        return await this.#add(event.bytes);
      case "end":
        await this.#end();
    }
  }

  /** Removes an incomplete file. */
  async close(): Promise<void> {
    await this.#file?.discard();
    this.#file = undefined;
  }

  async #begin(fields: ReadonlyMap<string, string>): Promise<void> {
    if (++this.#parts > MAX_PARTS) throw new UploadError(413, "Too many parts");
    const coding = fields.get("content-transfer-encoding")?.toLowerCase();
    if (coding !== undefined && !/^(?:binary|7bit|8bit)$/.test(coding)) {
      throw new UploadError(415, "Unsupported transfer encoding of a part");
    }
    const part = parsePartNames(fields.get("content-disposition"));
    if (part === undefined) throw new UploadError(400, "Bad multipart form");
    const { name } = part;
    const isText = name === TEXT && this.#textName !== "";
    const filename = isText ? this.#textName : part.filename;
    if (filename === undefined) {
      this.#fieldName = name ?? "";
      this.#field = name === MKDIR || name === TEXT_NAME ? [] : undefined;
      this.#fieldBytes = 0;
    } else if (!this.#target.folder.dotfiles && SYSTEM_FILE.test(filename)) {
      this.#result.skipped.push(filename);
    } else if (filename !== "") {
      this.#modified = parseHttpDate(fields.get("last-modified") ?? "");
      await this.#attempt(
        filename,
        () => queueShortWork(() => this.#open(filename)),
      );
    }
  }

  #open(filename: string): void {
    const { folder, names, mayReplace, writing } = this.#target;
    writing.quota?.check(folder.path, 0);
    const more = filename.split("/");
    const path = [...names, ...more];
    const place = folder.place(path, more.length > 1);
    const overwrite = mayReplace(path);
    const present = lstatIfExists(pathOf(place));
    if (present?.isDirectory || (present !== undefined && !overwrite)) {
      throw exists(present.isDirectory);
    }
    this.#name = place.name;
    this.#overwrite = overwrite;
    this.#shown = `/${[...path.slice(0, -1), place.name].join("/")}`;
    this.#file = IncomingFile.create(place.folder, writing);
  }

  async #add(bytes: Uint8Array): Promise<void> {
    if (this.#field !== undefined) {
      this.#fieldBytes += bytes.length;
      if (this.#fieldBytes > MAX_FIELD_BYTES) throw tooLong();
      this.#field.push(bytes.slice());
    }
    if (this.#file === undefined) return;
    await this.#file.write(bytes);
  }

  async #end(): Promise<void> {
    const file = this.#file;
    if (this.#field !== undefined) {
      const text = await new Blob(this.#field as BlobPart[]).text();
      this.#field = undefined;
      if (this.#fieldName === TEXT_NAME) this.#textName = text;
      else await makeFolder(text, this.#target, this.#result);
    }
    if (file === undefined) return;
    this.#file = undefined;
    await this.#attempt(this.#shown, async () => {
      await file.written();
      const { size } = file;
      if (size > this.#target.maxBytes) throw tooLong();
      const placement = await file.commit(this.#name, {
        overwrite: this.#overwrite,
        modified: this.#modified,
      });
      if (placement === "exists") throw exists(false);
      this.#result.saved.push({ path: this.#shown, size });
    }).finally(() => file.discard());
  }

  #attempt(path: string, action: () => void | Promise<void>): Promise<void> {
    return attempt(path, this.#result, action);
  }
}

/** Receives a form without files. Every field but `mkdir` is ignored. */
async function receiveFields(
  body: RequestBody,
  target: FormTarget,
  result: UploadResult,
): Promise<void> {
  const bytes = await body.read(MAX_FIELD_BYTES + 1);
  if (bytes.length > MAX_FIELD_BYTES) throw tooLong();
  const fields = new URLSearchParams(new TextDecoder().decode(bytes));
  const paths = fields.getAll(MKDIR);
  if (paths.length === 0) throw new UploadError(400, "Nothing to do");
  for (const path of paths) await makeFolder(path, target, result);
}

async function makeFolder(
  asked: string,
  { folder, names }: FormTarget,
  result: UploadResult,
): Promise<void> {
  const more = asked.split("/");
  if (more.at(-1) === "") more.pop();
  await attempt(asked, result, () => {
    if (more.length === 0) throw new UploadError(400, "Bad file name");
    const path = [...names, ...more];
    for (const name of more) folder.checkName(name);
    if (folder.has(path)) throw exists(true);
    folder.find(path, true);
    const shown = `/${[...names, ...more].join("/")}/`;
    result.saved.push({ path: shown, size: 0 });
  });
}

/** Records the error of one file. Other errors, such as a full disk, end all. */
async function attempt(
  path: string,
  result: UploadResult,
  action: () => void | Promise<void>,
): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const { status, message } = error;
    result.failed.push({ path, status, message });
  }
}

function mediaType(
  value: string | undefined,
): ReturnType<typeof parseMediaType> {
  try {
    return parseMediaType(value ?? "");
  } catch {
    throw new UploadError(400, "Bad Content-Type");
  }
}

function exists(isFolder: boolean): UploadError {
  return new UploadError(
    409,
    `A ${isFolder ? "folder" : "file"} with this name already exists`,
  );
}

function tooLong(): UploadError {
  return new UploadError(413, "Content Too Large");
}
