// Copyright 2026 the pystd authors. MIT license.

/**
 * Splits a request target into the path of a CGI script and its `PATH_INFO`.
 *
 * The query is removed first, then the target is decoded once. Escapes can thus
 * neither add a second query nor become another path in a later step
 * (CVE-2014-4650).
 *
 * @module
 */

import { unquotePath } from "../percent_encoding.ts";
import { splitTarget } from "../request_target.ts";

/**
 * Decodes the path of a target and resolves `.`, `..` and empty names. The path
 * of a directory keeps its slash. (CPython: `_url_collapse_path()`)
 *
 * @returns The path, with a leading slash and without the query; `undefined` if
 * `..` leads above the root.
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
 * Splits a path at the first script directory in it. (CPython: `is_cgi()`)
 *
 * @param path The path, from {@linkcode collapseCgiPath}.
 * @param directories The script directories, such as `/cgi-bin`.
 * @returns The directory and the rest, without the slash between them;
 * `undefined` if the path is in no script directory.
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

export interface ScriptPath {
  /** Path of the script in the URL: `SCRIPT_NAME`. */
  scriptName: string;
  /** Path after the script, "" or with a leading slash: `PATH_INFO`. */
  pathInfo: string;
}

/**
 * Finds the script in a path: the first name that is not a directory. (CPython:
 * `run_cgi()`)
 *
 * @param directory The script directory.
 * @param rest The path after it, without a query.
 * @param isDirectory Returns whether a URL path is a directory.
 * @returns The script, which may not exist, and the path after it.
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
 * Returns the search words of a query without `=`, decoded: the arguments of
 * the script (RFC 3875 section 4.4).
 *
 * Differs from CPython: it passes the whole query as one escaped argument, also
 * an empty one. Here, a word that starts with a dash means no arguments at all:
 * an interpreter could read it as an option, as PHP did (CVE-2012-1823).
 *
 * @returns The words; none if the query is not a search, or a word is unsafe.
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
