// Copyright 2026 the pystd authors. MIT license.

/**
 * Heads of requests. Each case is fed whole, byte by byte, and followed by
 * other bytes. The outcome must not depend on that.
 *
 * @module
 */

import { assertEquals } from "@std/assert/equals";
import type { Head, HeadLimits } from "../../protocol/request_head.ts";
import { readHeads, WIDE } from "../support/memory.ts";

/** Outcome of a case: the fields, or the status of the error. */
type Outcome =
  | { line: string; fields: [string, string][] }
  | { status: number; message?: string }
  | "empty";

interface Case {
  why: string;
  head: string;
  strict: Outcome;
  /** Outcome by CPython's rules, if different. */
  lenient?: Outcome;
}

const OK = (line: string, ...fields: [string, string][]): Outcome => ({
  line,
  fields,
});
const GET = "GET / HTTP/1.1";
const BAD: Outcome = { status: 400 };

const CASES: Case[] = [
  {
    why: "the usual head",
    head: "GET /a?b HTTP/1.1\r\nHost: h\r\nAccept: */*\r\n\r\n",
    strict: OK("GET /a?b HTTP/1.1", ["Host", "h"], ["Accept", "*/*"]),
  },
  { why: "no fields", head: "GET / HTTP/1.1\r\n\r\n", strict: OK(GET) },
  {
    why: "bare LF ends lines (RFC 9112 2.2: MAY)",
    head: "GET / HTTP/1.1\nHost: h\n\n",
    strict: OK(GET, ["Host", "h"]),
  },
  {
    why: "line ends may be mixed",
    head: "GET / HTTP/1.1\r\nHost: h\n\r\n",
    strict: OK(GET, ["Host", "h"]),
  },
  {
    why: "white space around a value is no part of it (9112 5.1)",
    head: "GET / HTTP/1.1\r\nHost:\t  h \t \r\n\r\n",
    strict: OK(GET, ["Host", "h"]),
  },
  {
    why: "white space within a value stays",
    head: "GET / HTTP/1.1\r\nA: b  c\td\r\n\r\n",
    strict: OK(GET, ["A", "b  c\td"]),
  },
  {
    why: "an empty value",
    head: "GET / HTTP/1.1\r\nA:\r\nB: \r\n\r\n",
    strict: OK(GET, ["A", ""], ["B", ""]),
  },
  {
    why: "no white space before a value",
    head: "GET / HTTP/1.1\r\nA:b\r\n\r\n",
    strict: OK(GET, ["A", "b"]),
  },
  {
    why: "every token character in a name (9110 5.6.2)",
    head: "GET / HTTP/1.1\r\n!#$%&'*+-.^_`|~09azAZ: v\r\n\r\n",
    strict: OK(GET, ["!#$%&'*+-.^_`|~09azAZ", "v"]),
  },
  {
    why: "obs-text in a value (9110 5.5)",
    head: "GET / HTTP/1.1\r\nA: D\xe4\xff\x80\r\n\r\n",
    strict: OK(GET, ["A", "D\xe4\xff\x80"]),
  },
  {
    why: "0xa0 is no white space",
    head: "GET / HTTP/1.1\r\nA: 5\xa0\r\n\r\n",
    strict: OK(GET, ["A", "5\xa0"]),
    lenient: OK(GET, ["A", "5"]),
  },
  {
    why: "repeated fields stay apart and in order",
    head: "GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\na: 3\r\n\r\n",
    strict: OK(GET, ["A", "1"], ["B", "2"], ["a", "3"]),
  },
  {
    why: "one empty line before a request (9112 2.2: SHOULD)",
    head: "\r\nGET / HTTP/1.1\r\n\r\n",
    strict: OK(GET),
    lenient: "empty",
  },
  {
    why: "one empty line of a bare LF",
    head: "\nGET / HTTP/1.1\r\n\r\n",
    strict: OK(GET),
    lenient: "empty",
  },
  {
    why: "two empty lines",
    head: "\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    strict: "empty",
  },
  {
    why: "white space before the colon (9112 5.1: MUST reject)",
    head: "GET / HTTP/1.1\r\nHost : h\r\n\r\n",
    strict: BAD,
    lenient: OK(GET),
  },
  {
    why: "a tab before the colon",
    head: "GET / HTTP/1.1\r\nHost\t: h\r\n\r\n",
    strict: BAD,
    lenient: OK(GET),
  },
  {
    why: "obs-fold (9112 5.2: MUST reject)",
    head: "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
    strict: BAD,
    lenient: OK(GET, ["A", "b c"]),
  },
  {
    why: "obs-fold with a tab",
    head: "GET / HTTP/1.1\r\nA: b\r\n\tc\r\n\r\n",
    strict: BAD,
    lenient: OK(GET, ["A", "b c"]),
  },
  {
    why: "white space before the first field (9112 2.2: reject)",
    head: "GET / HTTP/1.1\r\n Host: h\r\n\r\n",
    strict: BAD,
    lenient: OK(GET),
  },
  {
    why: "a line of white space alone",
    head: "GET / HTTP/1.1\r\nA: b\r\n \r\n\r\n",
    strict: BAD,
    lenient: OK(GET, ["A", "b"]),
  },
  {
    why: "no colon",
    head: "GET / HTTP/1.1\r\nnothing\r\nA: b\r\n\r\n",
    strict: BAD,
    lenient: OK(GET),
  },
  {
    why: "no name",
    head: "GET / HTTP/1.1\r\n: b\r\nA: b\r\n\r\n",
    strict: BAD,
    lenient: OK(GET, ["A", "b"]),
  },
  {
    why: "a colon alone",
    head: "GET / HTTP/1.1\r\n:\nA: b\r\n\r\n",
    strict: BAD,
    lenient: OK(GET, ["A", "b"]),
  },
  {
    why: "a line that starts with a bare CR",
    head: "GET / HTTP/1.1\r\n\rA: b\r\n\r\n",
    strict: BAD,
    lenient: OK(GET),
  },
  {
    why: "NUL in a value (9110 5.5)",
    head: "GET / HTTP/1.1\r\nA: b\0c\r\n\r\n",
    strict: BAD,
    lenient: OK(GET, ["A", "b\0c"]),
  },
  {
    why: "a control character in a value",
    head: "GET / HTTP/1.1\r\nA: b\x0bc\r\n\r\n",
    strict: BAD,
    lenient: OK(GET, ["A", "b\x0bc"]),
  },
  {
    why: "a bare CR in a value (9112 2.2: invalid)",
    head: "GET / HTTP/1.1\r\nA: b\rC: d\r\n\r\n",
    strict: BAD,
    lenient: OK(GET, ["A", "b"], ["C", "d"]),
  },
  {
    why: "a bare CR before a line end",
    head: "GET / HTTP/1.1\r\nA: b\r\r\n\r\n",
    strict: BAD,
    lenient: OK(GET, ["A", "b"]),
  },
  {
    why: "a bare CR at the end of the request line",
    head: "GET / HTTP/1.1\r\r\nA: b\r\n\r\n",
    strict: BAD,
    lenient: OK(GET, ["A", "b"]),
  },
  {
    why: "a non-ASCII name",
    head: "GET / HTTP/1.1\r\n\xe4: b\r\n\r\n",
    strict: BAD,
    lenient: OK(GET),
  },
  {
    why: "a delimiter in a name",
    head: "GET / HTTP/1.1\r\nA(B): c\r\n\r\n",
    strict: BAD,
    lenient: OK(GET, ["A(B)", "c"]),
  },
  {
    why: "a bad version",
    head: "GET / HTTP/1.x\r\nA: b\r\n\r\n",
    strict: { status: 400, message: "Bad request version ('HTTP/1.x')" },
  },
  {
    why: "a version to come",
    head: "GET / HTTP/2.0\r\nA: b\r\n\r\n",
    strict: { status: 505, message: "Invalid HTTP version (2.0)" },
  },
  {
    why: "a line with HTTP/0.9 needs no fields",
    head: "GET /a\r\n",
    strict: OK("GET /a"),
  },
  {
    why: "HTTP/0.9 has GET alone",
    head: "POST /a\r\n",
    strict: { status: 400, message: "Bad HTTP/0.9 request type ('POST')" },
  },
  {
    why: "four words",
    head: "GET / x HTTP/1.1\r\n\r\n",
    strict: {
      status: 400,
      message: "Bad request syntax ('GET / x HTTP/1.1')",
    },
  },
];

