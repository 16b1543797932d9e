// Copyright 2026 the pystd authors. MIT license.

/**
 * {@linkcode WebDAV}: RFC 4918, classes 1, 2 and 3.
 *
 * It answers PROPFIND, PROPPATCH, LOCK and UNLOCK. It checks locks for the methods
 * that write, which `Uploads` (PUT, POST, MKCOL) and `Management` (DELETE, MOVE,
 * COPY) answer.
 *
 * Locks and dead properties are in memory: they end with the process, and processes
 * or workers do not share them.
 *
 * @module
 */

import { RequestError } from "../../../protocol/request_error.ts";
import type { DavFeature } from "../features.ts";
import type { Management } from "../manage/management.ts";
import type { ShareRequest } from "../request.ts";
import { targetOf, type UploadTarget } from "../upload/target.ts";
import type { Uploads } from "../upload/uploads.ts";
import { DeadProperties } from "./dead_properties.ts";
import { checkLocks } from "./lock_checks.ts";
import { lock, unlock } from "./lock_methods.ts";
import { type LockLimits, Locks } from "./locks.ts";
import { propfind } from "./propfind.ts";
import { proppatch } from "./proppatch.ts";
import { runDav, sendError } from "./responses.ts";
import type { XmlLimits } from "./xml.ts";

/** Options of {@linkcode WebDAV}. */
export interface WebDAVOptions {
  /** Receives what clients write; without it, they only read. */
  uploads?: Uploads;
  /** Deletes, moves and copies. */
  manage?: Management;
}

/** Methods that change resources, and are answered by other features. */
const GUARDED = /^(?:PUT|POST|MKCOL|DELETE|MOVE|COPY)$/;

/**
 * Serves WebDAV, so that clients can mount the directory.
 *
 * @example Usage
 * ```ts
 * import { ShareHTTPRequestHandler } from "@pystd/http-server/handlers/share";
 * import { WebDAV } from "@pystd/http-server/handlers/share/dav";
 * import { Management } from "@pystd/http-server/handlers/share/manage";
 * import { Uploads } from "@pystd/http-server/handlers/share/uploads";
 * import { respond } from "@pystd/http-server/testing";
 * import { assertMatch } from "@std/assert/match";
 *
 * const directory = Deno.realPathSync(Deno.makeTempDirSync());
 * Deno.writeTextFileSync(`${directory}/a.txt`, "alpha");
 * const uploads = new Uploads(directory, { overwrite: true });
 * const manage = new Management(uploads);
 * const dav = new WebDAV({ uploads, manage });
 * const Handler = ShareHTTPRequestHandler.with({
 *   directory,
 *   uploads,
 *   manage,
 *   dav,
 * });
 * const request = "PROPFIND /a.txt HTTP/1.1\r\nHost: h\r\nDepth: 0\r\n" +
 *   "Connection: close\r\n\r\n";
 * const { text } = await respond(Handler, request);
 * assertMatch(text, /<D:getcontentlength>5<\/D:getcontentlength>/);
 * ```
 */
export class WebDAV implements DavFeature {
  /** Largest XML body of a request, in bytes (413). */
  static maxXmlBytes = 256 * 1024;
  /** Most XML elements in each other (400). */
  static maxXmlDepth = 64;
  /** Most XML elements and attributes of a request (400). */
  static maxXmlNodes = 4096;
  /** Most bytes of all dead properties (507); they are in memory. */
  static maxPropertyBytes = 16 * 1024 * 1024;
  /** Most PROPFIND responses for folders sent at once (503). */
  static maxPropfinds = 64;
  /** Most locks (503). */
  static maxLocks = 1000;
  /** Most locks of one user, or one address where nobody signs in (503). */
  static maxLocksPerClient = 200;
  /** Longest life of a lock without a refresh, in ms; a longer one is shortened. */
  static maxLockTime = 60 * 60 * 1000;

