// Copyright 2026 the pystd authors. MIT license.

/**
 * The media type of a file by its extension. Names are split as Python's
 * `mimetypes` does; the types come from `@std/media-types`. Its table is loaded
 * with the first extension that is not known here: that takes some 10 ms.
 *
 * @module
 */

import type { typeByExtension } from "@std/media-types/type-by-extension";

/** Returns the registered type of an extension; set when the table is loaded. */
let registeredType: typeof typeByExtension | undefined;

/** The type of a file with an unknown extension. */
const DEFAULT_TYPE = "application/octet-stream";

/**
 * Short forms of two extensions: `.tgz` is `.tar.gz`, so its type is `.tar`.
 */
const SUFFIX_MAP: ReadonlyMap<string, string> = new Map([
  [".svgz", ".svg"],
  [".tgz", ".tar"],
  [".taz", ".tar"],
  [".tz", ".tar"],
  [".tbz2", ".tar"],
  [".txz", ".tar"],
]);

/** Extensions of encodings, not of types; case-sensitive as in Python. */
const ENCODINGS: ReadonlySet<string> = new Set([
  ".gz",
  ".Z",
  ".bz2",
  ".xz",
  ".br",
]);

/** Types of web pages and what they show, as `@std/media-types` has them. */
export const WEB_TYPES: ReadonlyMap<string, string> = new Map([
  [".css", "text/css"],
  [".gif", "image/gif"],
  [".htm", "text/html"],
  [".html", "text/html"],
  [".ico", "image/vnd.microsoft.icon"],
  [".jpeg", "image/jpeg"],
  [".jpg", "image/jpeg"],
  [".js", "text/javascript"],
  [".json", "application/json"],
  [".mjs", "text/javascript"],
  [".mp3", "audio/mpeg"],
  [".mp4", "video/mp4"],
  [".pdf", "application/pdf"],
  [".png", "image/png"],
  [".svg", "image/svg+xml"],
  [".txt", "text/plain"],
  [".wasm", "application/wasm"],
  [".webp", "image/webp"],
  [".woff2", "font/woff2"],
]);

/**
 * CPython's `SimpleHTTPRequestHandler.extensions_map`. A compressed file has
 * its own type, not that of its content: there is no `Content-Encoding`.
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
 * Guesses the media type of a file from its extension. The map comes first,
 * with the extension as it is and in lower case. Then the extension of an
 * encoding is removed, and `@std/media-types` has the type. (CPython:
 * `guess_type()`, `mimetypes.guess_file_type()`)
 *
 * Differs from CPython: where the tables disagree, `@std/media-types` has the
 * registered type.
 *
 * @param path The path, with `/` between names.
 * @param extensionsMap Types by extension, with its dot.
 * @param defaultType The type of an unknown extension.
 * @returns The media type, without a charset; a promise for it while the table
 * of `@std/media-types` is not loaded.
 *
 * @example
 * ```ts
 * import { DEFAULT_EXTENSIONS_MAP, guessType } from "./media_types.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const map = { ...DEFAULT_EXTENSIONS_MAP, ".foo": "text/foo" };
 * assertEquals(await guessType("a/b.epub", map), "application/epub+zip");
 * assertEquals(guessType("b.FOO", map), "text/foo");
 * assertEquals(guessType(".html", map), "application/octet-stream");
 * ```
 */
export function guessType(
  path: string,
  extensionsMap: Readonly<Record<string, string>>,
  defaultType: string = DEFAULT_TYPE,
): string | Promise<string> {
  const extension = path.slice(extensionStart(path));
  const type = extensionsMap[extension] ??
    extensionsMap[extension.toLowerCase()];
  if (type !== undefined) return type;
  const inner = innerExtension(path, extension);
  if (inner === "") return defaultType;
  const webType = WEB_TYPES.get(inner.toLowerCase());
  if (webType !== undefined) return webType;
  if (registeredType !== undefined) return registeredType(inner) ?? defaultType;
  return loadTypes().then((byExtension) => byExtension(inner) ?? defaultType);
}

async function loadTypes(): Promise<typeof typeByExtension> {
  const table = await import("@std/media-types/type-by-extension");
  return registeredType = table.typeByExtension;
}

/** Returns the extension of the type, without that of an encoding. */
function innerExtension(path: string, extension: string): string {
  const inner = SUFFIX_MAP.get(extension.toLowerCase());
  if (inner !== undefined) return inner;
  if (!ENCODINGS.has(extension)) return extension;
  const name = path.slice(0, path.length - extension.length);
  return name.slice(extensionStart(name));
}

/**
 * Returns the start of the extension of the last name, with its dot; the length
 * of the path if there is none. Leading dots are not an extension.
 * (`posixpath.splitext()`)
 */
function extensionStart(path: string): number {
  const dot = path.lastIndexOf(".");
  let at = path.lastIndexOf("/") + 1;
  while (path[at] === ".") at++;
  return at < dot ? dot : path.length;
}