const LIMITS: HeadLimits = { lineBytes: 40, lines: 4, headBytes: 90 };

const LIMITED: { why: string; head: string; status: number }[] = [
  {
    why: "a request line one byte too long (9112 3: 414)",
    head: `GET /${"a".repeat(25)} HTTP/1.1\r\n\r\n`,
    status: 414,
  },
  {
    why: "a request line without an end",
    head: "a".repeat(41),
    status: 414,
  },
  {
    why: "a header line too long (9110 5.4: a 4xx)",
    head: `GET / HTTP/1.1\r\nA: ${"b".repeat(36)}\r\n\r\n`,
    status: 431,
  },
  {
    why: "a header line without an end",
    head: `GET / HTTP/1.1\r\nA: ${"b".repeat(38)}`,
    status: 431,
  },
  {
    why: "too many lines",
    head: "GET / HTTP/1.1\r\nA: 1\r\nA: 2\r\nA: 3\r\nA: 4\r\n\r\n",
    status: 431,
  },
  {
    why: "too large as a whole",
    head: `GET / HTTP/1.1\r\n${`A: ${"b".repeat(30)}\r\n`.repeat(3)}\r\n`,
    status: 431,
  },
  {
    why: "one byte too large as a whole",
    head: `GET / HTTP/1.1\r\nA: ${"b".repeat(34)}\r\nC: ${
      "d".repeat(29)
    }\r\n\r\n`,
    status: 431,
  },
];

