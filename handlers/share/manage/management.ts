// Copyright 2026 the pystd authors. MIT license.

/**
 * Management of files and folders: DELETE, MOVE and COPY of RFC 4918 (section 9).
 *
 * They change only what uploads may change. A link is deleted or moved itself,
 * never its target. `files/move.ts` and `files/copy.ts` do the work.
 *
 * @module
 */

import { copyEntry } from "../../../files/copy.ts";
import { pathOf, type Place } from "../../../files/holding_folder.ts";
import { deleteEntry, moveEntry } from "../../../files/move.ts";
import { findInOtherNormalForm } from "../../../files/normal_form.ts";
import type { Found } from "../../../files/served_directory.ts";
import { parseDepth } from "../../../protocol/dav/destination.ts";
import { RequestError } from "../../../protocol/request_error.ts";
import { etagOf } from "../../simple/file_headers.ts";
import type { ManageFeature } from "../features.ts";
import type { ShareRequest } from "../request.ts";
import { sendShortResponse } from "../short_response.ts";
import { targetOf, type UploadTarget } from "../upload/target.ts";
import type { Uploads } from "../upload/uploads.ts";
import {
  type Actions,
  checkConditions,
  isFolderTarget,
  METHODS,
  missing,
  namesOf,
  readDestination,
  runAction,
  sendFailures,
  sendPlacement,
} from "./manage_request.ts";

/** Learns what became of resources, by their real paths. */
export interface ChangeListener {
  /**
   * Called after a resource was deleted.
   *
   * @param path Its path.
   */
  deleted(path: string): void;
  /**
   * Called after a resource was moved.
   *
   * @param from Its old path.
   * @param to Its new path.
   */
  moved(from: string, to: string): void;
  /**
   * Called after a resource was copied.
   *
   * @param from The path of the source.
   * @param to The path of the copy.
   * @param recursive Whether with the content of a folder.
   */
  copied(from: string, to: string, recursive: boolean): void;
}

/** The destination of COPY or MOVE. */
interface Destination {
  readonly place: Place;
  readonly names: readonly string[];
  readonly overwrite: boolean;
}

/**
 * Deletes, moves and copies files and folders in the folder for uploads. Needs
 * `--allow-write` for that folder.
 *
 * @example Usage
 * ```ts
 * import { ShareHTTPRequestHandler } from "@pystd/http-server/handlers/share";
 * import { Management } from "@pystd/http-server/handlers/share/manage";
 * import { Uploads } from "@pystd/http-server/handlers/share/uploads";
 * import { ThreadingHTTPServer } from "@pystd/http-server/server";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const directory = Deno.realPathSync(Deno.makeTempDirSync());
 * Deno.writeTextFileSync(`${directory}/a.txt`, "alpha");
 * const uploads = new Uploads(directory, { overwrite: true });
 * class Handler extends ShareHTTPRequestHandler {
 *   override logMessage(): void {}
 * }
 * await using httpd = new ThreadingHTTPServer(
 *   ["127.0.0.1", 0],
 *   Handler.with({ directory, uploads, manage: new Management(uploads) }),
 * );
 * const served = httpd.serveForever();
 * const url = `http://127.0.0.1:${httpd.serverPort}/a.txt`;
 * const headers = { Destination: "/b.txt" };
 * const response = await fetch(url, { method: "MOVE", headers });
 * assertEquals(await response.text(), "Moved /a.txt to /b.txt\n");
 * assertEquals(Deno.readTextFileSync(`${directory}/b.txt`), "alpha");
 * await httpd.shutdown();
 * await served;
 * ```
 */
