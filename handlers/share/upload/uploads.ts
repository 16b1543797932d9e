// Copyright 2026 the pystd authors. MIT license.

/**
 * Uploads: PUT, POST of forms, MKCOL.
 *
 * `files/upload_folder.ts` checks folders and names, and `files/incoming.ts`
 * writes the files. This module implements the methods, and maps errors to
 * statuses.
 *
 * @module
 */

import { pathOf } from "../../../files/holding_folder.ts";
import { UploadQuota } from "../../../files/upload_quota.ts";
import type { IncomingOptions } from "../../../files/incoming.ts";
import { removeLeftovers } from "../../../files/leftovers.ts";
import {
  UploadFolder,
  type UploadFolderOptions,
} from "../../../files/upload_folder.ts";
import { unquotePath } from "../../../protocol/percent_encoding.ts";
import { RequestError } from "../../../protocol/request_error.ts";
import { isTemporaryName } from "../../../protocol/upload_name.ts";
import {
  collapsePath,
  hasTrailingSlash,
  splitTarget,
} from "../../../protocol/request_target.ts";
import { pathBelow } from "../access.ts";
import type { ShareRequest } from "../request.ts";
import {
  sendFolderResult,
  sendFormResult,
  UploadError,
  type UploadResult,
} from "./upload_result.ts";
import type { UploadFeature } from "../features.ts";
import { receiveForm } from "./form.ts";
import { LocalForm } from "./local_form.ts";
import { ResumableUploads } from "./resumable_uploads.ts";
import { put } from "./put.ts";
import { refuseContent } from "./receive_body.ts";
import { runWrite } from "./run_write.ts";
import { setTarget, type UploadTarget } from "./target.ts";

export type { UploadFolderOptions };

/** Options of {@linkcode Uploads}. */
export interface UploadsOptions extends UploadFolderOptions {
  /**
   * Whether existing files are replaced.
   *
   * @default {false}
   */
  overwrite?: boolean;
  /**
   * Largest file, in bytes. The handler's `maxBodyBytes` limits the whole
   * request.
   *
   * @default {Infinity}
   */
  maxBytes?: number;
  /**
   * Most bytes that all uploads together may add, counted from the start.
   *
   * @default {Infinity}
   */
  maxTotalBytes?: number;
  /**
   * Bytes that uploads leave free on the disk. Has an effect only with
   * `--allow-sys=statfs`.
   *
   * @default {1073741824}
   */
  minFreeBytes?: number;
  /**
   * Other origins whose pages may upload, `"*"` for all; none by default.
   */
  origins?: readonly string[];
}

/** Space for logs and other programs. */
const DEFAULT_FREE_BYTES = 2 ** 30;

/** Serves one method. */
type Action = (
  request: ShareRequest,
  result: UploadResult,
) => void | Promise<void>;

/**
 * Receives uploads into one folder: PUT, POST of forms, MKCOL. Needs
 * `--allow-write` for that folder.
 *
 * @example Usage
 * ```ts
 * import { ShareHTTPRequestHandler } from "@pystd/http-server/handlers/share";
 * import { Uploads } from "@pystd/http-server/handlers/share/uploads";
 * import { ThreadingHTTPServer } from "@pystd/http-server/server";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const directory = Deno.realPathSync(Deno.makeTempDirSync());
 * class Handler extends ShareHTTPRequestHandler {
 *   static override maxBodyBytes = 10 * 1024 ** 3;
 *   override logMessage(): void {}
 * }
 * await using httpd = new ThreadingHTTPServer(
 *   ["127.0.0.1", 0],
 *   Handler.with({ directory, uploads: new Uploads(directory) }),
 * );
 * const served = httpd.serveForever();
 * const url = `http://127.0.0.1:${httpd.serverPort}/a.txt`;
 * const response = await fetch(url, { method: "PUT", body: "alpha" });
 * assertEquals(await response.text(), "Saved /a.txt, 5 bytes\n");
 * assertEquals(Deno.readTextFileSync(`${directory}/a.txt`), "alpha");
 * await httpd.shutdown();
 * await served;
 * ```
 */
export class Uploads implements UploadFeature {
  /** The methods that it answers. */
  readonly methods: readonly string[] = ["PUT", "POST", "MKCOL"];
  /** Whether existing files are replaced. */
  readonly overwrites: boolean;
  #target: UploadTarget;
  #folder: UploadFolder;
  #dotfiles: boolean;
  #resumable = new ResumableUploads();

  /**
   * Stores its arguments.
   *
   * @param directory The directory that is served, an absolute path.
   * @param options See {@linkcode UploadsOptions}.
   */
  constructor(directory: string, options: UploadsOptions = {}) {
    this.#folder = new UploadFolder(directory, options);
    this.#dotfiles = options.dotfiles ?? false;
    this.overwrites = options.overwrite ?? false;
    this.#target = {
      folder: this.#folder,
      maxBytes: options.maxBytes ?? Infinity,
      origins: options.origins ?? [],
      quota: new UploadQuota({
        maxTotalBytes: options.maxTotalBytes ?? Infinity,
        minFreeBytes: options.minFreeBytes ?? DEFAULT_FREE_BYTES,
      }),
    };
    setTarget(this, this.#target);
  }

  /** Whether the folder for uploads exists. */
  get exists(): boolean {
    return this.#folder.exists();
  }

  /**
   * Returns the free space on the disk of the folder.
   *
   * @returns The bytes; `undefined` without `--allow-sys=statfs`.
   */
  freeBytes(): number | undefined {
    return this.#target.quota.freeBytes(this.#folder.path);
  }

