// Copyright 2026 the pystd authors. MIT license.

/**
 * Every limit, with a small value, over real sockets: the response, the end of
 * the connection, and the log line. `maxConnections` is in
 * `server/threading_test.ts`, limits of scripts are in
 * `handlers/cgi_*_test.ts`.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertStringIncludes } from "@std/assert/string-includes";
import { SimpleHTTPRequestHandler } from "../handlers/simple.ts";
import type { Connection } from "../io/connection.ts";
import type { ClientAddress } from "../server.ts";
import { parseAnswers } from "./support/answers.ts";
import { ask, type Part, pause, RawClient } from "./support/client.ts";
import { isInstalled, runProgram } from "./support/command.ts";
import { req } from "./support/rfc.ts";
import { makeFiles } from "./support/tree.ts";
import { captureLog, takeLog } from "./support/log.ts";
import { Hasty, message, Server, Small, start } from "./support/low_limits.ts";

captureLog();

interface Refusal {
  limit: string;
  send: Part[];
  status: number;
  log: string;
}

const REFUSALS: Refusal[] = [
  {
    limit: "maxLineBytes, of a request line",
    send: [`GET /${"a".repeat(100)} HTTP/1.1\r\n\r\n`],
    status: 414,
    log: "code 414, message URI Too Long",
  },
  {
    limit: "maxLineBytes, of a header line",
    send: [req("GET /", `A: ${"b".repeat(100)}`)],
    status: 431,
    log: "code 431, message Line too long",
  },
  {
    limit: "maxHeaderLines",
    send: [req("GET /", "A: 1", "A: 2", "A: 3", "A: 4", "A: 5")],
    status: 431,
    log: "code 431, message Too many headers",
  },
  {
    limit: "maxHeadBytes",
    send: [req("GET /", ...Array(3).fill(`A: ${"b".repeat(90)}`))],
    status: 431,
    log: "code 431, message Header block too large",
  },
  {
    limit: "maxBodyBytes, by Content-Length",
    send: [req("POST /", "Content-Length: 1001"), "x"],
    status: 413,
    log: "code 413, message Content Too Large",
  },
  {
    limit: "maxBodyBytes, in chunks",
    send: [
      req("POST /", "Transfer-Encoding: chunked"),
      { repeat: "64\r\n" + "x".repeat(100) + "\r\n", times: 11 },
    ],
    status: 413,
    log: "code 413, message Content Too Large",
  },
  {
    limit: "headTimeout",
    send: ["GET / HTTP/1.1\r\nHo"],
    status: 408,
    log: "code 408, message Request Timeout",
  },
  {
    limit: "stallTimeout, of a body with a length",
    send: [req("POST /", "Content-Length: 100"), "x"],
    status: 408,
    log: "code 408, message Request Timeout",
  },
  {
    limit: "stallTimeout, of a body in chunks",
    send: [req("POST /", "Transfer-Encoding: chunked"), "5\r\nhel"],
    status: 408,
    log: "code 408, message Request Timeout",
  },
];

for (const { limit, send, status, log } of REFUSALS) {
  Deno.test(`BaseHTTPRequestHandler enforces ${limit}`, async () => {
    Small.log = [];
    await using server = start(status === 408 ? Hasty : Small);
    await using client = await RawClient.connect(server.port);
    await client.send(...send);
    await client.waitFor(() => client.closed, 4000);
    const answers = parseAnswers(client.received);
    assertEquals(answers.map((answer) => answer.status), [status]);
    assertEquals({ closed: client.closed, reset: client.reset }, {
      closed: true,
      reset: false,
    });
    assertStringIncludes(answers[0]!.head, "Connection: close\r\n");
    const lines = Small.log.map(message);
    assertEquals(lines.filter((line) => line === log), [log]);
    // The error and its request, as in CPython.
    assertEquals(lines.length, 2);
  });
}

Deno.test("BaseHTTPRequestHandler accepts requests at its limits", async () => {
  await using server = start(Small);
  const cases: [string, number][] = [
    [`GET /${"a".repeat(84)} HTTP/1.1\r\nHost: h\r\n\r\n`, 204],
    [req("GET /", `A: ${"b".repeat(95)}`), 204],
    [req("GET /", "A: 1", "A: 2", "A: 3"), 204],
    [req("POST /", "Content-Length: 1000") + "x".repeat(1000), 200],
    [
      req("POST /", "Transfer-Encoding: chunked") +
      `3e8\r\n${"x".repeat(1000)}\r\n0\r\n\r\n`,
      200,
    ],
  ];
  for (const [request, status] of cases) {
    const [answer] = await ask(server.port, request);
    assertEquals(answer!.status, status, request);
  }
});

Deno.test("BaseHTTPRequestHandler enforces maxRequests with Connection: close", async () => {
  await using server = start(Small);
  await using client = await RawClient.connect(server.port);
  await client.send({ repeat: req("GET /"), times: 5 });
  assert(await client.waitFor(() => client.closed));
  const answers = parseAnswers(client.received);
  assertEquals(answers.map(({ status }) => status), [204, 204, 204]);
  assertEquals(
    answers.map(({ head }) => head.includes("Connection: close")),
    [false, false, true],
  );
  assertEquals(client.reset, false);
});

Deno.test("BaseHTTPRequestHandler enforces maxDrainBytes", async () => {
  await using server = start(Small);
  for (const [length, count] of [[500, 2], [501, 1]]) {
    await using client = await RawClient.connect(server.port);
    await client.send(
      req("GET /", `Content-Length: ${length}`),
      "x".repeat(length),
      req("GET /"),
    );
    await client.waitFor(() => parseAnswers(client.received).length === 2, 300);
    assertEquals(parseAnswers(client.received).length, count, `${length}`);
  }
});

Deno.test({
  name: "a client sees why a large upload is refused (needs curl)",
  ignore: !isInstalled("curl"),
  async fn() {
    await using tree = await makeFiles({ "big.bin": "x".repeat(20_000_000) });
    class Curled extends Small {
      static override maxHeaderLines = 20;
    }
    await using server = start(Curled);
    for (const more of [[], ["-H", "Expect:"], ["-H", "Content-Length: 1x"]]) {
      const { code, stdout } = await runProgram("curl", [
        ..."-sS -o /dev/null -w %{http_code} --data-binary".split(" "),
        `@${tree.root}/big.bin`,
        ...more,
        `http://127.0.0.1:${server.port}/`,
      ]);
      const status = more[1]?.startsWith("C") ? "400" : "413";
      assertEquals({ code, stdout }, { code: 0, stdout: status });
    }
  },
});

Deno.test("SimpleHTTPRequestHandler enforces maxRanges", async () => {
  await using tree = await makeFiles({ "a.txt": "0123456789" });
  class Few extends SimpleHTTPRequestHandler {
    static override maxRanges = 2;
    override writeLog(): void {}
  }
  await using server = start(Few.with({ directory: tree.root }));
  for (const [ranges, status] of [["0-0,2-2", 206], ["0-0,2-2,4-4", 200]]) {
    const [answer] = await ask(
      server.port,
      req("GET /a.txt", `Range: bytes=${ranges}`),
    );
    assertEquals(answer!.status, status);
  }
});

/**
 * Addresses of clients, and the statuses of a server that accepts two
 * connections from each.
 */
