// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import {
  parseDepth,
  parseDestination,
  parseOverwrite,
} from "../../protocol/dav/destination.ts";
import { escapeXml } from "../../protocol/dav/multistatus.ts";
import { RequestError } from "../../protocol/request_error.ts";

/** Returns the result, or the status of the error. */
function outcome<T>(parse: () => T): T | number {
  try {
    return parse();
  } catch (error) {
    if (error instanceof RequestError) return error.status;
    throw error;
  }
}

Deno.test("parseDestination accepts only this server", () => {
  const table: [
    value: string | undefined,
    result: string | number,
    host?: string,
    prefix?: string,
  ][] = [
    [undefined, 400],
    ["", 400],
    ["x", 400],
    ["../x", 400],
    ["/x", "/x"],
    ["/a%20b?q", "/a%20b?q"],
    ["/a#b", 400],
    ["/a b", 400],
    ["/a\tb", 400],
    ["//evil/x", 502],
    ["http://h:8000/x", "/x"],
    ["HTTP://H:8000/x", "/x"],
    ["https://h:8000/x", "/x"],
    ["http://h:8000", "/"],
    ["http://h:8000?q", 400],
    ["http://h/x", 502],
    ["http://h:80/x", "/x", "h"],
    ["http://h/x", "/x", "h:80"],
    ["https://h/x", "/x", "h:443"],
    ["https://h/x", "/x", "h"],
    ["http://h:8001/x", 502],
    ["http://evil/x", 502],
    ["http://evil:8000/x", 502],
    ["http://h:8000@evil/x", 502],
    ["http://evil@h:8000/x", 502],
    ["http://h:8000\\@evil/x", 502],
    ["http://h.evil:8000/x", 502],
    ["http:///x", 502],
    ["http:/x", 502],
    ["ftp://h:8000/x", 502],
    ["file:///etc/passwd", 502],
    ["javascript:x", 502],
    ["http://[::1]:8000/x", "/x", "[::1]:8000"],
    ["/files/x", "/x", "h", "/files"],
    ["/files", 502, "h", "/files"],
    ["/filesx/y", 502, "h", "/files"],
    ["/x", 502, "h", "/files"],
    ["http://h/files/x", "/x", "h", "/files"],
  ];
  for (const [value, result, host = "h:8000", prefix = ""] of table) {
    const got = outcome(() => parseDestination(value, host, prefix));
    assertEquals(got, result, `${value} with ${host}${prefix}`);
  }
  assertEquals(
    outcome(() => parseDestination("http://h/x", undefined, "")),
    502,
  );
  assertEquals(outcome(() => parseDestination("/x", undefined, "")), "/x");
});

Deno.test("parseOverwrite and parseDepth read their fields", () => {
  const overwrites = [undefined, "T", "t", "F", "f", "", "true", "T, F"];
  assertEquals(
    overwrites.map((value) => outcome(() => parseOverwrite(value))),
    [true, true, true, false, false, 400, 400, 400],
  );
  const depths = [undefined, "0", "1", "infinity", "Infinity", "2", "", "0, 1"];
  assertEquals(
    depths.map((value) => outcome(() => parseDepth(value, [0, "infinity"]))),
    ["infinity", 0, 400, "infinity", "infinity", 400, 400, 400],
  );
});

Deno.test("escapeXml leaves nothing that XML does not have", () => {
  assertEquals(escapeXml(`&<>"'`), `&amp;&lt;&gt;&quot;'`);
  assertEquals(escapeXml("\0\x1f\ud800\ufffe"), "\ufffd".repeat(4));
  assertEquals(escapeXml("a\tb\r\né"), "a&#9;b&#13;&#10;é");
});
