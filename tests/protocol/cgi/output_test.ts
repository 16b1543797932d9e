// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import {
  type CgiDocument,
  CgiHeadScanner,
  parseCgiHead,
} from "../../../protocol/cgi/output.ts";
import { decodeLatin1, encodeLatin1 } from "../../support/client.ts";

function document(parts: Partial<CgiDocument>): CgiDocument {
  return {
    kind: "document",
    status: 200,
    reason: undefined,
    explicit: false,
    hasBody: true,
    contentLength: undefined,
    fields: [],
    ...parts,
  };
}

const TYPE: [string, string] = ["Content-Type", "a/b"];

Deno.test("parseCgiHead distinguishes the kinds of responses", () => {
  const table: [head: string, response: unknown][] = [
    ["Content-Type: a/b\n\n", document({ fields: [TYPE] })],
    ["Content-Type: a/b\r\n\r\n", document({ fields: [TYPE] })],
    ["Content-Type:a/b \t\r\n\n", document({ fields: [TYPE] })],
    [
      "Content-Type: a/b\nX-Empty:\n\n",
      document({
        fields: [TYPE, ["X-Empty", ""]],
      }),
    ],
    [
      "content-type: a/b\nStatus: 404 Not Here\n\n",
      document({
        status: 404,
        reason: "Not Here",
        explicit: true,
        fields: [["content-type", "a/b"]],
      }),
    ],
    ["STATUS: 204\n\n", document({ status: 204, explicit: true })],
    ["Status: 299 \n\n", document({ status: 299, explicit: true })],
    [
      "Content-Type: a/b\nContent-Length: 12\n\n",
      document({
        contentLength: 12,
        fields: [TYPE],
      }),
    ],
    // Redirects
    ["Location: /a/b?c//d\n\n", { kind: "local", location: "/a/b?c//d" }],
    ["Location: //h/x\n\n", { kind: "local", location: "//h/x" }],
    [
      "Location: http://h/x\n\n",
      document({
        status: 302,
        hasBody: false,
        fields: [["Location", "http://h/x"]],
      }),
    ],
    [
      "Location: /a#b\n\n",
      document({
        status: 302,
        hasBody: false,
        fields: [["Location", "/a#b"]],
      }),
    ],
    [
      "Location: b\nSet-Cookie: c=d\n\n",
      document({
        status: 302,
        hasBody: false,
        fields: [["Location", "b"], ["Set-Cookie", "c=d"]],
      }),
    ],
    [
      "Location: /b\nStatus: 303\n\n",
      document({
        status: 303,
        explicit: true,
        hasBody: false,
        fields: [["Location", "/b"]],
      }),
    ],
    [
      "Status: 302 Found\nLocation: http://h/\nContent-Type: a/b\n\n",
      document({
        status: 302,
        reason: "Found",
        explicit: true,
        fields: [["Location", "http://h/"], TYPE],
      }),
    ],
    // Fields that scripts cannot send
    [
      "Content-Type: a/b\nConnection: close\nTransfer-Encoding: chunked\n" +
      "Keep-Alive: x\nTrailer: x\nUpgrade: x\nTE: x\nDate: x\nServer: x\n" +
      "Proxy-Connection: x\nX-CGI-Thing: x\nX-Other: y\n\n",
      document({ fields: [TYPE, ["X-Other", "y"]] }),
    ],
    // Repeated, where allowed
    [
      "Content-Type: a/b\nSet-Cookie: a\nSet-Cookie: b\n\n",
      document({
        fields: [TYPE, ["Set-Cookie", "a"], ["Set-Cookie", "b"]],
      }),
    ],
    [
      "Content-Type: a/b\nX: \xe9\n\n",
      document({
        fields: [TYPE, ["X", "\xe9"]],
      }),
    ],
  ];
  for (const [head, response] of table) {
    assertEquals(parseCgiHead(encodeLatin1(head)), response as never, head);
  }
});

