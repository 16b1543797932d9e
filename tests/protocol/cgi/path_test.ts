// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import {
  collapseCgiPath,
  searchWords,
  splitAtDirectory,
  splitAtScript,
} from "../../../protocol/cgi/path.ts";

Deno.test("collapseCgiPath collapses as CPython does, and decodes once", () => {
  const table: [target: string, path: string | undefined][] = [
    // CPython's own test (test_httpservers: test_url_collapse_path)
    ["", "//"],
    ["..", undefined],
    ["/.//..", undefined],
    ["/", "//"],
    ["//", "//"],
    ["/\\", "//\\"],
    ["/.//", "//"],
    ["cgi-bin/file1.py", "/cgi-bin/file1.py"],
    ["/cgi-bin/file1.py", "/cgi-bin/file1.py"],
    ["a", "//a"],
    ["/a", "//a"],
    ["//a", "//a"],
    ["./a", "//a"],
    ["./C:/", "/C:/"],
    ["/a/b", "/a/b"],
    ["/a/b/", "/a/b/"],
    ["/a/b/.", "/a/b/"],
    ["/a/b/c/..", "/a/b/"],
    ["/a/b/c/../d", "/a/b/d"],
    ["/a/b/c/../d/e/../f", "/a/b/d/f"],
    ["/a/b/c/../d/e/../../f", "/a/b/f"],
    ["/a/b/c/../d/e/.././././..//f", "/a/b/f"],
    ["../a/b/c/../d/e/.././././..//f", undefined],
    ["/a/b/c/../d/e/../../../f", "/a/f"],
    ["/a/b/c/../d/e/../../../../f", "//f"],
    ["/a/b/c/../d/e/../../../../../f", undefined],
    ["/a/b/c/../d/e/../../../../f/..", "//"],
    ["/a/b/c/../d/e/../../../../f/../.", "//"],
    // Escapes are decoded once, before the path is split
    ["/cgi-bin%2fx", "/cgi-bin/x"],
    ["/%63gi-bin/x", "/cgi-bin/x"],
    ["/cgi-bin/%2e%2e/x", "//x"],
    ["/cgi-bin/..%2fx", "//x"],
    ["/cgi-bin/%252e%252e/x", "/cgi-bin/%2e%2e/x"],
    ["/cgi-bin/x%00y", "/cgi-bin/x\0y"],
    ["/cgi-bin/caf%C3%A9", "/cgi-bin/caf\u00e9"],
    // The query is removed; an escaped ? does not start a query
    ["/cgi-bin/x?a/../b", "/cgi-bin/x"],
    ["/cgi-bin/x?a?b//c", "/cgi-bin/x"],
    ["/cgi-bin/x%3fa=b", "/cgi-bin/x?a=b"],
    ["/cgi-bin/x#a?b", "/cgi-bin/x"],
  ];
  for (const [target, path] of table) {
    assertEquals(collapseCgiPath(target), path, target);
  }
});

Deno.test("splitAtDirectory finds only script directories", () => {
  const directories = ["/cgi-bin", "/htbin", "/sub/cgi-bin"];
  const table: [target: string, split: [string, string] | undefined][] = [
    ["/cgi-bin/x", ["/cgi-bin", "x"]],
    ["/htbin/x/y", ["/htbin", "x/y"]],
    ["/sub/cgi-bin/x", ["/sub/cgi-bin", "x"]],
    ["/cgi-bin/", ["/cgi-bin", ""]],
    ["/cgi-bin/.", ["/cgi-bin", ""]],
    ["/cgi-bin", undefined],
    ["/cgi-bin/..", undefined],
    ["/cgi-bin/../x", undefined],
    ["/cgi-bins/x", undefined],
    ["/cgi-bi/x", undefined],
    ["/CGI-BIN/x", undefined],
    ["/other/cgi-bin/x", undefined],
    ["/", undefined],
    // CVE-2011-1015: without a leading slash, the source of a script was sent
    ["cgi-bin/x", ["/cgi-bin", "x"]],
    ["./cgi-bin/x", ["/cgi-bin", "x"]],
    // CVE-2014-4650: with an escaped slash, it was too
    ["/cgi-bin%2fx", ["/cgi-bin", "x"]],
    ["/cgi-bin%2Fsub%2Fx", ["/cgi-bin", "sub/x"]],
    ["/%2e/cgi-bin/x", ["/cgi-bin", "x"]],
    ["//cgi-bin//x", ["/cgi-bin", "x"]],
    ["/a/../cgi-bin/x", ["/cgi-bin", "x"]],
    ["/a/%2e%2e%2fcgi-bin/x", ["/cgi-bin", "x"]],
    // The split of 2013 (bpo-19435): .. after the script left the directory
    ["/cgi-bin/x/../../plain.txt", undefined],
    ["/cgi-bin/sub/..%2f..%2fplain.txt", undefined],
    ["/cgi-bin/../cgi-bin/x", ["/cgi-bin", "x"]],
  ];
  for (const [target, split] of table) {
    const path = collapseCgiPath(target)!;
    assertEquals(splitAtDirectory(path, directories), split, target);
  }
});

Deno.test("splitAtScript finds the first name that is not a directory", () => {
  const folders = ["/cgi-bin", "/cgi-bin/sub", "/cgi-bin/sub/deeper"];
  const table: [rest: string, scriptName: string, pathInfo: string][] = [
    ["x", "/cgi-bin/x", ""],
    ["x/", "/cgi-bin/x", "/"],
    ["x/a/b", "/cgi-bin/x", "/a/b"],
    ["sub/x", "/cgi-bin/sub/x", ""],
    ["sub/deeper/x/a", "/cgi-bin/sub/deeper/x", "/a"],
    ["sub", "/cgi-bin/sub", ""],
    ["sub/", "/cgi-bin/sub/", ""],
    ["", "/cgi-bin/", ""],
    ["x?a/b", "/cgi-bin/x?a", "/b"],
  ];
  for (const [rest, scriptName, pathInfo] of table) {
    const split = splitAtScript(
      "/cgi-bin",
      rest,
      (path) => folders.includes(path),
    );
    assertEquals(split, { scriptName, pathInfo }, rest);
  }
});

Deno.test("searchWords returns the words of an indexed query", () => {
  const table: [query: string, words: string[]][] = [
    ["", []],
    ["one", ["one"]],
    ["one+two", ["one", "two"]],
    ["one%20two+%2b", ["one two", "+"]],
    ["+", ["", ""]],
    ["a?b//c", ["a?b//c"]],
    ["a%3db", ["a=b"]],
    ["a=b", []],
    ["a+b=", []],
    ["=", []],
    // Words that an interpreter could read as an option (CVE-2012-1823)
    ["-s", []],
    ["a+-d", []],
    ["%2ds", []],
    // Words that cannot be arguments
    ["a+b%00c", []],
    ["%ED%A0%80", []],
  ];
  for (const [query, words] of table) {
    assertEquals(searchWords(query), words, query);
  }
});

Deno.test("splitAtDirectory accepts the root as a script directory", () => {
  const path = collapseCgiPath("/x");
  assertEquals(splitAtDirectory(path!, ["/"]), ["/", "x"]);
});
