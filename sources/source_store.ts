// Copyright 2026 the pystd authors. MIT license.

/**
 * The files of a source, as handlers see them: paths that start with a slash,
 * rules for hidden names, small files in memory.
 *
 * @module
 */

import { type ListingEntry, sortKey } from "../files/entries.ts";
import { type CachedFile, FileCache } from "../files/file_cache.ts";
import type {
  FileDescription,
  FileStore,
  FolderState,
  ListedEntry,
  OpenedFolder,
  ReadableFile,
  ReadyFile,
  SearchMatch,
  WalkEntry,
  WalkOptions,
} from "../files/file_store.ts";
import type { MaybePromise } from "../files/maybe_promise.ts";
import { FreshCache, Freshness } from "../files/freshness.ts";
import { hiddenPaths, type NameFilter } from "../files/hidden.ts";
import type { Found, Located } from "../files/served_directory.ts";
import { createListingLock } from "../files/listing_lock.ts";
import { queueShortWork, TimeSlices } from "../files/time_slices.ts";
import type { Platform } from "../protocol/path_segment.ts";
import { RequestError } from "../protocol/request_error.ts";
import { isTemporaryName } from "../protocol/upload_name.ts";
import type { Source, SourceEntry } from "./source.ts";
import { SourceFile } from "./streamed_file.ts";

/** Largest file to read at once, to compress and to keep in memory. */
const SMALL_FILE_BYTES = 256 * 1024;
/** A folder of fewer entries is small. A page of a list of S3 has this many. */
const LARGE_FOLDER = 1000;
/** How long a folder with too many entries is refused without a look at it, in ms. */
const REFUSAL_MS = 60_000;
/** Most folders that are refused in this way. */
const MAX_REFUSED = 256;
/** Most paths whose lookup is kept. */
const MAX_PATHS = 4096;
/** Deepest level of a walk, as for requests. */
const MAX_DEPTH = 128;

/** The type of a name that tells none. */
const UNKNOWN_TYPE = "application/octet-stream";

/** Large folders are read one at a time. */
const whileReading = createListingLock();

const MISSING: Located = { kind: "missing" };

/** Which files of a source are served, and what is kept. */
export interface SourceStoreOptions {
  /** Whether names that start with a dot are served. */
  readonly dotfiles: boolean;
  /** Further names that are not served. */
  readonly hide: NameFilter | undefined;
  /** Most bytes of small files to keep in memory. */
  readonly cacheBytes: number;
  /** How long a lookup is valid, in ms; 0 for one turn of the event loop. */
  readonly freshFor: number;
  /** Most entries of a folder that is listed. */
  readonly maxListedEntries: number;
}

/** A file or folder of a source. */
export interface SourceFound extends Found {
  /** What the source has reported. */
  readonly entry: SourceEntry;
}

/** A folder on the way of a walk. */
interface Level {
  /** Its path below the first folder, with a slash at its end; "" for that one. */
  readonly prefix: string;
  /** The entries of the page that are left. */
  entries: SourceEntry[];
  /** The pages that are left. */
  readonly pages: AsyncGenerator<readonly SourceEntry[], void>;
}

/** The files of a source. */
export class SourceStore implements FileStore {
  /** Paths start with a slash. */
  readonly path: string = "";
  /** The name of the source. */
  readonly name: string | undefined;
  /** Names are separated by slashes. */
  readonly platform: Platform = "posix";
  /** There is no directory. */
  readonly servedDirectory: undefined = undefined;
  /** The source. */
  readonly source: Source;
  #isHidden: (path: string) => boolean;
  #cache: FileCache;
  #located: FreshCache<MaybePromise<Located>>;
  #options: SourceStoreOptions;
  /** When folders were found to have too many entries. */
  #refused = new Map<string, number>();
  #refusal = new Freshness(REFUSAL_MS);
  #restricted = new WeakMap<object, SourceStore>();

  /**
   * Creates a store with empty caches.
   *
   * @param source The source.
   * @param options See {@linkcode SourceStoreOptions}.
   */
  constructor(source: Source, options: SourceStoreOptions) {
    const { dotfiles, hide, cacheBytes, freshFor } = options;
    this.source = source;
    this.name = source.name;
    this.#options = options;
    this.#isHidden = hiddenPaths(dotfiles, hide, "posix") ?? (() => false);
    this.#cache = new FileCache(cacheBytes);
    this.#located = new FreshCache(new Freshness(freshFor), MAX_PATHS);
  }