export class Management implements ManageFeature {
  /** The methods that it answers. */
  readonly methods: readonly string[] = METHODS;
  /** Learns what became of resources. */
  listener: ChangeListener | undefined = undefined;
  #uploads: Uploads;
  #target: UploadTarget;
  #actions: Actions = {
    DELETE: (request) => this.#delete(request),
    MOVE: (request) => this.#move(request),
    COPY: (request) => this.#copy(request),
  };

  /**
   * Stores its arguments.
   *
   * @param uploads The uploads, whose folder, limits and origins apply.
   */
  constructor(uploads: Uploads) {
    this.#uploads = uploads;
    this.#target = targetOf(uploads);
  }

  /**
   * Returns the methods that apply to a path.
   *
   * @param request The request.
   * @returns All of them in the folder for uploads. Elsewhere COPY alone: what can
   * be read can be copied into that folder.
   */
  methodsAt(request: ShareRequest): readonly string[] {
    const isInside = this.#uploads.methodsAt(request).length > 0;
    return isInside ? this.methods : ["COPY"];
  }

  /**
   * Serves DELETE, MOVE and COPY.
   *
   * @param request The request.
   * @returns Whether the request has been answered.
   */
  handle(request: ShareRequest): boolean | Promise<boolean> {
    return runAction(request, this.#target.origins, this.#actions);
  }

  async #delete(request: ShareRequest): Promise<void> {
    parseDepth(request.field("depth"), ["infinity"]);
    const { place, names, check } = this.#source(request);
    const failed = await deleteEntry(place, { check });
    if (failed.length > 0) {
      return sendFailures(
        request,
        names,
        failed.map((name) => ({ name, status: 403 })),
      );
    }
    this.listener?.deleted(pathOf(place));
    sendShortResponse(request, 204, "");
  }

  async #move(request: ShareRequest): Promise<void> {
    parseDepth(request.field("depth"), ["infinity"]);
    const { place, names, check } = this.#source(request);
    const to = this.#destination(request);
    const { overwrite } = to;
    const placement = await moveEntry(place, to.place, { overwrite, check });
    this.listener?.moved(pathOf(place), pathOf(to.place));
    sendPlacement(request, "Moved", names, to.names, placement);
  }

  async #copy(request: ShareRequest): Promise<void> {
    const depth = parseDepth(request.field("depth"), [0, "infinity"]);
    const recursive = depth !== 0;
    const { servedDirectory } = request;
    const found = locate(request);
    const names = namesOf(request.path);
    checkPreconditions(request, found.info);
    const to = this.#destination(request);
    const { placement, failed } = await copyEntry(found, to.place, {
      servedDirectory,
      overwrite: to.overwrite,
      quota: this.#target.quota,
      maxBytes: this.#target.maxBytes,
      maxLevels: this.#target.folder.maxDepth - to.names.length,
      recursive,
    });
    // The properties of what the user cannot read are not copied.
    const below = found.path.slice(found.root.length);
    const all = request.access?.mayAll("read", below) ?? true;
    this.listener?.copied(found.path, pathOf(to.place), recursive && all);
    if (failed.length > 0) return sendFailures(request, to.names, failed);
    sendPlacement(request, "Copied", names, to.names, placement);
  }

  /** Finds the entry of a request to delete or move. */
  #source(request: ShareRequest): {
    place: Place;
    names: string[];
    check: (info: Deno.FileInfo) => void;
  } {
    const names = namesOf(request.path);
    const isFolder = isFolderTarget(request.path);
    const place = this.#sourcePlace(request, names);
    const check = (info: Deno.FileInfo): void => {
      if (isFolder && info.isFile) throw missing();
      checkPreconditions(request, targetInfo(request, place, info));
    };
    return { place, names, check };
  }

  #sourcePlace(request: ShareRequest, names: readonly string[]): Place {
    try {
      return this.#place(request, names);
    } catch (error) {
      // The parent folder is missing.
      const isMissing = error instanceof RequestError && error.status === 409;
      throw isMissing ? missing() : error;
    }
  }

  /** Finds a place that the user may change, with all that is below it. */
  #place({ access }: ShareRequest, names: readonly string[]): Place {
    const place = this.#target.folder.restrictedTo(access?.mayWrite)
      .place(names);
    const below = pathOf(place).slice(place.root?.length ?? 0);
    if (access?.mayAll("manage", below) !== false) return place;
    throw new RequestError(409, "The folder does not exist");
  }

  #destination(request: ShareRequest): Destination {
    const { names, overwrite } = readDestination(request);
    return { place: this.#place(request, names), names, overwrite };
  }
}

/** Finds the source of a copy, as a download does. */
function locate(request: ShareRequest): Found {
  const { servedDirectory } = request;
  const path = request.translatePath(request.path);
  if (path === "") throw missing();
  const located = servedDirectory.locate(path);
  if (located.kind !== "missing") return located;
  const stored = findInOtherNormalForm(servedDirectory, path);
  const found = stored === undefined ? located : servedDirectory.locate(stored);
  if (found.kind === "missing") throw missing();
  return found;
}

/** Returns the metadata that downloads of an entry show. */
function targetInfo(
  { servedDirectory }: ShareRequest,
  place: Place,
  info: Deno.FileInfo,
): Deno.FileInfo | undefined {
  if (!info.isSymlink) return info;
  const located = servedDirectory.locate(pathOf(place));
  return located.kind === "missing" ? undefined : located.info;
}

function checkPreconditions(
  request: ShareRequest,
  info: Deno.FileInfo | undefined,
): void {
  const validators = info && {
    etag: info.isFile ? etagOf(info) : undefined,
    lastModified: info.mtime?.getTime(),
  };
  checkConditions(request, validators);
}
