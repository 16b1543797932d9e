// Copyright 2026 the pystd authors. MIT license.
// Invariant: a head parses the same however its bytes are split, bytes after it are untouched, and a valid strict head has one meaning.

/**
 * 100,000 generated heads, from a fixed seed.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import {
  expectsFields,
  type HeadLimits,
  HeadScanner,
  parseHead,
  type ScanState,
} from "../../protocol/request_head.ts";
import { isToken } from "../../protocol/octets.ts";
import { seeded } from "../support/memory.ts";

const HEADS = 100_000;
const LIMITS: HeadLimits = { lineBytes: 96, lines: 8, headBytes: 256 };

/** Pieces of heads; about half of the heads are faulty. */
const PIECES = [
  ..."GET|POST|/|/a?b#c|*|http://h/|h:1| |\t| HTTP/1.1|HTTP/1.0|HTTP/2.0".split(
    "|",
  ),
  ..."\r\n|\r\n|\r\n|\n|\r|\r\n\r\n|Host: h|: |:|A|b c|\0|\xe4|\xa0|\x85|\x0b"
    .split("|"),
  "Content-Length: 5",
  "Transfer-Encoding: chunked",
  "Connection: close",
  "x".repeat(40),
];

const GOOD = "GET /a HTTP/1.1\r\nHost: h\r\nAccept: */*\r\nX-Y: z\r\n\r\n";

function generate(random: (below: number) => number): string {
  if (random(2) === 0) {
    // A valid head with some octets changed, removed or doubled.
    let head = GOOD;
    for (let changes = random(4); changes > 0; changes--) {
      const at = random(head.length);
      const octet = String.fromCharCode(random(256));
      const insert = [octet, "", head.slice(at, at + random(20)), "\r", "\n"];
      head = head.slice(0, at) + insert[random(insert.length)] +
        head.slice(at + random(3));
    }
    return head;
  }
  let head = "";
  for (let count = 1 + random(24); count > 0; count--) {
    head += PIECES[random(PIECES.length)];
  }
  return head + "\r\n\r\n";
}

interface Scanned {
  state: ScanState;
  lineLength: number;
  headLength: number;
}

function scan(bytes: Buffer, step: () => number): Scanned {
  const scanner = new HeadScanner();
  let state: ScanState = "partial";
  for (let end = 0; end < bytes.length;) {
    end = Math.min(bytes.length, end + step());
    state = scanner.scan(bytes, 0, end, LIMITS);
    if (state !== "partial" && state !== "line") break;
  }
  const { lineLength, headLength } = scanner;
  return { state, lineLength, headLength };
}

Deno.test("HeadScanner and parseHead keep their invariant on 100,000 heads", () => {
  const random = seeded(9112);
  const seen = new Map<string, number>();
  for (let i = 0; i < HEADS; i++) {
    const text = generate(random);
    const bytes = Buffer.from(text, "latin1");
    const whole = scan(bytes, () => bytes.length);
    const byByte = scan(bytes, () => 1);
    const byPiece = scan(bytes, () => 1 + random(16));
    const what = JSON.stringify(text);
    assertEquals(byByte.state, whole.state, what);
    assertEquals(byPiece.state, whole.state, what);
    count(whole.state);
    if (whole.state !== "complete") continue;
    assertEquals(byByte, whole, what);
    assertEquals(byPiece, whole, what);
    for (const strict of [true, false]) check(bytes, whole, strict, what);
  }
  // The generator produces all outcomes.
  for (const outcome of ["complete", "request", "bad", "empty"]) {
    assert((seen.get(outcome) ?? 0) > 100, `${outcome}: ${seen.get(outcome)}`);
  }

  function count(outcome: string): void {
    seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
  }

  function check(
    bytes: Buffer,
    { lineLength, headLength }: Scanned,
    strict: boolean,
    what: string,
  ): void {
    const head = parseHead(bytes, 0, lineLength, headLength, strict);
    count(head.kind);
    // The same head at another position, among other bytes.
    const moved = Buffer.concat([
      Buffer.from("\r\nA: b"),
      bytes.subarray(0, headLength),
      Buffer.from(" x: y\r\n"),
    ]);
    const again = parseHead(moved, 6, lineLength, headLength, strict);
    assertEquals(again.kind, head.kind, what);
    if (head.kind === "bad") {
      assert(head.status === 400 || head.status === 505, what);
      assert(!/[\r\n\0]/.test(head.message ?? ""), what);
    }
    if (head.kind !== "request" || again.kind !== "request") return;
    assertEquals([...again.fields], [...head.fields], what);
    assertEquals(again.target, head.target, what);
    assertEquals(
      expectsFields(bytes, 0, lineLength, strict),
      head.version !== undefined,
      what,
    );
    for (const text of [head.command, head.target]) {
      assert(text !== "" && !/[\r\n ]/.test(text), what);
    }
    if (!strict) return;
    assert(isToken(head.command), what);
    assert(!/[\0-\x20\x7f]/.test(head.target), what);
    for (const [name, value] of head.fields) {
      assert(isToken(name), what);
      assert(!/[\0-\x08\x0a-\x1f\x7f]|^[ \t]|[ \t]$/.test(value), what);
    }
    // Formatting and parsing the fields gives the same fields.
    const rewritten = Buffer.from(
      [...head.fields].map(([name, value]) => `${name}:${value}\r\n`).join(""),
      "latin1",
    );
    const line = bytes.subarray(0, lineLength);
    const copy = Buffer.concat([line, rewritten, Buffer.from("\r\n")]);
    const reread = parseHead(copy, 0, lineLength, copy.length, true);
    assert(reread.kind === "request", what);
    if (head.version === undefined) return;
    assertEquals([...reread.fields], [...head.fields], what);
  }
});
