// Copyright 2026 the pystd authors. MIT license.

/**
 * The request target, as `SimpleHTTPRequestHandler` reads it: its path, the
 * names in the path, and the redirect for a directory without a slash.
 *
 * A target is text, never a `URL`: a `URL` would resolve dots, change escapes,
 * and throw for requests that need a response.
 *
 * @module
 */

import { unquotePath } from "./percent_encoding.ts";

/** The parts of a request target, as sent. */
export interface Target {
  /** Text before the query and the fragment. */
  readonly path: string;
  /** Text after the first `?`, or "". */
  readonly query: string;
  /** Text after the first `#`, or "". */
  readonly fragment: string;
}

/**
 * Splits a request target into path, query and fragment. A `?` after the first
 * `#` belongs to the fragment. (CPython: `translate_path()` and
 * `urllib.parse.urlsplit()`; no client should send a fragment.)
 *
 * @returns The parts, still escaped.
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
 * Splits a path into names and resolves `.` and `..`. A `..` removes the name
 * before it, or nothing at the root; empty names are dropped. (CPython:
 * `posixpath.normpath()`, then the words of `translate_path()`.)
 *
 * Only the text counts: `/a.txt/../b` is `b`, also if `a.txt` is not a
 * directory. The names may still be unsafe: see `isSafeSegment()`.
 *
 * @param path The path, decoded.
 * @returns The names; none is empty, `.` or `..`, or contains `/`.
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
 * Returns whether a path ends in a slash, escaped or not. Such a path is always
 * a directory, never a file. (CPython: `send_head()`)
 *
 * @param path The path, from {@linkcode splitTarget}.
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
 * Returns whether a request target names a path, however it is spelled: with
 * escapes, dot segments or repeated slashes, which files accept, too.
 *
 * @param target The request target.
 * @param path The path, decoded and without dot segments.
 * @returns Whether they are the same path.
 *
 * @example
 * ```ts
 * import { namesPath } from "./request_target.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(namesPath("/%68ealth?probe=1", "/health"), true);
 * assertEquals(namesPath("/a/../health", "/health"), true);
 * assertEquals(namesPath("/health/", "/health"), false);
 * ```
 */
export function namesPath(target: string, path: string): boolean {
  const given = splitTarget(target).path;
  if (given === path) return true;
  // Most targets are no other spelling of anything.
  if (!/%|\/\.|\/\//.test(given)) return false;
  const plain = `/${collapsePath(unquotePath(given)).join("/")}`;
  return (hasTrailingSlash(given) ? `${plain}/` : plain) === path;
}

/**
 * Returns the `Location` for a directory that was requested without its slash:
 * the target with a slash after its path. An empty query or fragment is
 * dropped. (CPython: `send_head()`, by `urlsplit()` and `urlunsplit()`)
 *
 * The result never leads to another host. Differs from CPython: browsers read
 * `/\host` as `//host`, drop control characters, and read a first segment with
 * a colon as a scheme. Therefore backslashes and controls are escaped, slashes
 * at the start become one, and a path without a leading slash gets `./`.
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

/** Rewrites a path so that a browser cannot read it as another host. */
function keepOnHost(path: string): string {
  const escaped = path.replace(/[\\\x00-\x20\x7f]/g, encodeURIComponent);
  if (escaped.startsWith("/")) return escaped.replace(/^\/+/, "/");
  return escaped.includes(":") ? "./" + escaped : escaped;
}

/**
 * Returns a relative reference to a location, for a request target in the same
 * folder. Unlike an absolute path, it works if a proxy publishes this server
 * under a path (RFC 3986 section 4.2).
 *
 * @param location An absolute path, from {@linkcode addSlash}.
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
 * Returns a relative reference to the root of this server.
 *
 * @returns The reference: `./`, or one `../` per folder.
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