  /**
   * Returns a store of the same source, of which only some paths may be read.
   *
   * @param mayRead Tells whether a path may be read.
   * @returns The store; the same object for the same function.
   */
  restrictedTo(mayRead: (below: string) => boolean): SourceStore {
    let store = this.#restricted.get(mayRead);
    if (store === undefined) {
      store = new SourceStore(this.source, this.#options);
      const isHidden = store.#isHidden;
      store.#isHidden = (path) => isHidden(path) || !mayRead(path);
      store.#cache = this.#cache;
      this.#restricted.set(mayRead, store);
    }
    return store;
  }

  /** Files are compared with the source first: see `open`. */
  cached(): undefined {
    return undefined;
  }

  /**
   * Looks up a path.
   *
   * @param path The path.
   * @returns The file or folder; missing if it is hidden.
   * @throws {SourceError} If the source cannot tell.
   */
  locate(path: string): MaybePromise<Located> {
    if (path === "" || this.#isHidden(path)) return MISSING;
    return this.#located.get(path, this.#find);
  }

  #find = (path: string): MaybePromise<Located> => {
    const key = keyOf(path);
    if (key === "") return foundOf("", TOP);
    const wanted = path.endsWith("/") ? "directory" : undefined;
    const entry = this.source.find(key, wanted);
    if (!(entry instanceof Promise)) {
      return entry === undefined ? MISSING : foundOf(`/${key}`, entry);
    }
    return entry.then(
      (entry) => entry === undefined ? MISSING : foundOf(`/${key}`, entry),
      (error) => {
        this.#located.delete(path);
        throw error;
      },
    );
  };

  /** Names of a source are taken as they are. */
  otherSpelling(): undefined {
    return undefined;
  }

  /**
   * Opens a file. A small one is read, and kept as long as the source reports
   * the same version.
   *
   * @param path The requested path.
   * @param located The result of `locate`.
   * @param describe Returns the header fields of the file.
   * @returns The file.
   * @throws {SourceError} If it cannot be read.
   */
  open(
    path: string,
    located: Found,
    describe: (info: Deno.FileInfo) => FileDescription,
  ): MaybePromise<ReadyFile> {
    const { info, entry } = located as SourceFound;
    const description = describeEntry(entry, describe(info));
    const { size } = entry;
    const key = keyOf(path);
    if (size > SMALL_FILE_BYTES) {
      const file = new SourceFile(this.source, key, entry);
      return { file, info, ...description };
    }
    const kept = this.#cache.get(path);
    if (kept !== undefined && isKept(kept, entry)) return kept;
    const keep = (bytes: Uint8Array): ReadyFile => {
      const file = {
        info,
        bytes,
        ...description,
        folder: undefined,
        checked: 0,
      };
      if (entry.etag !== undefined) this.#cache.set(path, file);
      return file;
    };
    return readAll(new SourceFile(this.source, key, entry), size).then(keep);
  }

  /**
   * Opens a file to read it from its start to its end.
   *
   * @param found The result of `locate`.
   * @returns The file; nothing is read yet.
   */
  openToRead(found: Found): ReadableFile {
    const { path, info, entry } = found as SourceFound;
    const file = new SourceFile(this.source, keyOf(path), entry);
    return { file, info, etag: entry.etag };
  }

  /** A folder is always read in pages. */
  folderState(): FolderState {
    return { isLarge: true, mtime: undefined };
  }

  /** Throws, since no folder is read at once. */
  readFolder(): never {
    throw new TypeError("Cannot read a folder of a source at once");
  }

  /**
   * Begins to read a folder.
   *
   * @param path Its path.
   * @param dotfiles Whether names that start with a dot are shown.
   * @returns The folder.
   * @throws {SourceError} If it does not exist or cannot be listed.
   */
  openFolder(path: string, dotfiles: boolean): Promise<OpenedFolder> {
    return this.#open(
      path,
      (entry) =>
        dotfiles || !entry.name.startsWith(".")
          ? listingEntry(entry)
          : undefined,
    );
  }

  /** Throws if the folder had too many entries a short time ago. */
  #checkRefused(path: string): void {
    const found = this.#refused.get(path);
    if (found !== undefined && this.#refusal.isValid(found)) throw tooLarge();
  }

