// Copyright 2026 the pystd authors. MIT license.

/**
 * The media type of a file by its name, as `SimpleHTTPRequestHandler` and
 * Python's `mimetypes` take a name apart, over the table of
 * `@std/media-types`.
 *
 * @module
 */

import { typeByExtension } from "@std/media-types/type-by-extension";

/** The type of a file of which nothing is known. */
const DEFAULT_TYPE = "application/octet-stream";

/** Extensions that say two things, as `.tgz` is `.tar.gz`: the first of them. */
const SUFFIX_MAP: ReadonlyMap<string, string> = new Map([
  [".svgz", ".svg"],
  [".tgz", ".tar"],
  [".taz", ".tar"],
  [".tz", ".tar"],
  [".tbz2", ".tar"],
  [".txz", ".tar"],
]);

/** Extensions that name an encoding, not a type; case-sensitive. */
const ENCODINGS: ReadonlySet<string> = new Set([
  ".gz",
  ".Z",
  ".bz2",
  ".xz",
  ".br",
]);

/**
 * CPython's `SimpleHTTPRequestHandler.extensions_map`: compressed files are
 * sent as what they are, not as what is in them, since no
 * `Content-Encoding` tells the client to decompress them.
 *
 * @example
 * ```ts
 * import { DEFAULT_EXTENSIONS_MAP } from "./media_types.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(DEFAULT_EXTENSIONS_MAP[".gz"], "application/gzip");
 * ```
 */
export const DEFAULT_EXTENSIONS_MAP: Readonly<Record<string, string>> = {
  ".gz": "application/gzip",
  ".Z": "application/octet-stream",
  ".bz2": "application/x-bzip2",
  ".xz": "application/x-xz",
};

/**
 * Guesses the media type of a file from its extension: first in the map, as it
 * is and in lower case; then, after taking off the extension of an encoding,
 * in the table of `@std/media-types`. (CPython: `guess_type()`,
 * `mimetypes.guess_file_type()`)
 *
 * Differs from CPython: that table is another one, which has the registered
 * type where the two disagree.
 *
 * @param path The path, with `/` between the names
 * @param extensionsMap Types by extension with its dot, which come first
 * @param defaultType The type of an unknown extension
 * @returns The media type, without a charset
 *
 * @example
 * ```ts
 * import { DEFAULT_EXTENSIONS_MAP, guessType } from "./media_types.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const map = { ...DEFAULT_EXTENSIONS_MAP, ".foo": "text/foo" };
 * assertEquals(guessType("a/b.html", map), "text/html");
 * assertEquals(guessType("b.FOO", map), "text/foo");
 * assertEquals(guessType(".html", map), "application/octet-stream");
 * ```
 */
export function guessType(
  path: string,
  extensionsMap: Readonly<Record<string, string>>,
  defaultType: string = DEFAULT_TYPE,
): string {
  const extension = path.slice(extensionStart(path));
  return extensionsMap[extension] ?? extensionsMap[extension.toLowerCase()] ??
    typeByExtension(innerExtension(path, extension)) ?? defaultType;
}

/** The extension that names the type: without that of an encoding. */
function innerExtension(path: string, extension: string): string {
  const inner = SUFFIX_MAP.get(extension.toLowerCase());
  if (inner !== undefined) return inner;
  if (!ENCODINGS.has(extension)) return extension;
  const name = path.slice(0, path.length - extension.length);
  return name.slice(extensionStart(name));
}

/**
 * Where the extension of the last name starts, with its dot; the path's length
 * if it has none. Dots at the start of a name start no extension.
 * (`posixpath.splitext()`)
 */
function extensionStart(path: string): number {
  const dot = path.lastIndexOf(".");
  let at = path.lastIndexOf("/") + 1;
  while (path[at] === ".") at++;
  return at < dot ? dot : path.length;
}