  /**
   * Removes the partial files of a server that ended in the middle of uploads.
   *
   * @returns The number of removed files.
   */
  removeLeftovers(): Promise<number> {
    return removeLeftovers(this.#folder.path);
  }

  /**
   * Tells whether a folder accepts uploads.
   *
   * @param request The request.
   * @param path The folder, from `translatePath()`.
   * @returns Whether it is the folder for uploads, or below it.
   */
  accepts(request: ShareRequest, path: string): boolean {
    try {
      const below = path.slice(request.directory.length);
      this.#folder.find(collapsePath(below));
      return true;
    } catch (error) {
      if (error instanceof RequestError) return false;
      throw error;
    }
  }

  /**
   * Returns the methods that apply to a path.
   *
   * @param request The request.
   * @returns All of them in the folder for uploads, none elsewhere.
   */
  methodsAt(request: ShareRequest): readonly string[] {
    const path = request.translatePath(request.path);
    return path !== "" && this.#isInside(request, path) ? this.methods : [];
  }

  #isInside(request: ShareRequest, path: string): boolean {
    if (request.access !== undefined) return this.#mayPlace(request);
    const folder = path.slice(0, path.lastIndexOf("/", path.length - 2) + 1);
    return this.accepts(request, path) || this.accepts(request, folder);
  }

  /** Whether a user with restricted rights may write something at a path. */
  #mayPlace(request: ShareRequest): boolean {
    const folder = this.#folderFor(request);
    const names = namesOf(splitTarget(request.path).path);
    try {
      if (names.length === 0) folder.find(names);
      else folder.place(names);
      return true;
    } catch (error) {
      if (error instanceof RequestError) return false;
      throw error;
    }
  }

  /**
   * Serves uploads, and hides partial files from other requests.
   *
   * @param request The request.
   * @returns Whether the request has been answered.
   * @throws {Error} If the client disconnects before the end of the body.
   */
  handle(request: ShareRequest): boolean | Promise<boolean> {
    const action = this.#action(request.command);
    if (action !== undefined) return this.#run(action, request);
    // Partial files stay hidden, even if other dotfiles are served.
    if (!this.#dotfiles || !isTemporary(request.path)) return false;
    request.sendError(404, "File not found");
    return true;
  }

  #run(action: Action, request: ShareRequest): Promise<boolean> {
    const result: UploadResult = { saved: [], failed: [], skipped: [] };
    const { origins } = this.#target;
    return request.observePart(
      "upload",
      () => runWrite(request, origins, () => action(request, result), result),
    );
  }

  #action(command: string): Action | undefined {
    switch (command) {
      case "PUT":
        return (request) => this.#put(request);
      case "POST":
        return (request, result) => this.#post(request, result);
      case "MKCOL":
        return (request) => this.#makeFolder(request);
    }
    return undefined;
  }

  async #put(request: ShareRequest): Promise<void> {
    const { path, query } = splitTarget(request.path);
    const names = namesOf(path);
    if (hasTrailingSlash(path) || names.length === 0) {
      throw new UploadError(409, "A file name is missing");
    }
    const { folder, name } = this.#folderFor(request)
      .place(names, hasParents(query));
    await put({
      request,
      folder,
      writing: this.#writing(),
      name,
      shown: `/${names.join("/")}`,
      overwrite: this.#mayReplace(request, names),
      maxBytes: this.#target.maxBytes,
      resumable: this.#resumable,
    });
  }

  async #post(
    request: ShareRequest,
    result: UploadResult,
  ): Promise<void> {
    const names = namesOf(splitTarget(request.path).path);
    const folder = this.#folderFor(request);
    folder.find(names);
    request.sendContinue();
    const target = new LocalForm({
      folder,
      names,
      mayReplace: (names) => this.#mayReplace(request, names),
      maxBytes: this.#target.maxBytes,
      writing: this.#writing(),
    });
    const type = request.field("content-type");
    await receiveForm(request.rfile, type, target, result);
    sendFormResult(request, names, result);
  }

  /** The folder, as far as the user of a request may write into it. */
  #folderFor({ access }: ShareRequest): UploadFolder {
    return this.#folder.restrictedTo(access?.mayWrite);
  }

  /** Whether a request may replace a file: who may delete it may do so, too. */
  #mayReplace({ access }: ShareRequest, names: readonly string[]): boolean {
    return this.overwrites ||
      access?.may("manage", pathBelow(names)) === true;
  }

  #writing(): IncomingOptions {
    return { root: this.#folder.root(), quota: this.#target.quota };
  }

  async #makeFolder(request: ShareRequest): Promise<void> {
    const { path, query } = splitTarget(request.path);
    await refuseContent(request);
    const names = namesOf(path);
    if (names.length === 0) throw alreadyThere();
    const place = this.#folderFor(request).place(names, hasParents(query));
    try {
      Deno.mkdirSync(pathOf(place));
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) throw alreadyThere();
      throw error;
    }
    sendFolderResult(request, `/${names.join("/")}/`);
  }
}

function namesOf(path: string): string[] {
  return collapsePath(unquotePath(path));
}

function isTemporary(target: string): boolean {
  return namesOf(splitTarget(target).path).some(isTemporaryName);
}

/** Whether missing parent folders are created: `?parents`. */
function hasParents(query: string): boolean {
  return query.split("&").includes("parents");
}

function alreadyThere(): UploadError {
  return new UploadError(405, "This name already exists");
}