  #refuse(path: string, mark: number): never {
    if (this.#refused.size >= MAX_REFUSED) this.#refused.clear();
    this.#refused.set(path, mark);
    throw tooLarge();
  }

  /** Reads a small folder at once. The entries of a large one are not kept. */
  async #open<T>(
    path: string,
    describe: (entry: SourceEntry) => T | undefined,
  ): Promise<{ isLarge: boolean; read: () => Promise<T[]> }> {
    this.#checkRefused(path);
    const first = await this.#collect(path, describe, LARGE_FOLDER);
    if (first.length < LARGE_FOLDER) {
      return { isLarge: false, read: () => Promise.resolve(first) };
    }
    const most = this.#options.maxListedEntries;
    const read = async (): Promise<T[]> => {
      this.#checkRefused(path);
      const mark = this.#refusal.mark();
      const entries = await this.#collect(path, describe, most + 1);
      return entries.length <= most ? entries : this.#refuse(path, mark);
    };
    return { isLarge: true, read: () => whileReading(read) };
  }

  /** Reads a folder until there are enough entries, or to its end. */
  async #collect<T>(
    path: string,
    describe: (entry: SourceEntry) => T | undefined,
    enough: number,
  ): Promise<T[]> {
    const entries: T[] = [];
    using slices = new TimeSlices();
    for await (const page of this.#pages(path)) {
      for (const entry of page) {
        const described = describe(entry);
        if (described !== undefined) entries.push(described);
      }
      if (slices.over) await slices.pause();
      if (entries.length >= enough) break;
    }
    return entries;
  }

  /**
   * Lists a folder. A large one waits in `list()`, not here.
   *
   * @param _path The folder.
   * @param list Lists it.
   * @returns What `list` returns.
   */
  whileListing<T>(
    _path: string,
    list: (isLarge: boolean) => MaybePromise<T>,
  ): MaybePromise<T> {
    return list(true);
  }

  /**
   * Returns the entries of a folder.
   *
   * @param path Its path.
   * @returns The entries, unordered.
   * @throws {SourceError} If it does not exist or cannot be listed.
   */
  async list(path: string): Promise<ListedEntry[]> {
    const folder = await this.#open(path, ({ name, kind }) => ({
      name,
      isDirectory: kind === "directory",
      isSymlink: false,
    }));
    return await folder.read();
  }

  /**
   * Walks through all files below a folder. Of each open folder, one page is in
   * memory.
   *
   * @param top The folder.
   * @param options See {@linkcode WalkOptions}; there are no links.
   * @returns The files and folders: the pages of each folder in the order of the
   * source, and each page sorted by name.
   * @throws {SourceError} If a folder cannot be listed.
   */
  async *walk(
    top: Found,
    { only }: WalkOptions = {},
  ): AsyncGenerator<WalkEntry> {
    const levels = [this.#level("", top.path)];
    using slices = new TimeSlices();
    for (;;) {
      // The files of a source in memory are read without waiting.
      if (slices.over) await slices.pause();
      const level = levels.at(-1)!;
      const entry = level.entries.shift();
      if (entry === undefined) {
        if (await nextPage(level)) continue;
        levels.pop();
        if (levels.length === 0) return;
        continue;
      }
      const { name, kind } = entry;
      if (levels.length === 1 && only?.has(name) === false) continue;
      const path = `${top.path}/${level.prefix}${name}`;
      const found = foundOf(path, entry);
      if (kind === "file") {
        yield { name: level.prefix + name, found };
      } else if (levels.length < MAX_DEPTH) {
        const below = `${level.prefix}${name}/`;
        yield { name: below, found };
        levels.push(this.#level(below, path));
      }
    }
  }

  /**
   * Finds names below a folder. Of each open folder, one page is in memory.
   *
   * @param folder The folder.
   * @param matches Tells whether a name is wanted.
   * @returns The matches: a batch for each page. The folders of a page come before
   * the next page.
   */
  async *search(
    folder: Found,
    matches: (name: string) => boolean,
  ): AsyncGenerator<SearchMatch[]> {
    const levels = [this.#level("", folder.path)];
    for (;;) {
      const level = levels.at(-1)!;
      const { prefix, entries } = level;
      const below = entries.shift();
      if (below !== undefined) {
        const path = `${prefix}${below.name}`;
        levels.push(this.#level(`${path}/`, `${folder.path}/${path}`));
      } else if (await nextPage(level)) {
        const found = level.entries.filter(({ name }) => matches(name));
        yield found.map((entry) => {
          const path = prefix + entry.name;
          const found = foundOf(`${folder.path}/${path}`, entry);
          return { path, isSymlink: false, found };
        });
        level.entries = levels.length === MAX_DEPTH
          ? []
          : level.entries.filter(({ kind }) => kind === "directory");
      } else {
        levels.pop();
        if (levels.length === 0) return;
      }
    }
  }

  #level(prefix: string, path: string): Level {
    return { prefix, entries: [], pages: this.#pages(path) };
  }

  /** Lists a folder without hidden and temporary names, and those of no request. */
  async *#pages(
    path: string,
  ): AsyncGenerator<readonly SourceEntry[], void> {
    const key = keyOf(path);
    const folder = key === "" ? "" : `/${key}`;
    for await (const page of this.source.list(key)) {
      // A source in memory waits for nothing, and a folder may have many pages.
      yield await queueShortWork(() =>
        page.filter(({ name }) =>
          name !== "" && name !== "." && name !== ".." &&
          !name.includes("/") && !name.includes("\0") &&
          !isTemporaryName(name) &&
          !this.#isHidden(`${folder}/${name}`)
        )
      );
    }
  }
}

function tooLarge(): RequestError {
  return new RequestError(403, "The folder has too many entries to list");
}

/** Adds to the fields of a file what its source knows. */
function describeEntry(
  entry: SourceEntry,
  made: FileDescription,
): FileDescription {
  const { type = UNKNOWN_TYPE, coding = "", fields } = entry;
  // Without a time, the size would be the whole entity tag.
  const etag = entry.etag ??
    (entry.modified === undefined ? `"${crypto.randomUUID()}"` : made.etag);
  const isTyped = made.type === UNKNOWN_TYPE && isFieldValue(type);
  return {
    ...made,
    etag,
    type: isTyped ? type : made.type,
    coding: isFieldValue(coding) ? coding : undefined,
    fields: fields?.filter(([, value]) => isFieldValue(value)),
  };
}

/** Whether a stored text can be the value of a field (RFC 9110 section 5.5). */
function isFieldValue(text: string): boolean {
  return /^[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?$/
    .test(text);
}

/** Whether a file in memory is the version that a source reports. */
function isKept(
  { etag, info: { mtime } }: CachedFile,
  entry: SourceEntry,
): boolean {
  // Other fields with the same content have the same entity tag.
  return etag === entry.etag && mtime?.getTime() === entry.modified;
}

/**
 * Reads the next page of a folder.
 *
 * @returns Whether there was one; it may be empty.
 */
async function nextPage(level: Level): Promise<boolean> {
  const { value, done } = await level.pages.next();
  if (done) return false;
  level.entries = value.toSorted(({ name: a }, { name: b }) => a < b ? -1 : 1);
  return true;
}

const TOP: SourceEntry = { name: "", kind: "directory", size: 0 };

/** Returns the path of a source for one of a request. */
function keyOf(path: string): string {
  return path.split("/").filter((name) => name !== "").join("/");
}

function foundOf(path: string, entry: SourceEntry): SourceFound {
  return { kind: entry.kind, path, root: "", info: infoOf(entry), entry };
}

/**
 * Returns the metadata of an entry in the form of a file's.
 *
 * @param entry The entry.
 * @returns Its metadata.
 */
export function infoOf(
  { kind, size, modified }: SourceEntry,
): Deno.FileInfo {
  return {
    isFile: kind === "file",
    isDirectory: kind === "directory",
    isSymlink: false,
    size,
    mtime: modified === undefined ? null : new Date(modified),
    atime: null,
    birthtime: null,
    ctime: null,
    dev: 0,
    ino: null,
    mode: null,
    nlink: null,
    uid: null,
    gid: null,
    rdev: null,
    blksize: null,
    blocks: null,
    isBlockDevice: null,
    isCharDevice: null,
    isFifo: null,
    isSocket: null,
  };
}

function listingEntry(
  { name, kind, size, modified }: SourceEntry,
): ListingEntry {
  return {
    name,
    kind,
    isSymlink: false,
    size: kind === "file" ? size : -1,
    mtime: modified ?? NaN,
    key: sortKey(name),
  };
}

async function readAll(file: SourceFile, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  let length = 0;
  for await (const piece of file.pieces(0, size)) {
    bytes.set(piece, length);
    length += piece.length;
  }
  return bytes;
}
