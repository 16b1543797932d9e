// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import {
  type AccessEntry,
  accessLine,
  colored,
} from "../../../handlers/share/access_log.ts";
import { ShareHTTPRequestHandler } from "../../../handlers/share.ts";
import { ThreadingHTTPServer } from "../../../server.ts";
import { ask } from "../../support/client.ts";
import { makeFiles } from "../../support/tree.ts";

const ENTRY: AccessEntry = {
  remote: "192.0.2.1",
  user: undefined,
  requestline: "GET /a HTTP/1.1",
  status: 200,
  bytes: 5,
  duration: 12.3456,
  referer: undefined,
  userAgent: "curl/8",
};

Deno.test("accessLine formats a line in each format", () => {
  const cases: [Partial<AccessEntry>, string, RegExp][] = [
    [
      {},
      "clf",
      /^192\.0\.2\.1 - - \[\d\d\/[A-Z][a-z]{2}\/\d{4}(?::\d\d){3} [+-]\d{4}\] "GET \/a HTTP\/1\.1" 200 5 0\.012$/,
    ],
    [{ bytes: 0, user: "ann b" }, "clf", / - ann\\x20b \[.* 200 - 0\.012$/],
    [{}, "combined", / 200 5 "-" "curl\/8" 0\.012$/],
    [
      { userAgent: 'a" "b\x1b[31m', referer: "\n" },
      "combined",
      /"\\x0a" "a\\" \\"b\\x1b\[31m" 0\.012$/,
    ],
    [
      { userAgent: "\x9b31m" },
      "json",
      /"status":200,"bytes":5,"ms":12\.346,"userAgent":"\\u009b31m"\}$/,
    ],
  ];
  for (const [change, format, wanted] of cases) {
    const line = accessLine(
      format as "clf" | "combined" | "json",
      { ...ENTRY, ...change },
      Date.now(),
    );
    assertMatch(line, wanted);
    if (format === "json") JSON.parse(line);
  }
});

Deno.test("accessLine leaves out a malformed protocol", () => {
  const table: [requestline: string, method: string, ...rest: string[]][] = [
    ["GET /a HTTP/1.1", "GET", "/a", "HTTP/1.1"],
    ["GET /a HTTP/1.0", "GET", "/a", "HTTP/1.0"],
    ["GET\t/a \tHTTP/1.0", "GET", "/a", "HTTP/1.0"],
    ["GET /a", "GET", "/a"],
    ["GET HTTP/1.1", "GET", "HTTP/1.1"],
    ["GET", "GET"],
    ["", ""],
    ["GET /a forged HTTP/1.1", "GET", "/a forged", "HTTP/1.1"],
    ["GET /a HTTP/1.1 forged", "GET", "/a HTTP/1.1 forged"],
    ['GET /a ok","status":200', "GET", '/a ok","status":200'],
    ["GET /a HTTP/1.1x", "GET", "/a HTTP/1.1x"],
    ["GET /a http/1.1", "GET", "/a http/1.1"],
  ];
  for (const [requestline, method, target, protocol] of table) {
    const line = accessLine("json", { ...ENTRY, requestline }, Date.now());
    const { time: _, ...parts } = JSON.parse(line);
    assertEquals(
      [parts.method, parts.target, parts.protocol, parts.status],
      [method, target, protocol, 200],
      requestline,
    );
  }
});

Deno.test("colored colours redirects and errors", () => {
  assertEquals(colored("a", 200), "a");
  assertEquals(colored("a", 304), "\x1b[36ma\x1b[39m");
  assertEquals(colored("a", 404), "\x1b[33ma\x1b[39m");
  assertEquals(colored("a", 500), "\x1b[31ma\x1b[39m");
});

Deno.test("ShareHTTPRequestHandler logs each request when it ends", async () => {
  await using tree = await makeFiles({
    "a.txt": "alpha",
    "b.bin": "b".repeat(300000),
  });
  const lines: string[] = [];
  class Handler extends ShareHTTPRequestHandler {
    override writeLog(line: string): void {
      lines.push(line);
    }
  }
  await using httpd = new ThreadingHTTPServer(
    ["127.0.0.1", 0],
    Handler.with({ directory: tree.root, logFormat: "json" }),
  );
  const served = httpd.serveForever();
  const one = (method: string, path: string): string =>
    `${method} ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
  await ask(
    httpd.serverPort,
    one("GET", "/a.txt") + one("HEAD", "/a.txt") + one("GET", "/none") +
      one("GET", "/b.bin"),
  );
  await ask(httpd.serverPort, "nonsense\r\n\r\n");
  await httpd.shutdown();
  await served;
  await httpd.serverClose();
  const seen = lines.map((line) => JSON.parse(line)).map((
    { method, status, bytes },
  ) => [method, status, bytes]);
  assertEquals(seen.slice(0, 4), [
    ["GET", 200, 5],
    ["HEAD", 200, 0],
    ["GET", 404, 19],
    ["GET", 200, 300000],
  ]);
  assertEquals(seen.length, 5);
  assertEquals(seen[4][1], 400);
});
