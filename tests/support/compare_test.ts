// Copyright 2026 the pystd authors. MIT license.

/**
 * Checks the comparison with CPython itself: an answer made from each recording
 * must pass, and the same answer with any relevant change must fail.
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertNotEquals } from "@std/assert/not-equals";
import {
  differences,
  type Expectation,
  type Origin,
  type Outcome,
  SYS_VERSION,
} from "./compare.ts";
import { flatten, methodsOf } from "./client.ts";
import { Methods } from "./handlers.ts";
import {
  alternatives,
  readVectors,
  runVectors,
  type Vector,
} from "./vectors.ts";

const GROUPS = [
  "base",
  "requestline",
  "headers",
  "send_error",
  "log",
  "static",
  "cgi",
];
const NOW = Date.UTC(2026, 2, 4, 5, 6, 7);
const DATE = "Wed, 04 Mar 2026 05:06:07 GMT";
const OURS = "Ours/1.0";
const SERVER = `${OURS} ${SYS_VERSION}`;
const ROOT = "/srv/tree";

function originOf(vector: Vector, serverVersion = OURS): Origin {
  return {
    methods: methodsOf(flatten([vector.request].flat())),
    serverVersion,
    branded: vector.handler === "Branded",
    now: NOW,
    root: ROOT,
  };
}

/** Returns the answer of this package that matches a recording. */
function answerOf(vector: Vector): Outcome {
  const { expect } = vector;
  if (expect !== undefined) return answerTo([expect].flat()[0]!);
  const scripted = vector.compare?.startsWith("cgi") ?? false;
  const response = vector.response
    .replaceAll("<DATE>", DATE)
    .replaceAll("<LAST_MODIFIED>", vector.last_modified ?? "")
    .replaceAll(/(?:Base|Simple)HTTP\/0\.6 <SYS_VERSION>/g, SERVER)
    .replaceAll("<ROOT>", ROOT);
  return {
    response: scripted ? withCrlf(response, vector.compare) : response,
    closed: vector.closed,
    log: vector.log?.map((line) => line.replace("<TIME>", localTime())) ?? null,
  };
}

function answerTo({ statuses, closed, body }: Expectation): Outcome {
  const response = statuses.map((status, index) => {
    const none = status < 200 || status === 204 || status === 304;
    const text = index === statuses.length - 1 ? body ?? "" : "";
    const length = none ? "" : `Content-Length: ${text.length}\r\n`;
    return `HTTP/1.1 ${status} Reason\r\n${length}\r\n${text}`;
  }).join("");
  return { response, closed: closed ?? false, log: [] };
}

function withCrlf(response: string, compare: string | undefined): string {
  const [head = ""] = /^.*?\n\r?\n/s.exec(response) ?? [];
  const body = compare === "cgi-head" ? "" : response.slice(head.length);
  return head.replaceAll(/\r?\n/g, "\r\n") + body;
}

