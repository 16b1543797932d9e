// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import {
  addSlash,
  collapsePath,
  hasTrailingSlash,
  namesPath,
  splitTarget,
} from "../../protocol/request_target.ts";
import staticFiles from "../testdata/cpython/static.json" with { type: "json" };
// Recorded from CPython 3.11: [path, words]
import recorded from "../testdata/python_paths.json" with { type: "json" };

Deno.test("splitTarget ends the path at the first ? or #", () => {
  const table: [string, string, string, string][] = [
    // target, path, query, fragment
    ["", "", "", ""],
    ["/", "/", "", ""],
    ["/a?", "/a", "", ""],
    ["/a#", "/a", "", ""],
    ["/a?x=1&y=/../z", "/a", "x=1&y=/../z", ""],
    ["/a??b?c", "/a", "?b?c", ""],
    ["/a#f?x", "/a", "", "f?x"],
    ["/a?x#f#g", "/a", "x", "f#g"],
    ["?x", "", "x", ""],
    ["/%3F%23", "/%3F%23", "", ""],
    ["*", "*", "", ""],
  ];
  for (const [target, path, query, fragment] of table) {
    assertEquals(splitTarget(target), { path, query, fragment }, target);
  }
});

Deno.test("collapsePath equals CPython on recorded paths", () => {
  for (const [path, names] of recorded.collapse as [string, string[]][]) {
    assertEquals(collapsePath(path), names, path);
  }
});

Deno.test("hasTrailingSlash recognises escaped slashes", () => {
  const table: [string, boolean][] = [
    ["", false],
    ["/", true],
    ["/a", false],
    ["/a/", true],
    ["/a%2f", true],
    ["/a%2F", true],
    ["/a%252F", false],
    ["/a/.", false],
    ["2F", false],
  ];
  for (const [path, slash] of table) {
    assertEquals(hasTrailingSlash(path), slash, path);
  }
});

Deno.test("namesPath recognises each spelling that a file has", () => {
  const table: [string, boolean][] = [
    ["/up/now", true],
    ["/up/now?x=1", true],
    ["/up/now#x", true],
    ["/u%70/now", true],
    ["/up%2Fnow", true],
    ["//up//now", true],
    ["/./up/now", true],
    ["/a/../up/./now", true],
    ["/../up/now", true],
    ["/up/now/x/..", true],
    ["/up/now/", false],
    ["/up/now%2f", false],
    ["/up", false],
    ["/UP/now", false],
    ["/up/now/x", false],
    ["/u%2570/now", false],
    ["/?/up/now", false],
    ["/", false],
    ["//", false],
    ["*", false],
    ["", false],
  ];
  for (const [target, wanted] of table) {
    assertEquals(namesPath(target, "/up/now"), wanted, target);
  }
});

Deno.test("addSlash returns the Location that CPython sends", () => {
  let compared = 0;
  for (const vector of staticFiles.vectors) {
    const location = vector.response.match(/\r\nLocation: (.*)\r\n/)?.[1];
    const requests = String(vector.request).split("\r\n\r\n").slice(0, -1);
    if (location === undefined) continue;
    const target = requests[requests.length - 1].split(" ")[1];
    // CPython's parse_request() reduces slashes at the start to one.
    assertEquals(addSlash(target.replace(/^\/+/, "/")), location, vector.id);
    assert(!hasTrailingSlash(splitTarget(target).path), vector.id);
    compared++;
  }
  assert(compared > 15, `${compared}`);
});

Deno.test("addSlash never leads to another host", () => {
  const table: [string, string][] = [
    ["//evil.example/..", "/evil.example/../"], // CVE-2021-28861
    ["///evil.example/..", "/evil.example/../"],
    ["/\\evil.example/..", "/%5Cevil.example/../"],
    ["\\\\evil.example/..", "%5C%5Cevil.example/../"],
    ["/%5cevil.example/%2e%2e", "/%5cevil.example/%2e%2e/"], // CVE-2022-28923
    ["/\t/evil.example/..", "/%09/evil.example/../"],
    ["/\x01/a?\\", "/%01/a/?\\"],
    ["http://evil.example/../..", "./http://evil.example/../../"],
    ["javascript:alert(1)/..", "./javascript:alert(1)/../"],
    ["sub", "sub/"],
    ["", "/"],
    ["?x", "/?x"],
  ];
  const base = "http://host.example/";
  for (const [target, location] of table) {
    assertEquals(addSlash(target), location);
    assertEquals(new URL(location, base).host, "host.example", target);
  }
});
