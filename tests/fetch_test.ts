// Copyright 2026 the pystd authors. MIT license.

/**
 * `toFetchHandler`. `fetch_transports_test.ts` tests behaviour that is the same
 * over sockets.
 */

import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { assertStringIncludes } from "@std/assert/string-includes";
import { toFetchHandler } from "../fetch.ts";
import { BaseHTTPRequestHandler } from "../handlers/base.ts";
import { SimpleHTTPRequestHandler } from "../handlers/simple.ts";
import type { HTTPServer } from "../server.ts";
import { ask } from "./support/client.ts";
import { ROOT, runProgram, runToEnd } from "./support/command.ts";
import { Cases, serve } from "./support/fetch.ts";
import { waitUntil } from "./support/wait.ts";
import { captureLog } from "./support/log.ts";

Deno.test("toFetchHandler reports responses that fetch cannot represent", async (t) => {
  class Odd extends BaseHTTPRequestHandler {
    do_RAW(): void {
      this.wfile.write("as in HTTP/0.9\n");
    }
    do_SWITCH(): void {
      this.sendResponseOnly(101);
      this.endHeaders();
    }
    do_ODD(): void {
      this.sendResponse(999);
      this.endHeaders();
    }
    do_NOTHING(): void {}
    override writeLog(): void {}
  }
  const handler = toFetchHandler(Odd);
  for (
    const [method, message] of [
      ["RAW", "no status line"],
      ["SWITCH", "switches protocols (101)"],
      ["ODD", "999"],
    ] as const
  ) {
    await t.step(method, async () => {
      await assertRejects(
        () => handler(new Request("http://h/", { method })),
        TypeError,
        message,
      );
    });
  }
  await t.step("NOTHING", async () => {
    const response = await handler(
      new Request("http://h/", { method: "NOTHING" }),
    );
    assertEquals(response.status, 500);
    await response.body?.cancel();
  });
  await t.step("CONNECT", async () => {
    await using server = serve(handler);
    const [answer] = await ask(
      server.addr.port,
      "CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n",
    );
    assertEquals(answer!.status, 501);
    assertStringIncludes(answer!.body, "CONNECT needs the connection");
  });
});

Deno.test("toFetchHandler aborts a response that the handler does not finish", async () => {
  class Short extends BaseHTTPRequestHandler {
    do_GET(): void {
      this.sendResponse(200);
      this.sendHeader("Content-Length", 10);
      this.endHeaders();
      this.wfile.write("short");
    }
    override writeLog(): void {}
  }
  const response = await toFetchHandler(Short)(new Request("http://h/"));
  await assertRejects(() => response.text(), TypeError, "incomplete");
});

Deno.test("toFetchHandler never parses a body as a request", async () => {
  const asked: string[] = [];
  class Log extends Cases {
    override logRequest(): void {
      asked.push(this.requestline);
    }
  }
  const smuggled = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";
  const response = await toFetchHandler(Log)(
    new Request("http://h/", {
      method: "POST",
      body: `abc${smuggled}`,
      headers: { "content-length": "3", "connection": "keep-alive" },
    }),
  );
  assertEquals(await response.text(), "abc");
  assertEquals(asked, ["POST / HTTP/1.1"]);
});

Deno.test("toFetchHandler takes the client's address from the platform", async (t) => {
  class Who extends BaseHTTPRequestHandler {
    do_GET(): void {
      this.sendResponse(200);
      this.endHeaders();
      this.wfile.write(JSON.stringify(this.clientAddress));
    }
    override writeLog(): void {}
  }
  const request = new Request("http://h/");
  const tcp = { transport: "tcp", hostname: "192.0.2.1", port: 5 } as const;
  for (
    const [name, origin, wanted] of [
      ["a TCP address", { remoteAddr: tcp }, ["192.0.2.1", 5]],
      ["a Unix socket", {
        remoteAddr: { transport: "unix", path: "/s" },
      }, ["unix", 0]],
      ["nothing", undefined, ["-", 0]],
    ] as const
  ) {
    await t.step(name, async () => {
      const response = await toFetchHandler(Who)(request, origin);
      assertEquals(await response.json(), wanted);
    });
  }
  await t.step("an option", async () => {
    const handler = toFetchHandler(Who, {
      clientAddress: ({ url }) => [url, 7],
    });
    const response = await handler(request);
    assertEquals(await response.json(), ["http://h/", 7]);
  });
});