function localTime(): string {
  const date = new Date(NOW);
  const two = (number: number) => String(number).padStart(2, "0");
  return `${two(date.getDate())}/Mar/2026 ` +
    [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
}

/** Answers that must fail, by their fault. */
function* spoilt(vector: Vector, good: Outcome): Iterable<[string, Outcome]> {
  const { response, closed, log } = good;
  if (vector.compare === "expect") {
    yield ["a response too many", {
      ...good,
      response: `${response}HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n`,
    }];
    yield ["nothing", { ...good, response: "" }];
    yield ["other status", {
      ...good,
      response: response.replace(/^HTTP\/1\.1 \d+/, "HTTP/1.1 599"),
    }];
    return;
  }
  yield ["closed or not", { ...good, closed: !closed }];
  yield ["a byte more", { ...good, response: `${response}x` }];
  if (log !== null) {
    yield ["a line too many", { ...good, log: [...log, "x"] }];
    if (log.length > 0) {
      yield ["a line missing", { ...good, log: log.slice(1) }];
      yield ["old log line", {
        ...good,
        log: log.map((line) => line.replace("/2026 ", "/2025 ")),
      }];
    }
  }
  const lengths = response.length > 0 && vector.compare !== "cgi-head";
  if (lengths) yield ["a byte less", { ...good, response: cut(response) }];
  if (!response.includes(`Date: ${DATE}`)) return;
  for (const [name, wrong] of WRONG_HEADERS) {
    const changed = response.replace(name, wrong);
    if (changed !== response) yield [wrong, { ...good, response: changed }];
  }
}

const WRONG_HEADERS = [
  ["Date: Wed", "Date: Thu"],
  ["Date: Wed", "date: Wed"],
  ["05:06:07 GMT", "03:06:07 GMT"],
  ["04 Mar 2026", "4 Mar 2026"],
  ["Last-Modified: Thu", "Last-Modified: Fri"],
  ["12:34:56 GMT", "12:34:57 GMT"],
  ["Server: ", "Server:  "],
  ["Server: Ours", "Server: Theirs"],
  ["Server: Toy/2.5 ", "Server: Toy/2.5"],
  ["HTTP/1.", "HTTP/2."],
] as const;

function cut(text: string): string {
  return text.slice(0, -1);
}

Deno.test("differences finds none in the recorded answers", () => {
  for (const vector of GROUPS.flatMap(readVectors)) {
    const found = differences(vector, answerOf(vector), originOf(vector));
    assertEquals(found, [], vector.id);
  }
});

Deno.test("differences refuses every spoilt answer", () => {
  let count = 0;
  for (const vector of GROUPS.flatMap(readVectors)) {
    for (const [name, outcome] of spoilt(vector, answerOf(vector))) {
      const found = differences(vector, outcome, originOf(vector));
      assertNotEquals(found, [], `${vector.id}: ${name}`);
      count++;
    }
  }
  assert(count > 2000, `only ${count} spoilt answers`);
});

Deno.test("differences refuses an answer with any one byte changed", () => {
  for (const vector of GROUPS.flatMap(readVectors)) {
    if (vector.compare !== undefined && vector.compare !== "headers+") continue;
    const good = answerOf(vector);
    const dates = [...good.response.matchAll(/^Date: .*$/gm)];
    const step = Math.max(1, Math.floor(good.response.length / 60));
    for (let at = 0; at < good.response.length; at += step) {
      // Another second of the same minute is a correct date, too.
      if (dates.some((m) => at >= m.index && at < m.index + m[0].length)) {
        continue;
      }
      const byte = good.response.charCodeAt(at) ^ 1;
      const response = good.response.slice(0, at) +
        String.fromCharCode(byte) + good.response.slice(at + 1);
      const outcome = { ...good, response };
      const found = differences(vector, outcome, originOf(vector));
      assertNotEquals(found, [], `${vector.id}: byte ${at}`);
    }
  }
});

Deno.test("differences ignores only the given header lines", () => {
  const vector = readVectors("static").find(({ id }) =>
    id === "static/file@1.1"
  )!;
  const good = answerOf(vector);
  const having = (line: string): string[] => {
    const response = good.response.replace("\r\n\r\n", `\r\n${line}\r\n\r\n`);
    return differences(vector, { ...good, response }, originOf(vector));
  };
  assertEquals(having('etag: "x"\r\nAccept-Ranges: bytes'), []);
  assertNotEquals(having("Connection: keep-alive"), []);
});

Deno.test("differences masks Server only if it is the handler's own", () => {
  const vector = readVectors("static").find(({ id }) =>
    id === "static/file@1.1"
  )!;
  const good = answerOf(vector);
  const compare = (serverVersion: string, server: string): string[] => {
    const response = good.response.replace(SERVER, server);
    const origin = originOf(vector, serverVersion);
    return differences(vector, { ...good, response }, origin);
  };
  assertEquals(compare(OURS, SERVER), []);
  assertEquals(compare("SimpleHTTP/0.6", `SimpleHTTP/0.6 ${SYS_VERSION}`), []);
  const wrong = [
    [OURS, "SimpleHTTP/0.6"],
    [OURS, `${SERVER} `],
    [OURS, "Ours/1.0 Deno/1.0.0"],
    [OURS, "Theirs/1.0"],
    ["SimpleHTTP/0.6", SERVER],
    ["SimpleHTTP/0.6", "SimpleHTTP/0.6 Deno/1.0.0"],
    ["BaseHTTP/0.6", `BaseHTTP/0.6 ${SYS_VERSION}`],
  ] as const;
  for (const [serverVersion, server] of wrong) {
    assertNotEquals(compare(serverVersion, server), [], server);
  }
});

Deno.test("differences compares an expectation with each of its parts", () => {
  const expect = { statuses: [204, 200], closed: true, body: "ab" };
  const vector = { compare: "expect" as const, expect, ...answerTo(expect) };
  const origin = { ...originOf(readVectors("base")[0]!), methods: [] };
  const compare = (changed: Partial<Expectation>): string[] =>
    differences(vector, answerTo({ ...expect, ...changed }), origin);
  assertEquals(compare({}), []);
  assertEquals(compare({ closed: false }).length, 1);
  assertEquals(compare({ body: "abc" }).length, 1);
  assertNotEquals(compare({ statuses: [200, 204] }), []);
});

Deno.test("alternatives finds all accepted answers", () => {
  const count = GROUPS.map((group) => {
    const vectors = readVectors(group);
    return vectors.filter((vector) => {
      const wanted = 1 + (vector.accept_body?.length ?? 0) +
        (vector.accept_status?.length ?? 0);
      const all = alternatives(vector, vectors);
      assertEquals(all.length, wanted, vector.id);
      for (const one of all) {
        const found = differences(one, answerOf(one), originOf(one));
        assertEquals(found, [], vector.id);
      }
      return wanted > 1;
    }).length;
  });
  assertEquals(count, [0, 0, 5, 0, 0, 3, 2]);
});

Deno.test("runVectors refuses a handler that answers otherwise", async () => {
  class Wrong extends Methods {
    override do_REASON(): void {
      this.sendResponse(200, "Fine and dandy");
      this.sendHeader("Content-Length", "0");
      this.endHeaders();
    }
  }
  const vectors = readVectors("log").filter(({ id }) => id === "log/nul@1.0");
  const right = await runVectors(vectors, { Methods });
  assertEquals([...right], [["log/nul@1.0", []]]);
  const wrong = await runVectors(vectors, { Methods: Wrong });
  assertEquals(wrong.get("log/nul@1.0")?.length, 1);
});
