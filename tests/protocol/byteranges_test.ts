// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { assertThrows } from "@std/assert/throws";
import {
  type ByteRangesFrame,
  frameByteRanges,
} from "../../protocol/byteranges.ts";
import type { ByteRange } from "../../protocol/ranges.ts";

const FILE = "0123456789abcdefghij";

function assemble(frame: ByteRangesFrame, ranges: ByteRange[]): string {
  let body = "";
  ranges.forEach(({ start, end }, index) => {
    body += frame.heads[index] + FILE.slice(start, end);
  });
  return body + frame.closing;
}

Deno.test("frameByteRanges frames parts as in RFC 9110 section 14.6", () => {
  const ranges = [{ start: 2, end: 4 }, { start: 0, end: 1 }, {
    start: 18,
    end: 20,
  }];
  const frame = frameByteRanges(ranges, {
    size: FILE.length,
    type: "text/plain; charset=utf-8",
    boundary: "THIS_STRING_SEPARATES",
  });
  assertEquals(
    assemble(frame, ranges),
    [
      "--THIS_STRING_SEPARATES",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Range: bytes 2-3/20",
      "",
      "23",
      "--THIS_STRING_SEPARATES",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Range: bytes 0-0/20",
      "",
      "0",
      "--THIS_STRING_SEPARATES",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Range: bytes 18-19/20",
      "",
      "ij",
      "--THIS_STRING_SEPARATES--",
      "",
    ].join("\r\n"),
  );
  assertEquals(
    frame.contentType,
    "multipart/byteranges; boundary=THIS_STRING_SEPARATES",
  );
});

Deno.test("frameByteRanges computes the length of the body", () => {
  const tables: ByteRange[][] = [
    [{ start: 0, end: 20 }],
    [{ start: 0, end: 1 }, { start: 19, end: 20 }],
    [{ start: 9, end: 11 }, { start: 0, end: 9 }, { start: 11, end: 12 }],
  ];
  for (const ranges of tables) {
    for (const type of ["text/plain", "x/caf\u00e9"]) {
      const frame = frameByteRanges(ranges, {
        size: FILE.length,
        type,
        boundary: crypto.randomUUID(),
      });
      // In latin-1, each character is one byte.
      assertEquals(frame.contentLength, assemble(frame, ranges).length);
    }
  }
});

Deno.test("frameByteRanges output parses as multipart", async () => {
  const ranges = [{ start: 0, end: 5 }, { start: 10, end: 12 }];
  const frame = frameByteRanges(ranges, {
    size: FILE.length,
    type: "text/plain",
    boundary: "b-1.2'3_4+5",
  });
  const body = assemble(frame, ranges).replaceAll(
    "Content-Range",
    'Content-Disposition: form-data; name="part"\r\nContent-Range',
  );
  const response = new Response(body, {
    headers: {
      "content-type": frame.contentType.replace("byteranges", "form-data"),
    },
  });
  const data = await response.formData();
  assertEquals(data.getAll("part"), ["01234", "ab"]);
});

Deno.test("frameByteRanges throws for an invalid boundary or a line end", () => {
  const ranges = [{ start: 0, end: 1 }];
  for (
    const boundary of ["", "a b", 'a"', "a\r\nb", "\u00e9", "x".repeat(71)]
  ) {
    assertThrows(
      () => frameByteRanges(ranges, { size: 1, type: "a/b", boundary }),
      TypeError,
      `"${boundary}" is not a boundary`,
    );
  }
  for (const type of ["a/b\r\nX: y", "a/b\n", "a/b\r", "a\0b"]) {
    assertThrows(
      () => frameByteRanges(ranges, { size: 1, type, boundary: "b" }),
      TypeError,
      "the type has a line end or NUL",
    );
  }
});