Deno.test("SimpleHTTPRequestHandler serves files over fetch", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const large = "0123456789".repeat(100_000);
    await Deno.writeTextFile(`${directory}/large.txt`, large);
    class Quiet extends SimpleHTTPRequestHandler {
      override writeLog(): void {}
    }
    const handler = toFetchHandler(Quiet.with({ directory }));
    await using server = serve(handler);
    const url = `http://127.0.0.1:${server.addr.port}/large.txt`;
    const whole = await fetch(url);
    assertEquals(whole.headers.get("content-length"), "1000000");
    assertEquals(await whole.text(), large);
    const part = await fetch(url, { headers: { range: "bytes=-5" } });
    assertEquals([part.status, await part.text()], [206, "56789"]);
    const etag = whole.headers.get("etag")!;
    const again = await fetch(url, { headers: { "if-none-match": etag } });
    assertEquals([again.status, await again.text()], [304, ""]);
    const [up] = await ask(
      server.addr.port,
      "GET /../../etc/passwd HTTP/1.1\r\nHost: h\r\n\r\n",
    );
    assertEquals(up!.status, 404);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("toFetchHandler has a server that accepts nothing", async () => {
  class Asks extends BaseHTTPRequestHandler {
    async do_GET(): Promise<void> {
      await assertRejects(() => this.server.getRequest(), TypeError, "fetch");
      const { serverName, serverPort } = this.server as HTTPServer;
      this.sendResponse(200);
      this.endHeaders();
      this.wfile.write(`${serverName} ${serverPort}`);
    }
    override writeLog(): void {}
  }
  const plain = await toFetchHandler(Asks)(new Request("http://h/"));
  assertEquals(await plain.text(), "localhost 80");
  const handler = toFetchHandler(Asks, { serverAddress: ["example.org", 443] });
  const named = await handler(new Request("https://example.org/"));
  assertEquals(await named.text(), "example.org 443");
});

Deno.test("toFetchHandler passes the client's address to onError", async () => {
  const told = Promise.withResolvers<string[]>();
  const handler = toFetchHandler(Cases, {
    onError: (error, [host]) => told.resolve([String(error), host]),
    clientAddress: () => ["192.0.2.1", 1],
  });
  const response = await handler(new Request("http://h/throw"));
  assertEquals(response.status, 500);
  await response.text();
  assertEquals(await told.promise, ["Error: Deliberate", "192.0.2.1"]);
});

Deno.test("toFetchHandler notices disconnects under Deno.serve, which prints nothing", async () => {
  const result = await runToEnd([], {
    module: `${ROOT}/tests/support/disconnects.ts`,
    permissions: ["--allow-net=127.0.0.1"],
  });
  assertEquals(result.stderr, "");
  assertEquals(result.stdout.split("\n"), [
    "HELLO true",
    "BRIEF true",
    "STREAM BrokenPipe",
    "UPLOAD BrokenPipe",
    "HELLO true",
    "",
  ]);
  assertEquals(result.code, 0);
});

Deno.test("toFetchHandler gives workerd the length of a stream", async () => {
  const code = `
    globalThis.FixedLengthStream = class extends TransformStream {
      constructor(length) {
        super();
        console.log("length", length);
      }
    };
    const { toFetchHandler } = await import("file://${ROOT}/fetch.ts");
    const { BaseHTTPRequestHandler } = await import("file://${ROOT}/handlers/base.ts");
    class Late extends BaseHTTPRequestHandler {
      async do_GET() {
        this.sendResponse(200);
        this.sendHeader("Content-Length", 10);
        this.endHeaders();
        await this.wfile.drained();
        this.wfile.write("0123456789");
      }
      logMessage() {}
    }
    const response = await toFetchHandler(Late)(new Request("http://h/"));
    console.log(await response.text());
  `;
  const module = `data:text/javascript,${encodeURIComponent(code)}`;
  const { stdout, stderr } = await runProgram(Deno.execPath(), [
    "run",
    "--allow-read",
    "--no-prompt",
    module,
  ]);
  assertEquals(stdout, "length 10\n0123456789\n", stderr);
});

Deno.test("toFetchHandler ignores an aborted request", async () => {
  const signal = AbortSignal.abort();
  await assertRejects(
    () => toFetchHandler(Cases)(new Request("http://h/length", { signal })),
    DOMException,
  );
});

Deno.test("toFetchHandler reports errors in a handler's own head", async () => {
  const logged: unknown[] = [];
  class Raw extends BaseHTTPRequestHandler {
    async do_GET(): Promise<void> {
      for (const piece of ["HTTP/1.1 200", " OK\r\nno field\r\n\r\n"]) {
        this.wfile.write(piece);
        await this.wfile.drained();
      }
    }
    async do_POST(): Promise<void> {
      this.wfile.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
      await this.wfile.drained();
      this.wfile.write("abc");
      await this.wfile.drained();
      this.wfile.write("more");
      await this.wfile.drained();
    }
    override writeLog(line: string): void {
      logged.push(line);
    }
  }
  const handler = toFetchHandler(Raw);
  await assertRejects(
    () => handler(new Request("http://h/")),
    TypeError,
    "its head is malformed",
  );
  // Bytes after the response are dropped.
  const response = await handler(new Request("http://h/", { method: "POST" }));
  assertEquals(await response.text(), "ab");
});

Deno.test("toFetchHandler logs errors of handlers without onError", async () => {
  const logged = captureLog();
  const response = await toFetchHandler(Cases)(new Request("http://h/throw"));
  assertEquals(response.status, 500);
  await response.text();
  await waitUntil(() => logged.length > 0);
  assertStringIncludes(logged.join("\n"), "Error: Deliberate");
});

Deno.test("toFetchHandler prefers the chunked coding to a length", async () => {
  class Both extends BaseHTTPRequestHandler {
    do_GET(): void {
      this.wfile.write(
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n" +
          "Transfer-Encoding: chunked\r\n\r\n5\r\nalpha\r\n0\r\n\r\n",
      );
    }
    override writeLog(): void {}
  }
  const response = await toFetchHandler(Both)(new Request("http://h/"));
  assertEquals(response.headers.get("content-length"), null);
  assertEquals(await response.text(), "alpha");
});
