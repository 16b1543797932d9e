// Copyright 2026 the pystd authors. MIT license.

/**
 * Which part of a request target is a CGI script, and which is for it.
 *
 * A target is unescaped once, and its query is cut off before that: what is
 * escaped in it can neither add a second query nor be unescaped into another
 * path by a later step (CVE-2014-4650).
 *
 * @module
 */

import { unquotePath } from "../percent_encoding.ts";
import { splitTarget } from "../request_target.ts";

/**
 * Collapses the path of a target: unescaped, without empty names and `.`, each
 * `..` taking back the name before it. The last name stays apart, so that the
 * path of a directory ends in a slash. (CPython: `_url_collapse_path()`)
 *
 * @param target The request target.
 * @returns The path, with a slash at its start, without the query;
 * `undefined` if there is a `..` too many.
 *
 * @example
 * ```ts
 * import { collapseCgiPath } from "./path.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(collapseCgiPath("/a//./../cgi-bin%2fx?y"), "/cgi-bin/x");
 * assertEquals(collapseCgiPath("/a/../../x"), undefined);
 * ```
 */
export function collapseCgiPath(target: string): string | undefined {
  const parts = unquotePath(splitTarget(target).path).split("/");
  let last = parts.pop()!;
  const names: string[] = [];
  for (const part of parts) {
    if (part === "..") {
      if (names.pop() === undefined) return undefined;
    } else if (part !== "" && part !== ".") names.push(part);
  }
  if (last === "..") {
    if (names.pop() === undefined) return undefined;
    last = "";
  } else if (last === ".") last = "";
  return `/${names.join("/")}/${last}`;
}

/**
 * Splits a path into the directory of scripts that it leads into, the first
 * that is one from the root on, and what follows. (CPython: `is_cgi()`)
 *
 * @param path The path, from {@linkcode collapseCgiPath}.
 * @param directories The directories of scripts, as in `/cgi-bin`.
 * @returns The directory and the rest, without the slash between them;
 * `undefined` if the path leads into none of them.
 *
 * @example
 * ```ts
 * import { splitAtDirectory } from "./path.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const directories = ["/cgi-bin"];
 * assertEquals(splitAtDirectory("/cgi-bin/a/b", directories), [
 *   "/cgi-bin",
 *   "a/b",
 * ]);
 * assertEquals(splitAtDirectory("/cgi-bins/a", directories), undefined);
 * ```
 */
export function splitAtDirectory(
  path: string,
  directories: readonly string[],
): [directory: string, rest: string] | undefined {
  let slash = path.indexOf("/", 1);
  while (slash > 0) {
    const directory = path.slice(0, slash);
    if (directories.includes(directory)) {
      return [directory, path.slice(slash + 1)];
    }
    slash = path.indexOf("/", slash + 1);
  }
  return undefined;
}

/** A script, and the path that it is given. */
export interface ScriptPath {
  /** The script's path on the server: `SCRIPT_NAME`. */
  scriptName: string;
  /** What follows it, "" or with a slash at its start: `PATH_INFO`. */
  pathInfo: string;
}

/**
 * Finds the script in a path: the first name that is not the name of a
 * directory. (CPython: `run_cgi()`)
 *
 * @param directory The directory of scripts.
 * @param rest What follows it, without a query.
 * @param isDirectory Whether a path of the server is that of a directory.
 * @returns The script, which need not exist, and the path behind it.
 *
 * @example
 * ```ts
 * import { splitAtScript } from "./path.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const isDirectory = (path: string) => path === "/cgi-bin/sub";
 * assertEquals(splitAtScript("/cgi-bin", "sub/x.sh/a/b", isDirectory), {
 *   scriptName: "/cgi-bin/sub/x.sh",
 *   pathInfo: "/a/b",
 * });
 * ```
 */
export function splitAtScript(
  directory: string,
  rest: string,
  isDirectory: (path: string) => boolean,
): ScriptPath {
  const path = `${directory}/${rest}`;
  let start = directory.length + 1;
  for (;;) {
    const slash = path.indexOf("/", start);
    if (slash === -1) return { scriptName: path, pathInfo: "" };
    const scriptName = path.slice(0, slash);
    if (!isDirectory(scriptName)) {
      return { scriptName, pathInfo: path.slice(slash) };
    }
    start = slash + 1;
  }
}

/**
 * The words of a search, which a script is given as its arguments: those of a
 * query without `=`, unescaped (RFC 3875 section 4.4).
 *
 * Differs from CPython, which passes the whole query as one argument with its
 * escapes, and an empty one where there is no query. No arguments are given
 * either where a word starts with a dash: an interpreter may take it for an
 * option of its own, as PHP did (CVE-2012-1823).
 *
 * @param query The query, as sent.
 * @returns The words; none if it is no search, or a word cannot be given.
 *
 * @example
 * ```ts
 * import { searchWords } from "./path.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(searchWords("one+two%20x"), ["one", "two x"]);
 * assertEquals(searchWords("a=b"), []);
 * ```
 */
export function searchWords(query: string): string[] {
  if (query === "" || query.includes("=")) return [];
  const words = query.split("+").map(unquotePath);
  const given = words.every((word) =>
    !word.startsWith("-") && !word.includes("\0") && word.isWellFormed()
  );
  return given ? words : [];
}
