// Copyright 2026 the pystd authors. MIT license.

/**
 * The chunked coding. Each case is fed whole, byte by byte, and followed by
 * bytes of the next request.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert/equals";
import { assertThrows } from "@std/assert/throws";
import { ChunkedDecoder } from "../../protocol/chunked.ts";
import { RequestError } from "../../protocol/request_error.ts";

/** Decodes pieces. Returns the data, and the number of consumed bytes. */
function decode(
  text: string,
  step: number,
  limit: number,
): { data: string; used: number; done: boolean } {
  const bytes = Buffer.from(text, "latin1");
  const decoder = new ChunkedDecoder();
  let data = "";
  let at = 0;
  let end = 0;
  while (!decoder.done && (at < end || end < bytes.length)) {
    if (at === end) end = Math.min(bytes.length, end + step);
    at = decoder.next(bytes, at, end, limit);
    data += bytes.toString("latin1", decoder.dataStart, decoder.dataEnd);
  }
  return { data, used: at, done: decoder.done };
}

const GOOD: [why: string, body: string, data: string][] = [
  ["7.1: a chunk", "5\r\nhello\r\n0\r\n\r\n", "hello"],
  ["several chunks", "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", "abc"],
  ["no chunk", "0\r\n\r\n", ""],
  [
    "hexadecimal digits",
    "1a\r\n" + "x".repeat(26) + "\r\n0\r\n\r\n",
    "x".repeat(26),
  ],
  ["the last one", "f\r\n012345678901234\r\n0\r\n\r\n", "012345678901234"],
  [
    "the last one in upper case",
    "F\r\n012345678901234\r\n0\r\n\r\n",
    "012345678901234",
  ],
  ["9", "9\r\n012345678\r\n0\r\n\r\n", "012345678"],
  ["in upper case", "A\r\n0123456789\r\n0\r\n\r\n", "0123456789"],
  ["leading zeros", "0005\r\nhello\r\n000\r\n\r\n", "hello"],
  [
    "as many digits as there may be",
    "0000000000005\r\nhello\r\n0000000000000\r\n\r\n",
    "hello",
  ],
  ["line ends in data", "4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n"],
  [
    "7.1.1: an unknown extension is ignored",
    "5;a=b\r\nhello\r\n0;c\r\n\r\n",
    "hello",
  ],
  [
    "an extension with a quoted value",
    '5;a="\x80;b"\r\nhello\r\n0\r\n\r\n',
    "hello",
  ],
  ["a space before an extension", "5 ;a\r\nhello\r\n0\r\n\r\n", "hello"],
  [
    "7.1.1: white space before an extension",
    "5 \t;a\r\nhello\r\n0\r\n\r\n",
    "hello",
  ],
  ["a tab", "5\t;a\r\nhello\r\n0\r\n\r\n", "hello"],
  ["two spaces", "5  ;a\r\nhello\r\n0\r\n\r\n", "hello"],
  [
    "as many bytes of extensions as there may be",
    `5;${"x".repeat(16_000)}\r\nhello\r\n0 ;${"x".repeat(383)}\r\n\r\n`,
    "hello",
  ],
  [
    "7.1.2: a trailer section",
    "5\r\nhello\r\n0\r\nA: b\r\nC: d\r\n\r\n",
    "hello",
  ],
  [
    "as many bytes of trailers as there may be",
    `0\r\nA: ${"x".repeat(15_997)}\r\nB: ${"x".repeat(381)}\r\n\r\n`,
    "",
  ],
];