/** Cases exactly at each limit. */
const WITHIN: { why: string; head: string }[] = [
  { why: "the longest line", head: `GET /${"a".repeat(24)} HTTP/1.1\r\n\r\n` },
  {
    why: "the longest field",
    head: `GET / HTTP/1.1\r\nA: ${"b".repeat(35)}\r\n\r\n`,
  },
  {
    why: "the most lines",
    head: "GET / HTTP/1.1\r\nA: 1\r\nA: 2\r\nA: 3\r\n\r\n",
  },
  {
    why: "the largest head",
    head: `GET / HTTP/1.1\r\nA: ${"b".repeat(33)}\r\nC: ${
      "d".repeat(29)
    }\r\n\r\n`,
  },
];

const TRAILING = ["", "X", "\r", "GET /next HTTP/1.1\r\n\r\n", "\0".repeat(64)];
const READ_SIZES = [Infinity, 1, 7];

function outcomeOf(head: Head): Outcome {
  if (head.kind === "empty") return "empty";
  if (head.kind === "bad") return { status: head.status };
  return { line: head.requestline, fields: [...head.fields] };
}

Deno.test("HeadReader reads a head the same however it is split", async (t) => {
  for (const { why, head, strict, lenient = strict } of CASES) {
    await t.step(why, async () => {
      for (const isStrict of [true, false]) {
        const wanted = isStrict ? strict : lenient;
        for (const readSize of READ_SIZES) {
          for (const trailing of TRAILING) {
            const { heads, rest } = await readHeads(
              head + trailing,
              isStrict,
              WIDE,
              readSize,
              1,
            );
            const got = outcomeOf(heads[0]!);
            const { message, ...plain } = typeof wanted === "object" &&
                "status" in wanted
              ? wanted
              : { ...wanted as object, message: undefined };
            const how = `${why}, strict ${isStrict}, by ${readSize}`;
            if (wanted === "empty") assertEquals(got, "empty", how);
            else assertEquals(got, plain as Outcome, how);
            if (message !== undefined && heads[0]!.kind === "bad") {
              assertEquals(heads[0].message, message, how);
            }
            // The connection ends after HTTP/0.9: later bytes are lost.
            const [first] = heads;
            if (first!.kind === "request" && first!.version !== undefined) {
              assertEquals(rest, trailing, how);
            }
          }
        }
      }
    });
  }
});

Deno.test("HeadReader refuses a head as soon as it exceeds a limit", async (t) => {
  for (const { why, head, status } of LIMITED) {
    await t.step(why, async () => {
      for (const readSize of READ_SIZES) {
        for (const trailing of ["", "x".repeat(100)]) {
          const { heads } = await readHeads(
            head + trailing,
            true,
            LIMITS,
            readSize,
          );
          assertEquals(outcomeOf(heads[0]!), { status }, `by ${readSize}`);
        }
      }
    });
  }
});

Deno.test("HeadReader accepts heads exactly at the limits", async (t) => {
  for (const { why, head } of WITHIN) {
    await t.step(why, async () => {
      for (const readSize of READ_SIZES) {
        for (const trailing of ["", "x".repeat(100)]) {
          const { heads, rest } = await readHeads(
            head + trailing,
            true,
            LIMITS,
            readSize,
            1,
          );
          assertEquals(heads[0]!.kind, "request", `by ${readSize}`);
          assertEquals(rest, trailing);
        }
      }
    });
  }
});

Deno.test("HeadReader reads pipelined requests in order", async () => {
  const one = "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n";
  const two = "\r\nPUT /2 HTTP/1.1\r\nHost: h\r\n\r\n";
  for (const readSize of READ_SIZES) {
    const { heads, rest } = await readHeads(
      one + two + one,
      true,
      WIDE,
      readSize,
    );
    const targets = heads.map((head) => "target" in head && head.target);
    assertEquals(targets, ["/1", "/2", "/1"]);
    assertEquals(rest, "");
  }
});

Deno.test("HeadReader, if lenient, ends a head where the stream ends", async () => {
  const cut = "GET / HTTP/1.0\r\nA: b\r\nC: d";
  const { heads: [lenient] } = await readHeads(cut, false);
  assertEquals(
    outcomeOf(lenient!),
    OK("GET / HTTP/1.0", ["A", "b"], ["C", "d"]),
  );
  // RFC 9112 section 8: a server must not process an incomplete request.
  const { heads: [strict] } = await readHeads(cut, true);
  assertEquals(outcomeOf(strict!), BAD);
});
