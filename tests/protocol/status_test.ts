// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import {
  allowsBody,
  allowsFraming,
  endsWithHead,
  RESPONSES,
} from "../../protocol/status.ts";
import recorded from "../testdata/cpython/send_error.json" with {
  type: "json",
};

/** Status, phrase and explanation of a recorded response; "" if absent. */
function readAnswer(response: string): [number, string, string] {
  const [, status, phrase] = response.match(/^HTTP\/1\.1 (\d+) (.*)\r\n/)!;
  const page = response.match(/explanation: \d+ - (.*)\.<\/p>/);
  return [Number(status), phrase, page?.[1] ?? ""];
}

const ANSWERS = recorded.vectors
  .filter((vector) => vector.response.startsWith("HTTP/1.1 "))
  .map((vector) => readAnswer(vector.response));

Deno.test("RESPONSES has the texts of every status of CPython", () => {
  for (const [status, phrase, explanation] of ANSWERS) {
    if (phrase === "???") {
      assertEquals(RESPONSES[status], undefined, `${status}`);
      continue;
    }
    assertEquals(RESPONSES[status][0], phrase, `${status}`);
    if (explanation !== "") {
      assertEquals(RESPONSES[status][1], explanation, `${status}`);
    }
  }
});

Deno.test("RESPONSES has no status that CPython lacks", () => {
  const known = new Set(ANSWERS.map(([status]) => status));
  for (const [status, texts] of Object.entries(RESPONSES)) {
    assert(known.has(Number(status)), status);
    assert(texts[0].length > 0 && texts[1].length > 0, status);
  }
});

Deno.test("allowsBody is false where CPython sends no error page", () => {
  for (const vector of recorded.vectors) {
    if (!vector.request.startsWith("ERROR ")) continue;
    const status = Number(vector.request.match(/\/(\d+)/)![1]);
    assertEquals(
      allowsBody(status),
      !vector.response.endsWith("\r\n\r\n"),
      vector.id,
    );
  }
});

Deno.test("allowsBody, endsWithHead and allowsFraming follow RFC 9112", () => {
  const table: [number, boolean, boolean, boolean][] = [
    // status, allowsBody, endsWithHead, allowsFraming
    [100, false, true, false],
    [103, false, true, false],
    [199, false, true, false],
    [200, true, false, true],
    [204, false, true, false],
    [205, false, false, true],
    [206, true, false, true],
    [304, false, true, true],
    [404, true, false, true],
    [999, true, false, true],
  ];
  for (const [status, body, ends, framing] of table) {
    assertEquals(
      [allowsBody(status), endsWithHead(status), allowsFraming(status)],
      [body, ends, framing],
      `${status}`,
    );
  }
});
