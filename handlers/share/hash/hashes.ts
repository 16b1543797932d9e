// Copyright 2026 the pystd authors. MIT license.

/**
 * The SHA-256 of a file: `FILE?sha256`, or `FILE?hash` as dufs has it.
 *
 * @module
 */

import {
  FileHashes,
  type HashedFile,
  type Reading,
} from "../../../files/file_hashes.ts";
import {
  type FileStore,
  findAnySpelling,
  type ReadableFile,
} from "../../../files/file_store.ts";
import type { Found, Located } from "../../../files/served_directory.ts";
import {
  evaluatePreconditions,
  type Validators,
} from "../../../protocol/conditions.ts";
import { codedEtag } from "../../../protocol/etag.ts";
import { describe } from "../../simple/file_headers.ts";
import { isCrossSite, isNavigation } from "../cross_site.ts";
import { RequestError } from "../../../protocol/request_error.ts";
import type { RequestFeature } from "../features.ts";
import type { ShareRequest } from "../request.ts";

/** The names have no value: `app.js?hash=1f` asks for a version of a script. */
const QUERY = /\?(?:[^#]*&)?(?:hash|sha256)=?(?:[&#]|$)/;
/** Length of a SHA-256 in hexadecimal digits. */
const HASH_LENGTH = 64;
/** Most attempts to open a file that is replaced during the opening. */
const MAX_ATTEMPTS = 4;

/** Options of {@linkcode Hashes}. */
export interface HashesOptions {
  /**
   * Other origins whose pages may ask for hashes, `"*"` for all. Links are
   * allowed from every page.
   *
   * @default {[]}
   */
  origins?: readonly string[];
}

/**
 * Sends the SHA-256 of files as 64 hexadecimal digits. A short request makes the
 * server read a whole file; so pages of other sites cannot ask for hashes
 * unnoticed, as images or in frames.
 *
 * @example Usage
 * ```ts
 * import { ShareHTTPRequestHandler } from "@pystd/http-server/handlers/share";
 * import { Hashes } from "@pystd/http-server/handlers/share/hashes";
 * import { respond } from "@pystd/http-server/testing";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const directory = Deno.makeTempDirSync();
 * Deno.writeTextFileSync(`${directory}/empty`, "");
 * const hashes = new Hashes();
 * const Handler = ShareHTTPRequestHandler.with({ directory, hashes });
 *
 * const request = "GET /empty?sha256 HTTP/1.1\r\nHost: h\r\n" +
 *   "Connection: close\r\n\r\n";
 * const { body } = await respond(Handler, request);
 * assertEquals(body.slice(0, 8), "e3b0c442");
 * ```
 */
export class Hashes implements RequestFeature {
  /** Most files that are read for their hashes at once. */
  static maxHashes = 2;

  #origins: readonly string[];
  #files = new FileHashes();

  /**
   * Stores its options.
   *
   * @param options See {@linkcode HashesOptions}.
   */
  constructor(options: HashesOptions = {}) {
    this.#origins = options.origins ?? [];
  }

  /**
   * Answers a request for a hash.
   *
   * @param request The request.
   * @returns Whether the request was for a hash.
   * @throws {Error} If the file cannot be read.
   */
  handle(request: ShareRequest): boolean | Promise<boolean> {
    const { command, path } = request;
    if (command !== "GET" && command !== "HEAD") return false;
    return QUERY.test(path) && this.#answer(request);
  }

  async #answer(request: ShareRequest): Promise<boolean> {
    const { files } = request;
    const found = await locate(request);
    if (found === undefined) return false;
    if (found.kind === "directory") {
      request.sendError(400, "A folder has no hash");
    } else if (isCrossSite(request, this.#origins) && !isNavigation(request)) {
      request.sendError(403, "Hashes for other sites are not allowed");
    } else {
      const opened = await open(files, found);
      if (opened === undefined) request.sendError(404, "File not found");
      else await this.#send(request, { files, found, opened });
    }
    return true;
  }

  /** Sends the hash of a file, and closes it. */
  async #send(request: ShareRequest, file: HashedFile): Promise<void> {
    const validators = validatorsOf(file.opened);
    if (!proceeds(request, validators)) return file.opened.file.close();
    const known = request.command === "HEAD" ? "" : this.#files.kept(file);
    if (known !== undefined) {
      file.opened.file.close();
      return sendHash(request, validators, known);
    }
    const { maxHashes } = this.constructor as typeof Hashes;
    const reading = this.#files.read(file, maxHashes);
    if (reading === undefined) {
      return request.sendBusy("Too many hashes at once");
    }
    const hash = await request.observePart(
      "hash",
      () => hashOf(request, reading),
    );
    if (hash === undefined) request.sendBusy("The file has changed meanwhile");
    else sendHash(request, validators, hash);
  }
}

/** Waits for a hash as long as the client does. */
async function hashOf(
  request: ShareRequest,
  reading: Reading,
): Promise<string | undefined> {
  reading.join();
  const answered = new AbortController();
  const gone = request.clientDisconnected(answered.signal).then((isGone) => {
    if (!isGone) return reading.hash;
    reading.leave();
    throw new RequestError(400, "The client has disconnected");
  });
  try {
    return await Promise.race([reading.hash, gone]);
  } finally {
    answered.abort();
  }
}

/** Evaluates the preconditions, and answers if one fails. */
function proceeds(request: ShareRequest, validators: Validators): boolean {
  const fields = { get: (name: string) => request.field(name) };
  switch (evaluatePreconditions(request.command, fields, validators)) {
    case "failed":
      request.sendError(412);
      return false;
    case "not-modified":
      request.sendResponse(304);
      sendValidators(request, validators);
      request.endHeaders();
      return false;
    case "proceed":
      return true;
  }
}

function sendHash(
  request: ShareRequest,
  validators: Validators,
  hash: string,
): void {
  request.sendResponse(200);
  request.sendHeader("Content-Type", "text/plain; charset=utf-8");
  request.sendHeader("Content-Length", HASH_LENGTH);
  sendValidators(request, validators);
  request.endHeaders();
  if (request.command !== "HEAD") request.wfile.write(hash);
}

/** Finds what a download of the same path would send. */
async function locate(request: ShareRequest): Promise<Found | undefined> {
  const path = request.translatePath(request.path);
  return path === "" ? undefined : await findAnySpelling(request.files, path);
}

async function open(
  files: FileStore,
  found: Found,
): Promise<ReadableFile | undefined> {
  let located: Located = found;
  for (let left = MAX_ATTEMPTS; left > 0 && located.kind === "file"; left--) {
    const opened = files.openToRead(located);
    if (opened !== undefined) return opened;
    located = await files.locate(found.path);
  }
  return undefined;
}

function validatorsOf({ info, etag }: ReadableFile): Validators {
  const { etag: made, lastModified: date } = describe("", info);
  const lastModified = date === "" ? undefined : info.mtime?.getTime();
  return { etag: codedEtag(etag ?? made, "sha256"), lastModified, date };
}

function sendValidators(
  request: ShareRequest,
  { etag, date }: Validators,
): void {
  request.sendHeader("Cache-Control", "no-cache");
  request.sendHeader("ETag", etag!);
  if (date) request.sendHeader("Last-Modified", date);
}
