// Copyright 2026 the pystd authors. MIT license.

/**
 * The request target as `SimpleHTTPRequestHandler` reads it: what is the path,
 * which names lead to the file, and where a directory without its slash is.
 *
 * A target is text, never a `URL`: that would resolve dots, escape and
 * unescape, and fail where a request must be answered.
 *
 * @module
 */

/** The parts of a request target, as sent. */
export interface Target {
  /** What comes before the query and the fragment. */
  readonly path: string;
  /** What comes after the first `?`, "" if there is none. */
  readonly query: string;
  /** What comes after the first `#`, "" if there is none. */
  readonly fragment: string;
}

/**
 * Splits a request target into path, query and fragment. A `?` after the first
 * `#` belongs to the fragment. (CPython: `translate_path()` and
 * `urllib.parse.urlsplit()`; no client should send a fragment.)
 *
 * @param target The request target.
 * @returns The parts, escapes and all.
 *
 * @example
 * ```ts
 * import { splitTarget } from "./request_target.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(splitTarget("/a?x=1&y#top"), {
 *   path: "/a",
 *   query: "x=1&y",
 *   fragment: "top",
 * });
 * ```
 */
export function splitTarget(target: string): Target {
  const hash = target.indexOf("#");
  const fragment = hash === -1 ? "" : target.slice(hash + 1);
  const rest = hash === -1 ? target : target.slice(0, hash);
  const mark = rest.indexOf("?");
  if (mark === -1) return { path: rest, query: "", fragment };
  return { path: rest.slice(0, mark), query: rest.slice(mark + 1), fragment };
}

/**
 * Collapses a path to the names that lead from the root to the file: without
 * empty names and `.`, each `..` taking back the name before it, or nothing at
 * the root. (CPython: `posixpath.normpath()`, then the words of
 * `translate_path()`.)
 *
 * This is about text alone: `/a.txt/../b` is `b` whether `a.txt` is a
 * directory or not. The names may still be such that no file can have them:
 * see `isSafeSegment()`.
 *
 * @param path The path, unescaped.
 * @returns The names, none of them empty, `.` or `..`, or with a `/` in it.
 *
 * @example
 * ```ts
 * import { collapsePath } from "./request_target.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(collapsePath("/../a//./b/../c/"), ["a", "c"]);
 * assertEquals(collapsePath("/"), []);
 * ```
 */
export function collapsePath(path: string): string[] {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return names;
}

/**
 * Whether a path, as sent, ends in a slash, escaped or not: then it is the
 * address of a directory, and never that of a file. (CPython: `send_head()`)
 *
 * @param path The path of {@linkcode splitTarget}.
 * @returns Whether it ends in `/`, `%2f` or `%2F`.
 *
 * @example
 * ```ts
 * import { hasTrailingSlash } from "./request_target.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(hasTrailingSlash("/a/"), true);
 * assertEquals(hasTrailingSlash("/a%2F"), true);
 * assertEquals(hasTrailingSlash("/a"), false);
 * ```
 */
export function hasTrailingSlash(path: string): boolean {
  return path.endsWith("/") || path.endsWith("%2f") || path.endsWith("%2F");
}

/**
 * The `Location` of a directory that was asked for without its slash: the
 * target as sent with a slash after its path; an empty query or fragment is
 * dropped. (CPython: `send_head()`, by `urlsplit()` and `urlunsplit()`)
 *
 * The result never leads to another host. Differs from CPython: a browser
 * takes `/\host` for `//host`, leaves out control characters, and reads a
 * first segment with a colon as a scheme; so a backslash and controls in the
 * path are escaped, slashes at its start are made one, and `./` is put before
 * a path that has no slash there.
 *
 * @param target The request target, in origin form.
 * @returns The value of the `Location` field.
 *
 * @example
 * ```ts
 * import { addSlash } from "./request_target.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(addSlash("/sub?x=%2f#top"), "/sub/?x=%2f#top");
 * assertEquals(addSlash("/\\host/.."), "/%5Chost/../");
 * ```
 */
export function addSlash(target: string): string {
  const { path, query, fragment } = splitTarget(target);
  let location = keepOnHost(path) + "/";
  if (query !== "") location += "?" + query;
  if (fragment !== "") location += "#" + fragment;
  return location;
}

/** A path that a browser can only read as one on the host that it asked. */
function keepOnHost(path: string): string {
  const escaped = path.replace(/[\\\x00-\x20\x7f]/g, encodeURIComponent);
  if (escaped.startsWith("/")) return escaped.replace(/^\/+/, "/");
  return escaped.includes(":") ? "./" + escaped : escaped;
}

/**
 * A relative reference to what a location names, for a client that has asked
 * for a target in the same folder. Unlike an absolute path it stays right where
 * a proxy serves this server below a path of its own (RFC 3986 section 4.2).
 *
 * @param location An absolute path, as of {@linkcode addSlash}.
 * @param target The request target that is answered.
 * @returns The reference, which starts with `./`.
 *
 * @example
 * ```ts
 * import { relativeTo } from "./request_target.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(relativeTo("/a/sub/?x", "/a/sub?x"), "./sub/?x");
 * assertEquals(relativeTo("/a/sub/", "/a/sub/"), "./");
 * ```
 */
export function relativeTo(location: string, target: string): string {
  const { path, query, fragment } = splitTarget(location);
  const isFolder = path.endsWith("/");
  const end = isFolder ? path.lastIndexOf("/", path.length - 2) : -1;
  const isHere = isFolder && splitTarget(target).path.endsWith("/");
  const name = isHere
    ? ""
    : path.slice((isFolder ? end : path.lastIndexOf("/")) + 1);
  return "./" + name + (query === "" ? "" : `?${query}`) +
    (fragment === "" ? "" : `#${fragment}`);
}

/**
 * A relative reference to the root of this server.
 *
 * @param target The request target that is answered.
 * @returns The reference: `./`, or as many `../` as there are folders.
 *
 * @example
 * ```ts
 * import { relativeRoot } from "./request_target.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(relativeRoot("/a.txt"), "./");
 * assertEquals(relativeRoot("/a/b/c.txt?d/e"), "../../");
 * ```
 */
export function relativeRoot(target: string): string {
  const depth = splitTarget(target).path.split("/").length - 2;
  return depth > 0 ? "../".repeat(depth) : "./";
}