const PER_ADDRESS: [name: string, hosts: string[], statuses: number[]][] = [
  [
    "of an address",
    ["192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2"],
    [204, 204, 503, 204],
  ],
  [
    "of an IPv6 network of 64 bits",
    ["2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8:0:1::1"],
    [204, 204, 503, 204],
  ],
  [
    "of an IPv4 address in both forms",
    ["192.0.2.1", "::ffff:192.0.2.1", "::ffff:c000:201"],
    [204, 204, 503],
  ],
  ["but for this machine", Array(4).fill("127.0.0.1"), Array(4).fill(204)],
  ["but for a trusted proxy", Array(4).fill("10.0.0.1"), Array(4).fill(204)],
];

/** Behind a proxy. */
class Proxied extends Small {
  static override trustedProxies = ["10.0.0.0/8"];
}

for (const [name, hosts, wanted] of PER_ADDRESS) {
  Deno.test(`ThreadingHTTPServer enforces maxConnectionsPerAddress, ${name}`, async () => {
    takeLog();
    const coming = [...hosts];
    class PerAddress extends Server {
      static override maxConnectionsPerAddress = 2;
      override async getRequest(): Promise<[Connection, ClientAddress]> {
        const [request] = await super.getRequest();
        return [request, [coming.shift() ?? "127.0.0.1", 1]];
      }
    }
    const httpd = new PerAddress(["127.0.0.1", 0], Proxied);
    await using server = start(Proxied, httpd);
    await using stack = new AsyncDisposableStack();
    const statuses: number[] = [];
    const clients: RawClient[] = [];
    for (let i = 0; i < hosts.length; i++) {
      const client = stack.use(await RawClient.connect(server.port));
      clients.push(client);
      await client.send(req("THINK /"));
      while (server.httpd.connectionCount <= 0) await pause(5);
    }
    for (const client of clients) {
      await client.waitFor(() => client.received !== "");
      statuses.push(parseAnswers(client.received)[0]!.status);
    }
    assertEquals(statuses, wanted);
    const refused = takeLog();
    assertEquals(refused.length, wanted.filter((code) => code === 503).length);
    for (const line of refused) {
      assertStringIncludes(line, "Too many connections: refused one from ");
    }
  });
}
