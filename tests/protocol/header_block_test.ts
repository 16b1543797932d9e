// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { assertThrows } from "@std/assert/throws";
import { HeadBuilder } from "../../protocol/response_head_builder.ts";
import { checkReason, HeaderBlock } from "../../protocol/header_block.ts";

Deno.test("HeaderBlock writes its fields as given", () => {
  const block = new HeaderBlock([["a", "1"], ["B-c", " é "], ["a", "2"]]);
  assertEquals(block.text, "a: 1\r\nB-c:  é \r\na: 2\r\n");
  assertEquals(block.contentLength, undefined);
  assertEquals(new HeaderBlock([]).text, "");
});

Deno.test("HeaderBlock refuses fields that it cannot send or repeat", () => {
  const rows: [name: string, value: string, message: string][] = [
    ["a\r", "", "Cannot send the header name"],
    ["a", "\r", 'Cannot send the header "a"'],
    ["a", "1\n2", 'Cannot send the header "a"'],
    ["a", "\0", 'Cannot send the header "a"'],
    ["a", "Ā", 'Cannot send the header "a"'],
    ["Connection", "close", 'Cannot put the header "Connection" in a block'],
    ["TRANSFER-ENCODING", "chunked", "Cannot put the header"],
  ];
  for (const [name, value, message] of rows) {
    assertThrows(
      () => new HeaderBlock([["x", "y"], [name, value]]),
      TypeError,
      message,
    );
  }
  assertThrows(() => checkReason("a\nb"), TypeError, "the reason phrase");
  assertEquals(new HeaderBlock([["a", "\xff"]]).text, "a: \xff\r\n");
});

Deno.test("HeadBuilder.addBlock equals add for each field", () => {
  const rows: [fields: [string, string][], length: number, known: boolean][] = [
    [[["a", "1"], ["b", "2"]], Infinity, false],
    [[["a", "1"], ["content-LENGTH", "7"]], 7, true],
    [[["Content-Length", "0"]], 0, true],
  ];
  for (const [fields, length, known] of rows) {
    for (const silent of [false, true]) {
      const [one, other] = [new HeadBuilder(), new HeadBuilder()];
      one.begin(200, { silent, strict: true });
      other.begin(200, { silent, strict: true });
      one.addBlock(new HeaderBlock(fields));
      for (const [name, value] of fields) other.add(name, value);
      assertEquals([one.contentLength, one.delimited], [length, known]);
      assertEquals([other.contentLength, other.delimited], [length, known]);
      assertEquals(one.take(), other.take());
    }
  }
});

Deno.test("HeadBuilder.addBlock omits a length that is not allowed", () => {
  for (
    const [status, strict, sent] of [[204, true, false], [204, false, true], [
      200,
      true,
      true,
    ]] as const
  ) {
    const head = new HeadBuilder();
    head.begin(status, { silent: false, strict });
    head.addBlock(new HeaderBlock([["a", "1"], ["Content-Length", "0"]]));
    assertEquals(
      head.take(),
      sent ? "a: 1\r\nContent-Length: 0\r\n" : "a: 1\r\n",
    );
  }
});

Deno.test("HeaderBlock keeps its fields", () => {
  const fields: [string, string][] = [["a", "1"]];
  const block = new HeaderBlock(fields);
  fields.push(["b", "2"]);
  fields[0][1] = "3";
  assertEquals([...block.fields], [["a", "1"]]);
});