Deno.test("parseCgiHead refuses malformed header blocks", () => {
  const table = [
    "\n",
    "\r\n",
    "X-Only: other\n\n",
    "no header\n\n",
    "no header\nContent-Type: a/b\n\n",
    ": nameless\n\n",
    "Content-Type : a/b\n\n",
    " Content-Type: a/b\n\n",
    "Content-Type: a/b\n continued\n\n",
    "Content-Type: a/b\n\tcontinued\n\n",
    "Content-Type: a/b\nX y: z\n\n",
    "<html>\nContent-Type: a/b\n\n",
    // Repeated
    "Content-Type: a/b\nContent-Type: c/d\n\n",
    "Status: 200\nstatus: 404\n\n",
    "Location: /a\nLocation: /b\n\n",
    "Content-Type: a/b\nContent-Length: 1\nContent-Length: 1\n\n",
    // Injection
    "Content-Type: a/b\rX: y\n\n",
    "Content-Type: a/b\r\rX: y\r\n\r\n",
    "Content-Type: a/b\0\n\n",
    "Content-Type: a/b\nX: \x0b\n\n",
    "Content-Type: a/b\nX: \x7f\n\n",
    "X\r: y\nContent-Type: a/b\n\n",
    // Status and length
    "Status: 100 Continue\n\n",
    "Status: 101\n\n",
    "Status: 20\n\n",
    "Status: 2000\n\n",
    "Status: OK\n\n",
    "Status: 200OK\n\n",
    "Status: HTTP/1.1 200 OK\n\n",
    "Status:\n\n",
    "Content-Type: a/b\nContent-Length: -1\n\n",
    "Content-Type: a/b\nContent-Length: 1, 1\n\n",
    "Content-Type: a/b\nContent-Length:\n\n",
    "Content-Type: a/b\nContent-Length: 0x10\n\n",
    "Content-Type: a/b\nContent-Length: 99999999999999999999\n\n",
  ];
  for (const head of table) {
    assertEquals(parseCgiHead(encodeLatin1(head)).kind, "malformed", head);
  }
});

Deno.test("CgiHeadScanner finds the end of a block however it is split", () => {
  const table: [output: string, head: string, rest: string][] = [
    ["A: b\n\nbody", "A: b\n\n", "body"],
    ["A: b\r\n\r\n\r\nbody", "A: b\r\n\r\n", "\r\nbody"],
    ["A: b\n\r\nbody\n\n", "A: b\n\r\n", "body\n\n"],
    ["\nA: b\n\n", "\n", "A: b\n\n"],
    ["A: b\r\r\nC: d\n\n", "A: b\r\r\nC: d\n\n", ""],
  ];
  for (const [output, head, rest] of table) {
    for (const size of [1, 2, 3, output.length]) {
      const scanner = new CgiHeadScanner(100);
      let state = "partial";
      let at = 0;
      while (state === "partial" && at < output.length) {
        state = scanner.push(encodeLatin1(output.slice(at, at += size)));
      }
      assertEquals(state, "complete", output);
      assertEquals(decodeLatin1(scanner.head), head);
      assertEquals(
        decodeLatin1(scanner.rest) + output.slice(at),
        rest,
      );
    }
  }
});

Deno.test("CgiHeadScanner stops at its limit", () => {
  const block = "A: b\n\n";
  const table: [limit: number, state: string][] = [
    [block.length - 1, "too-large"],
    [block.length, "complete"],
    [block.length + 1, "complete"],
  ];
  for (const [limit, wanted] of table) {
    const whole = new CgiHeadScanner(limit);
    assertEquals(whole.push(encodeLatin1(`${block}body`)), wanted);
    const bytewise = new CgiHeadScanner(limit);
    let state = "partial";
    for (const byte of encodeLatin1(block)) {
      if (state === "partial") state = bytewise.push(new Uint8Array([byte]));
    }
    assertEquals(state, wanted);
  }
  const endless = new CgiHeadScanner(10);
  assertEquals(endless.push(encodeLatin1("x".repeat(9))), "partial");
  assertEquals([endless.head.length, endless.rest.length], [0, 9]);
  assertEquals(endless.push(encodeLatin1("x")), "too-large");
});
