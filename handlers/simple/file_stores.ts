// Copyright 2026 the pystd authors. MIT license.

/**
 * The files that a class serves: a directory of this machine, or a source.
 *
 * @module
 */

import type { FileStore } from "../../files/file_store.ts";
import { SourceStore } from "../../sources/source_store.ts";
import type { SimpleHTTPRequestHandlerOptions } from "./options.ts";

/** The file system of Deno; other platforms serve sources only. */
const local = "Deno" in globalThis
  ? await import("./local_files.ts")
  : undefined;

/** The properties of a handler class that its files depend on. */
export interface FileStoreOptions {
  /** Most bytes of small files to keep in memory. */
  cacheBytes: number;
  /** How long a check of a file is valid, in ms; 0 for one turn. */
  freshFor: number;
  /** Most entries of a folder of a source that is listed. */
  maxListedEntries: number;
}

/** The store of each class and options object. */
const stores = new WeakMap<object, WeakMap<object, SourceStore>>();

/**
 * Returns the files that all handlers of a class with the same options share.
 *
 * @param cls The class.
 * @param options The directory or source, and which of its files are served.
 * @returns The files.
 * @throws {TypeError} If this platform has no directories.
 */
export function fileStoreFor(
  cls: FileStoreOptions,
  options: SimpleHTTPRequestHandlerOptions,
): FileStore {
  if (options.source === undefined) {
    return requireLocal().fileLookupFor(cls, options);
  }
  let ofClass = stores.get(cls);
  if (ofClass === undefined) stores.set(cls, ofClass = new WeakMap());
  let store = ofClass.get(options);
  if (store === undefined) {
    store = new SourceStore(options.source, {
      dotfiles: options.dotfiles ?? true,
      hide: options.hide,
      cacheBytes: cls.cacheBytes,
      freshFor: cls.freshFor,
      maxListedEntries: cls.maxListedEntries,
    });
    ofClass.set(options, store);
  }
  return store;
}

/**
 * Checks that what is served may be read, without a prompt.
 *
 * @param options The directory, or its only file, or the source.
 * @throws {Deno.errors.NotCapable} If the permission is missing.
 * @throws {TypeError} If this platform has no directories.
 */
export function requireReading(options: SimpleHTTPRequestHandlerOptions): void {
  if (options.source === undefined) requireLocal().requireReading(options);
}

function requireLocal(): NonNullable<typeof local> {
  if (local !== undefined) return local;
  throw new TypeError(
    `Cannot serve a directory without Deno: give the option "source"`,
  );
}
