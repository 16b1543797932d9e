// Copyright 2026 the pystd authors. MIT license.

/**
 * {@linkcode SourceManagement}: DELETE, MOVE and COPY of RFC 4918 (section 9) for
 * the files of a source.
 *
 * A source moves files and folders itself. A folder is copied file by file, since a
 * copy has only what the user may read; what it replaces is removed last.
 *
 * @module
 */

import { checkApart } from "../../../files/check_apart.ts";
import type { Found } from "../../../files/served_directory.ts";
import { parseDepth } from "../../../protocol/dav/destination.ts";
import { RequestError } from "../../../protocol/request_error.ts";
import {
  type Source,
  type SourceEntry,
  SourceError,
  type Written,
} from "../../../sources/source.ts";
import type { SourceFound } from "../../../sources/source_store.ts";
import { pathBelow } from "../access.ts";
import type { ManageFeature } from "../features.ts";
import type { ShareRequest } from "../request.ts";
import { sendShortResponse } from "../short_response.ts";
import {
  checkNames,
  checkVersion,
  MAX_DEPTH,
  type SourceTarget,
  sourceTargetOf,
} from "../upload/source_target.ts";
import type { SourceUploads } from "../upload/source_uploads.ts";
import {
  type Actions,
  type Failure,
  isFolderTarget,
  METHODS,
  missing,
  namesOf,
  readDestination,
  runAction,
  sendFailures,
  sendPlacement,
} from "./manage_request.ts";

/** Most failures to report. */
const MAX_FAILURES = 1000;

/** A source with the methods that management needs. */
type ManagedSource =
  & Source
  & Required<Pick<Source, "makeDirectory" | "remove" | "move" | "copy">>;

/** What is to be deleted or moved. */
interface Subject {
  readonly names: readonly string[];
  readonly path: string;
  readonly entry: SourceEntry;
  /** The entity tag of the only version that the request is about. */
  readonly ifMatch: string | undefined;
}

/** The destination of a COPY or MOVE. */
interface Destination {
  readonly names: readonly string[];
  readonly path: string;
  readonly overwrite: boolean;
}

/** The outcome of the copy of a folder. */
interface Copied {
  readonly written: Written;
  readonly failed: readonly Failure[];
}

/**
 * Deletes, moves and copies files and folders of a source, by the rules of its
 * uploads.
 *
 * @example Usage
 * ```ts
 * import { toFetchHandler } from "@pystd/http-server/fetch";
 * import { ShareHTTPRequestHandler } from "@pystd/http-server/handlers/share";
 * import { SourceManagement } from "@pystd/http-server/handlers/share/source-management";
 * import { SourceUploads } from "@pystd/http-server/handlers/share/source-uploads";
 * import { MemorySource } from "@pystd/http-server/sources";
 * import { assertEquals } from "@std/assert/equals";
 *
 * class Handler extends ShareHTTPRequestHandler {
 *   override logMessage(): void {}
 * }
 * const source = new MemorySource({ "a.txt": "alpha" });
 * const uploads = new SourceUploads(source, { overwrite: true });
 * const manage = new SourceManagement(uploads);
 * const handler = toFetchHandler(Handler.with({ source, uploads, manage }));
 * const headers = { Destination: "/b.txt" };
 * const response = await handler(
 *   new Request("http://localhost/a.txt", { method: "MOVE", headers }),
 * );
 * assertEquals(await response.text(), "Moved /a.txt to /b.txt\n");
 * assertEquals(source.find("b.txt")?.size, 5);
 * ```
 */