const BAD: [why: string, body: string][] = [
  ["no digits", "\r\nhello"],
  ["not hexadecimal", "g\r\n"],
  ["a sign", "+5\r\nhello\r\n0\r\n\r\n"],
  ["a negative size", "-1\r\n"],
  ["0x", "0x5\r\nhello\r\n0\r\n\r\n"],
  ["an underscore, as Python's int() takes", "0_5\r\nhello\r\n0\r\n\r\n"],
  ["white space before the size", " 5\r\nhello\r\n0\r\n\r\n"],
  ["white space and no extension", "5 \r\nhello\r\n0\r\n\r\n"],
  ["a word behind a space and an extension", "5 a;b\r\nhello\r\n0\r\n\r\n"],
  ["a letter behind the size", "5g;a\r\nhello\r\n0\r\n\r\n"],
  ["a word behind a space", "5 a\r\nhello\r\n0\r\n\r\n"],
  ["a digit too many", "00000000000005\r\nhello\r\n0\r\n\r\n"],
  ["a size that does not fit", "10000000000000\r\n"],
  ["a size that wraps around 2^64", "10000000000000005\r\nhello\r\n0\r\n\r\n"],
  ["a bare LF after the size", "5\nhello\r\n0\r\n\r\n"],
  ["a bare CR after the size", "5\rhello\r\n0\r\n\r\n"],
  ["a bare LF in an extension", "5;a\nhello\r\n0\r\n\r\n"],
  ["a control character in an extension", "5;a\0\r\nhello\r\n0\r\n\r\n"],
  ["a bare CR in an extension", "5;a\rb\r\nhello\r\n0\r\n\r\n"],
  ["data longer than its size", "5\r\nhello!\r\n0\r\n\r\n"],
  ["data shorter than its size", "6\r\nhello\r\n0\r\n\r\n"],
  ["a bare LF after the data", "5\r\nhello\n0\r\n\r\n"],
  ["a bare CR after the data", "5\r\nhello\r0\r\n\r\n"],
  ["a bare LF after the last chunk", "0\n\n"],
  ["a bare LF in the trailer", "0\r\nA: b\n\r\n"],
  ["a bare CR in the trailer", "0\r\nA: b\rC\r\n\r\n"],
  ["a NUL in the trailer", "0\r\nA: \0\r\n\r\n"],
  ["a fold in the trailer", "0\r\n A: b\r\n\r\n"],
  ["a request in the trailer", "0\r\nGET / HTTP/1.1: x\r\n\r\n"],
  ["a space before a trailer's colon", "0\r\nA : b\r\n\r\n"],
  ["a trailer without a colon", "0\r\nA\r\n\r\n"],
  ["a trailer without a name", "0\r\n: b\r\n\r\n"],
  ["a bare LF at the end", "0\r\n\n"],
  ["a bare CR at the end", "0\r\n\rG"],
];

Deno.test("ChunkedDecoder decodes the same however the bytes are split", () => {
  for (const [why, body, data] of GOOD) {
    for (const step of [Infinity, 1, 3]) {
      for (const limit of [Infinity, 1]) {
        for (
          const trailing of ["", "GET / HTTP/1.1\r\n", "0\r\n\r\n", "\r\n"]
        ) {
          assertEquals(
            decode(body + trailing, step, limit),
            { data, used: body.length, done: true },
            `${why}, by ${step}`,
          );
        }
      }
    }
  }
});

Deno.test("ChunkedDecoder refuses malformed bodies", () => {
  for (const [why, body] of BAD) {
    for (const step of [Infinity, 1, 3]) {
      const error = assertThrows(
        () => decode(body, step, Infinity),
        RequestError,
        undefined,
        `${why}, by ${step}`,
      );
      assertEquals(error.status, 400, why);
    }
  }
});

Deno.test("ChunkedDecoder waits for the rest of a truncated body", () => {
  const { dataStart, dataEnd } = new ChunkedDecoder();
  assertEquals(dataEnd - dataStart, 0, "nothing was found yet");
  const body = "5;a\r\nhello\r\n0\r\nA: b\r\n\r\n";
  for (let end = 0; end < body.length; end++) {
    const { done } = decode(body.slice(0, end), Infinity, Infinity);
    assertEquals(done, false, body.slice(0, end));
  }
});

Deno.test("ChunkedDecoder limits extensions and trailers", () => {
  const cases: [string, string, number][] = [
    ["one extension", `5;${"x".repeat(17_000)}\r\n`, 400],
    [
      "all extensions together",
      `1;${"x".repeat(100)}\r\na\r\n`.repeat(200),
      400,
    ],
    [
      "one byte too many",
      `5;${"x".repeat(16_000)}\r\nhello\r\n0 ;${"x".repeat(384)}\r\n`,
      400,
    ],
    [
      "one byte too many in trailers",
      `0\r\nA: ${"x".repeat(15_997)}\r\nB: ${"x".repeat(382)}\r\n`,
      431,
    ],
    ["one trailer field", `0\r\nA: ${"x".repeat(17_000)}\r\n\r\n`, 431],
    ["all fields together", "0\r\n" + "A: b\r\n".repeat(5000) + "\r\n", 431],
  ];
  for (const [why, body, status] of cases) {
    for (const step of [Infinity, 1000]) {
      const error = assertThrows(
        () => decode(body, step, Infinity),
        RequestError,
      );
      assertEquals(error.status, status, why);
    }
  }
});
