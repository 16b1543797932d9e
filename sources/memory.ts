// Copyright 2026 the pystd authors. MIT license.

import { codedEtag, formatEtag } from "../protocol/etag.ts";
import {
  type CopyOptions,
  type MakeDirectoryOptions,
  type MoveOptions,
  type ReadOptions,
  type RemoveOptions,
  type Source,
  type SourceEntry,
  SourceError,
  type WriteOptions,
  type Written,
} from "./source.ts";
import { Tree } from "./tree.ts";

/** A file in memory. */
interface MemoryFile {
  readonly bytes: Uint8Array;
  /** When it was written, in epoch ms. */
  readonly modified: number;
  /** How many files were written before it. */
  readonly version: number;
}

/**
 * A source in memory, for tests and for files that are embedded in a program.
 *
 * @example Usage
 * ```ts
 * import { MemorySource } from "@pystd/http-server/sources";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const source = new MemorySource({ "index.html": "<h1>Hello</h1>" });
 * assertEquals(source.find("index.html")?.size, 14);
 * ```
 */
export class MemorySource implements Source {
  /** What messages call it. */
  readonly label: string = "memory";
  #tree: Tree<MemoryFile> = new Tree(entryOf);
  #version = 0;

  /**
   * Stores files.
   *
   * @param files Their contents by path; text is encoded as UTF-8. A path that
   * ends with a slash is an empty folder.
   * @param modified When they were modified, in ms since the epoch. Programs
   * that serve the same files give the same time, for the same entity tags.
   * @throws {TypeError} If a path is not names joined by `/`.
   */
  constructor(
    files: Readonly<Record<string, string | Uint8Array>> = {},
    modified: number = Date.now(),
  ) {
    for (const [path, content] of Object.entries(files)) {
      const names = path.replace(/\/$/, "").split("/");
      if (names.some((name) => /^\.{0,2}$/.test(name))) {
        throw new TypeError(
          `Cannot store "${path}": a path is names joined by "/"`,
        );
      }
      if (path.endsWith("/")) {
        if (!this.#tree.makeFolder(names)) throw taken();
      } else this.#put(names, toBytes(content), modified, 0);
    }
  }

  /**
   * Loads files that lie beside a module, wherever the module was loaded from.
   *
   * @param base The folder, such as `new URL("assets/", import.meta.url)`.
   * @param paths The files' paths in it.
   * @param modified When they were modified, in ms since the epoch.
   * @returns The source.
   * @throws {TypeError} If a file cannot be loaded, or a path is not names joined
   * by `/`.
   */
  static async load(
    base: string | URL,
    paths: readonly string[],
    modified?: number,
  ): Promise<MemorySource> {
    const files = await Promise.all(paths.map(async (path) => {
      const url = new URL(
        path.split("/").map(encodeURIComponent).join("/"),
        base,
      );
      const response = await fetch(url);
      if (!response.ok) {
        throw new TypeError(`Cannot load ${url}: status ${response.status}`);
      }
      const bytes = new Uint8Array(await response.arrayBuffer());
      return [path, bytes] as const;
    }));
    return new MemorySource(Object.fromEntries(files), modified);
  }

  /**
   * Finds a file or a folder.
   *
   * @param path The path.
   * @param kind The only kind that is wanted.
   * @returns The entry; `undefined` if there is none.
   */
  find(path: string, kind?: "directory"): SourceEntry | undefined {
    return this.#tree.find(path, kind);
  }

  /**
   * Lists a folder.
   *
   * @param path The folder.
   * @returns Its entries, in pages of 1,000.
   * @throws {SourceError} If there is no such folder.
   */
  list(path: string): AsyncIterable<readonly SourceEntry[]> {
    return this.#tree.list(path);
  }

  /**
   * Reads a part of a file.
   *
   * @param path The file.
   * @param options See {@linkcode ReadOptions}.
   * @returns The bytes.
   * @throws {SourceError} If the file is gone or has changed.
   */
  read(path: string, { start, end, entry }: ReadOptions): Uint8Array {
    const file = this.#tree.file(path);
    if (entryOf(entry.name, file).etag !== entry.etag) {
      throw new SourceError(503, "The file has just changed");
    }
    return file.bytes.subarray(start, end);
  }

  /**
   * Writes a file, and its folders if they are missing.
   *
   * @param path The file.
   * @param content The content.
   * @param options See {@linkcode WriteOptions}.
   * @returns What became of it.
   * @throws {SourceError} 409 if the path is that of a folder, or leads through
   * a file.
   */
  async write(
    path: string,
    content: AsyncIterable<Uint8Array>,
    { overwrite, ifMatch }: WriteOptions,
  ): Promise<Written> {
    const bytes = await collect(content);
    const present = this.#tree.find(path);
    if (present?.kind === "directory") throw taken();
    if (present !== undefined && !overwrite) return "exists";
    if (ifMatch !== undefined && present?.etag !== ifMatch) return "exists";
    this.#put(path.split("/"), bytes, Date.now(), ++this.#version);
    return present === undefined ? "created" : "replaced";
  }

  /**
   * Makes a folder, and its parents if they are missing.
   *
   * @param path The folder.
   * @param options See {@linkcode MakeDirectoryOptions}.
   * @returns Whether it was made; if not, the name is taken.
   * @throws {SourceError} 409 if the path leads through a file.
   */
  makeDirectory(
    path: string,
    { overwrite = false }: MakeDirectoryOptions = {},
  ): Promise<boolean> {
    const present = this.find(path);
    if (present?.kind === "file" && overwrite) this.#tree.remove(path, "file");
    else if (present !== undefined) return Promise.resolve(false);
    if (!this.#tree.makeFolder(path.split("/"))) throw taken();
    return Promise.resolve(true);
  }

  /**
   * Removes a file, or a folder with all that is in it.
   *
   * @param path The file or folder.
   * @param options See {@linkcode RemoveOptions}.
   * @throws {SourceError} 404 if it does not exist, 412 if it is another version.
   */
  async remove(path: string, options: RemoveOptions): Promise<void> {
    this.#check(path, options);
    await this.#tree.remove(path, options.kind);
  }

  /**
   * Gives a file, or a folder with all that is in it, another path, at once.
   *
   * @param from The file or folder.
   * @param to Its new path.
   * @param options See {@linkcode MoveOptions}.
   * @returns What became of it.
   * @throws {SourceError} 404 if it does not exist, 412 if it is another version,
   * 409 if the new path leads through a file.
   */
  async move(
    from: string,
    to: string,
    options: MoveOptions,
  ): Promise<Written> {
    this.#check(from, options);
    const present = this.find(to);
    if (present !== undefined && !options.overwrite) return "exists";
    // Each file gets a new entity tag: another one may have had its new path.
    const renew = (file: MemoryFile): MemoryFile => ({
      ...file,
      version: ++this.#version,
    });
    const isMoved = this.#tree.move(from, to, options.kind, renew);
    if (!await isMoved) throw taken();
    return present === undefined ? "created" : "replaced";
  }

  /**
   * Copies a file; the copy has its time.
   *
   * @param from The file.
   * @param to The path of the copy.
   * @param options See {@linkcode CopyOptions}.
   * @returns What became of it.
   * @throws {SourceError} 404 if the file does not exist, 412 if it is another
   * version, 409 if the new path leads through a file.
   */
  async copy(
    from: string,
    to: string,
    { overwrite, ifMatch }: CopyOptions,
  ): Promise<Written> {
    this.#check(from, { kind: "file", ifMatch });
    const { bytes, modified } = this.#tree.file(from);
    const present = this.find(to);
    if (present !== undefined && !overwrite) return "exists";
    if (present?.kind === "directory") this.#tree.remove(to, "directory");
    await this.#put(to.split("/"), bytes, modified, ++this.#version);
    return present === undefined ? "created" : "replaced";
  }

  /** Checks the kind and the version of what is to change. */
  #check(path: string, { kind, ifMatch }: RemoveOptions): void {
    const entry = this.find(path);
    if (entry?.kind !== kind) throw new SourceError(404, "File not found");
    if (ifMatch !== undefined && entry.etag !== ifMatch) {
      throw new SourceError(412, "Precondition Failed");
    }
  }

  #put(
    names: readonly string[],
    bytes: Uint8Array,
    modified: number,
    version: number,
  ): void {
    if (!this.#tree.put(names, { bytes, modified, version })) throw taken();
  }
}

function entryOf(
  name: string,
  { bytes: { length: size }, modified, version }: MemoryFile,
): SourceEntry {
  // Two versions may have the same size and time.
  const etag = codedEtag(formatEtag(size, modified), version.toString(36));
  return { name, kind: "file", size, modified, etag };
}

function toBytes(content: string | Uint8Array): Uint8Array {
  return typeof content === "string"
    ? new TextEncoder().encode(content)
    : content;
}

async function collect(
  content: AsyncIterable<Uint8Array>,
): Promise<Uint8Array> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for await (const piece of content) pieces.push(new Uint8Array(piece));
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

function taken(): SourceError {
  return new SourceError(409, "A file or folder with this name already exists");
}