export class SourceManagement implements ManageFeature {
  /** The methods that it answers. */
  readonly methods: readonly string[] = METHODS;
  #uploads: SourceUploads;
  #source: ManagedSource;
  #target: SourceTarget;
  #actions: Actions = {
    DELETE: (request) => this.#delete(request),
    MOVE: (request) => this.#move(request),
    COPY: (request) => this.#copy(request),
  };

  /**
   * Stores its arguments.
   *
   * @param uploads The uploads, whose source, names, limits and origins apply.
   * @throws {TypeError} If the source cannot remove, move and copy.
   */
  constructor(uploads: SourceUploads) {
    this.#uploads = uploads;
    this.#target = sourceTargetOf(uploads);
    const { source } = this.#target;
    if (!source.remove || !source.move || !source.copy) {
      throw new TypeError(
        `Cannot manage ${source.label}: it has no remove, move or copy`,
      );
    }
    this.#source = source as ManagedSource;
  }

  /**
   * Returns the methods that apply to a path.
   *
   * @param request The request.
   * @returns All of them where the client may upload. Elsewhere COPY alone: what
   * can be read can be copied to another place.
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
    const { names, path, entry: { kind }, ifMatch } = await this.#find(request);
    await this.#source.remove(path, { kind, ifMatch });
    await this.#keepFolder(names.slice(0, -1));
    sendShortResponse(request, 204, "");
  }

  async #move(request: ShareRequest): Promise<void> {
    parseDepth(request.field("depth"), ["infinity"]);
    const { names, path, entry: { kind }, ifMatch } = await this.#find(request);
    const to = await this.#destination(request, `/${path}`);
    const { overwrite } = to;
    const options = { kind, ifMatch, overwrite };
    const written = await this.#source.move(path, to.path, options);
    if (written === "exists") throw inUse();
    await this.#keepFolder(names.slice(0, -1));
    sendPlacement(request, "Moved", names, to.names, written);
  }

  async #copy(request: ShareRequest): Promise<void> {
    const depth = parseDepth(request.field("depth"), [0, "infinity"]);
    const found = await locate(request);
    const ifMatch = checkVersion(request, found.entry);
    const to = await this.#destination(request, found.path);
    const { written, failed } = found.kind === "directory"
      ? await this.#copyFolder(request, found, to, depth !== 0)
      : { written: await this.#copyFile(found, to, ifMatch), failed: [] };
    if (written === "exists") throw inUse();
    if (failed.length > 0) return sendFailures(request, to.names, failed);
    const names = namesOf(request.path);
    sendPlacement(request, "Copied", names, to.names, written);
  }

  /** Finds what the user may delete or move, with all that is in it. */
  async #find(request: ShareRequest): Promise<Subject> {
    const names = namesOf(request.path);
    const path = this.#pathFor(request, names);
    const kind = isFolderTarget(request.path) ? "directory" : undefined;
    const entry = await this.#source.find(path, kind);
    if (entry === undefined) throw missing();
    return { names, path, entry, ifMatch: checkVersion(request, entry) };
  }

  async #destination(
    request: ShareRequest,
    source: string,
  ): Promise<Destination> {
    const { names, overwrite } = readDestination(request);
    const path = this.#pathFor(request, names);
    checkApart(source, `/${path}`, "/");
    const folder = names.slice(0, -1).join("/");
    if (
      folder !== "" &&
      await this.#source.find(folder, "directory") === undefined
    ) throw new RequestError(409, "The folder does not exist");
    return { names, path, overwrite };
  }

  /** Returns a path that the user may change, with all that is below it. */
  #pathFor(request: ShareRequest, names: readonly string[]): string {
    if (names.length === 0) {
      throw new RequestError(403, "The shared folder itself cannot be changed");
    }
    checkNames(request, names, this.#target);
    const below = pathBelow(names);
    if (request.access?.mayAll("manage", below) === false) {
      throw new RequestError(403, "You may not change this");
    }
    return names.join("/");
  }

  /** A bucket has no empty folders: keeps the one whose last file has gone. */
  async #keepFolder(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    const path = names.join("/");
    try {
      if (await this.#source.find(path, "directory") !== undefined) return;
      await this.#source.makeDirectory(path);
    } catch (error) {
      // What was asked for is done.
      if (!(error instanceof SourceError)) throw error;
    }
  }

  #copyFile(
    { path, entry }: SourceFound,
    to: Pick<Destination, "path" | "overwrite">,
    ifMatch?: string,
  ): Promise<Written> {
    if (entry.size > this.#target.maxBytes) {
      throw new RequestError(413, "Content Too Large");
    }
    const { overwrite } = to;
    return this.#source.copy(path.slice(1), to.path, { overwrite, ifMatch });
  }

  async #copyFolder(
    request: ShareRequest,
    folder: Found,
    to: Destination,
    recursive: boolean,
  ): Promise<Copied> {
    const present = await this.#source.find(to.path);
    if (present !== undefined && !to.overwrite) {
      return { written: "exists", failed: [] };
    }
    await this.#makeFolder(to);
    const copied = new Set<string>();
    const failed: Failure[] = [];
    const entries = recursive ? request.files.walk(folder) : [];
    for await (const { name, found } of entries) {
      copied.add(name);
      try {
        await this.#copyEntry(found as SourceFound, to, name);
      } catch (error) {
        const isOfFile = error instanceof RequestError && error.status < 500;
        if (!isOfFile) throw error;
        const { status } = error;
        if (failed.length < MAX_FAILURES) failed.push({ name, status });
      }
    }
    if (present !== undefined) await this.#removeOthers(to.path, copied, "");
    if (present?.kind === "file") await this.#removeBeside(to.path, present);
    return { written: present === undefined ? "created" : "replaced", failed };
  }

  async #copyEntry(
    found: SourceFound,
    to: Destination,
    name: string,
  ): Promise<void> {
    const path = `${to.path}/${name}`.replace(/\/$/, "");
    if (path.split("/").length > MAX_DEPTH) {
      throw new RequestError(403, "The copy would be too deep");
    }
    const { overwrite } = to;
    if (found.kind === "directory") {
      return await this.#makeFolder({ path, overwrite });
    }
    const written = await this.#copyFile(found, { path, overwrite });
    if (written === "exists") throw inUse();
  }

  /** Makes a folder if there is none; a file makes room if it may be replaced. */
  async #makeFolder(
    { path, overwrite }: Pick<Destination, "path" | "overwrite">,
  ): Promise<void> {
    const isMade = await this.#source.makeDirectory(path, { overwrite });
    if (!isMade && !overwrite) throw inUse();
  }

  /** Removes a file that a folder replaces, if the source has both. */
  async #removeBeside(path: string, { etag }: SourceEntry): Promise<void> {
    try {
      await this.#source.remove(path, { kind: "file", ifMatch: etag });
    } catch (error) {
      if (!(error instanceof SourceError) || error.status !== 404) throw error;
    }
  }

  /** Removes what a copied folder replaces. */
  async #removeOthers(
    folder: string,
    copied: ReadonlySet<string>,
    prefix: string,
  ): Promise<void> {
    for await (
      const page of this.#source.list(`${folder}/${prefix}`.slice(0, -1))
    ) {
      for (const { name, kind } of page) {
        // Names of no request stay.
        if (/^\.{0,2}$/.test(name)) continue;
        const path = prefix + name;
        if (kind === "directory" && copied.has(`${path}/`)) {
          await this.#removeOthers(folder, copied, `${path}/`);
        } else if (kind === "directory" || !copied.has(path)) {
          await this.#source.remove(`${folder}/${path}`, { kind });
        }
      }
    }
  }
}

/** Finds the source of a copy, as a download does. */
async function locate(request: ShareRequest): Promise<SourceFound> {
  const path = request.translatePath(request.path);
  const found = await request.files.locate(path);
  if (found.kind === "missing") throw missing();
  return found as SourceFound;
}

function inUse(): RequestError {
  return new RequestError(412, "The destination exists");
}
