// Copyright 2026 the pystd authors. MIT license.

/**
 * POST of forms, with or without a script: files, whose names may have folders,
 * new text files, and new folders. Each file is saved as soon as it is complete.
 *
 * @module
 */

import { parseMediaType } from "@std/media-types/parse-media-type";
import { TimeSlices } from "../../../files/time_slices.ts";
import type { RequestBody } from "../../../io/request_body.ts";
import { parseHttpDate } from "../../../protocol/date.ts";
import { parsePartNames } from "../../../protocol/content_disposition.ts";
import {
  type MultipartEvent,
  MultipartParser,
} from "../../../protocol/multipart.ts";
import { RequestError } from "../../../protocol/request_error.ts";
import { PIECE_BYTES } from "./receive_body.ts";
import { tooLarge, UploadError, type UploadResult } from "./upload_result.ts";

/** Largest field that names a folder, and largest form without files. */
const MAX_FIELD_BYTES = 8 * 1024;
/**
 * Most parts of a form: the outcome of each is kept for the response. The
 * page's script sends files one by one, and nobody chooses so many by hand.
 */
const MAX_PARTS = 10_000;
/** Name of the field that creates a folder. */
const MKDIR = "mkdir";
/** Name of the field that names a new text file. */
const TEXT_NAME = "text-name";
/** Name of the field with its text. */
const TEXT = "text";

/** Files that macOS adds to folders, and that nobody means to upload. */
const SYSTEM_FILE =
  /(?:^|\/)(?:\.DS_Store|\._[^/]*|\.localized|\.(?:Spotlight-V100|Trashes|fseventsd)(?:\/.*)?)$/;

/** A file of a form that is being received. */
export interface FormFile {
  /** Its path in URLs, unescaped. */
  readonly shown: string;
  /**
   * Writes bytes of its content.
   *
   * @param bytes The bytes.
   */
  write(bytes: Uint8Array): Promise<void>;
  /**
   * Puts the complete file in its place.
   *
   * @param modified When it was modified, in epoch ms, if that is known.
   * @throws {RequestError} If the place is taken.
   */
  commit(modified: number | undefined): Promise<void>;
  /** Removes the file, unless it is in its place. */
  discard(): Promise<void>;
}

/** Where the files and folders of a form go. */
export interface FormTarget {
  /** Whether names may start with a dot. */
  readonly dotfiles: boolean;
  /** Largest file, in bytes. */
  readonly maxBytes: number;
  /**
   * Begins a file.
   *
   * @param path The names of its path below the folder of the request.
   * @returns The file.
   * @throws {RequestError} If it cannot be saved there.
   */
  open(path: readonly string[]): FormFile | Promise<FormFile>;
  /**
   * Makes a folder, and its parents if they are missing.
   *
   * @param path The names of its path below the folder of the request.
   * @returns Its path in URLs, unescaped.
   * @throws {RequestError} If it cannot be made.
   */
  makeFolder(path: readonly string[]): string | Promise<string>;
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
  /** The file that is being received, and its size so far. */
  #file: FormFile | undefined;
  #fileBytes = 0;
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
    } else if (!this.#target.dotfiles && SYSTEM_FILE.test(filename)) {
      this.#result.skipped.push(filename);
    } else if (filename !== "") {
      this.#modified = parseHttpDate(fields.get("last-modified") ?? "");
      this.#fileBytes = 0;
      await this.#attempt(filename, async () => {
        this.#file = await this.#target.open(filename.split("/"));
      });
    }
  }

  async #add(bytes: Uint8Array): Promise<void> {
    if (this.#field !== undefined) {
      this.#fieldBytes += bytes.length;
      if (this.#fieldBytes > MAX_FIELD_BYTES) throw tooLarge();
      this.#field.push(bytes.slice());
    }
    if (this.#file === undefined) return;
    this.#fileBytes += bytes.length;
    if (this.#fileBytes <= this.#target.maxBytes) await this.#file.write(bytes);
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
    const { shown: path } = file;
    await this.#attempt(path, async () => {
      if (this.#fileBytes > this.#target.maxBytes) throw tooLarge();
      await file.commit(this.#modified);
      this.#result.saved.push({ path, size: this.#fileBytes });
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
  if (bytes.length > MAX_FIELD_BYTES) throw tooLarge();
  const fields = new URLSearchParams(new TextDecoder().decode(bytes));
  const paths = fields.getAll(MKDIR);
  if (paths.length === 0) throw new UploadError(400, "Nothing to do");
  for (const path of paths) await makeFolder(path, target, result);
}

async function makeFolder(
  asked: string,
  target: FormTarget,
  result: UploadResult,
): Promise<void> {
  const more = asked.split("/");
  if (more.at(-1) === "") more.pop();
  await attempt(asked, result, async () => {
    if (more.length === 0) throw new UploadError(400, "Bad file name");
    result.saved.push({ path: await target.makeFolder(more), size: 0 });
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