  /** The methods that it answers. */
  readonly methods: readonly string[];
  /** Header fields of the response to OPTIONS. */
  readonly optionsFields: readonly (readonly [string, string])[];
  #uploads: Uploads | undefined;
  #target: UploadTarget | undefined;
  #overwrites: boolean;
  #locks = new Locks();
  #dead = new DeadProperties(() => this.#class.maxPropertyBytes);
  #propfinds = 0;

  /**
   * Stores its arguments.
   *
   * @param options See {@linkcode WebDAVOptions}.
   */
  constructor({ uploads, manage }: WebDAVOptions = {}) {
    this.#uploads = uploads;
    this.#target = uploads && targetOf(uploads);
    this.#overwrites = uploads?.overwrites ?? false;
    const writes = this.#target !== undefined;
    this.methods = writes
      ? ["PROPFIND", "PROPPATCH", "LOCK", "UNLOCK"]
      : ["PROPFIND"];
    // A client that sees no class 2 mounts the directory for reading.
    this.optionsFields = [
      ["DAV", writes ? "1, 2, 3" : "1, 3"],
      ["MS-Author-Via", "DAV"],
    ];
    if (manage === undefined) return;
    manage.listener = {
      deleted: (path) => {
        this.#dead.deleted(path);
        this.#locks.removeAt(path);
      },
      moved: (from, to) => {
        this.#dead.moved(from, to);
        this.#locks.removeAt(from);
      },
      copied: (from, to, recursive) => this.#dead.copied(from, to, recursive),
    };
  }

  get #class(): typeof WebDAV {
    return this.constructor as typeof WebDAV;
  }

  get #limits(): XmlLimits & LockLimits {
    const cls = this.#class;
    return {
      maxBytes: cls.maxXmlBytes,
      maxDepth: cls.maxXmlDepth,
      maxNodes: cls.maxXmlNodes,
      maxLocks: cls.maxLocks,
      maxLocksPerClient: cls.maxLocksPerClient,
      maxLockTime: cls.maxLockTime,
    };
  }

  /**
   * Returns the methods that apply to a path.
   *
   * @param request The request.
   * @returns PROPFIND, and in the folder for uploads the others, too.
   */
  methodsAt(request: ShareRequest): readonly string[] {
    const isInside = this.#uploads !== undefined &&
      this.#uploads.methodsAt(request).length > 0;
    return isInside ? this.methods : ["PROPFIND"];
  }

  /**
   * Serves the methods of WebDAV, and rejects other requests that a lock prevents.
   *
   * @param request The request.
   * @returns Whether the request has been answered.
   * @throws {Error} If the client disconnects.
   */
  handle(request: ShareRequest): boolean | Promise<boolean> {
    const { command } = request;
    if (command === "PROPFIND") return this.#propfind(request);
    if (this.#target === undefined) return false;
    const target = {
      ...this.#target,
      folder: this.#target.folder.restrictedTo(request.access?.mayWrite),
    };
    const context = {
      target,
      limits: this.#limits,
      locks: this.#locks,
      dead: this.#dead,
      overwrites: this.#overwrites,
    };
    const { origins } = target;
    switch (command) {
      case "PROPPATCH":
        return runDav(request, () => proppatch(request, context), origins);
      case "LOCK":
        return runDav(request, () => lock(request, context), origins);
      case "UNLOCK":
        return runDav(request, () => unlock(request, context), origins);
    }
    if (!GUARDED.test(command)) return false;
    try {
      checkLocks(request, context);
      return false;
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      return sendError(request, error).then(() => true);
    }
  }

  async #propfind(request: ShareRequest): Promise<boolean> {
    const locks = this.#target && this.#locks;
    const context = { limits: this.#limits, dead: this.#dead, locks };
    if (this.#propfinds >= this.#class.maxPropfinds) {
      request.sendBusy("Too many PROPFIND requests at once");
      return true;
    }
    this.#propfinds++;
    try {
      return await runDav(request, () => propfind(request, context));
    } finally {
      this.#propfinds--;
    }
  }
}
