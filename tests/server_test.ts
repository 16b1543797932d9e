// Copyright 2026 the pystd authors. MIT license.

/**
 * The story of CPython's socketserver: each step is an override point, called
 * in CPython's order, whatever goes wrong with a connection.
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { assertStringIncludes } from "@std/assert/string-includes";
import { assertThrows } from "@std/assert/throws";
import { delay } from "@std/async/delay";
import { BaseHTTPRequestHandler } from "../handlers/base.ts";
import {
  type ClientAddress,
  type Connection,
  HTTPServer,
  type RequestHandlerClass,
  type ServerAddress,
  ThreadingHTTPServer,
} from "../server.ts";
import { ask, nobodyListens, RawClient } from "./support/client.ts";
import { isInstalled, runProgram, startCommand } from "./support/command.ts";
import { makeFiles, makeTree } from "./support/tree.ts";

const LOCAL: ServerAddress = ["127.0.0.1", 0];
const GET = "GET / HTTP/1.0\r\n\r\n";
const POSIX = Deno.build.os !== "windows";

class Hello extends BaseHTTPRequestHandler {
  do_GET(): void {
    this.sendResponse(200);
    this.sendHeader("Content-Length", 6);
    this.endHeaders();
    this.wfile.write("hello\n");
  }
  do_THROW(): void {
    throw new Error("Thrown by the handler");
  }
  async do_HALF(): Promise<void> {
    this.sendResponse(200);
    this.sendHeader("Content-Length", 100);
    this.endHeaders();
    await this.wfile.write("half");
    await this.wfile.drained();
    throw new Error("Thrown in the middle");
  }
  override logMessage(): void {}
}

/** Hello, with connections that persist. */
class Persistent extends Hello {
  static override protocolVersion = "HTTP/1.1";
}

/** Notes each step. The constructor binds, before a field could be set. */
class RecordingServer extends HTTPServer {
  declare steps: string[];
  declare verdict: () => boolean;
  declare onError: (error: unknown) => void;

  override serverBind(): void {
    this.steps = [];
    this.verdict = () => true;
    this.onError = () => {};
    this.steps.push("serverBind");
    super.serverBind();
  }
  override serverActivate(): void {
    this.steps.push("serverActivate");
  }
  override async getRequest(): Promise<[Connection, ClientAddress]> {
    const got = await super.getRequest();
    this.steps.push("getRequest");
    return got;
  }
  override verifyRequest(): boolean {
    this.steps.push("verifyRequest");
    return this.verdict();
  }
  override processRequest(
    request: Connection,
    address: ClientAddress,
  ): Promise<void> {
    this.steps.push("processRequest");
    return super.processRequest(request, address);
  }
  override finishRequest(
    request: Connection,
    address: ClientAddress,
  ): Promise<void> {
    this.steps.push("finishRequest");
    return super.finishRequest(request, address);
  }
  override handleError(
    _request: Connection,
    _address: ClientAddress,
    error: unknown,
  ): void {
    this.steps.push("handleError");
    this.onError(error);
  }
  override shutdownRequest(request: Connection): void | Promise<void> {
    this.steps.push("shutdownRequest");
    return super.shutdownRequest(request);
  }
  override closeRequest(request: Connection): void | Promise<void> {
    this.steps.push("closeRequest");
    return super.closeRequest(request);
  }
  override handleTimeout(): void {
    this.steps.push("handleTimeout");
  }
  override serviceActions(): void {
    this.steps.push("serviceActions");
  }
  override async serverClose(): Promise<void> {
    this.steps.push("serverClose");
    await super.serverClose();
  }
}

class RecordingThreadingServer extends ThreadingHTTPServer {
  steps: string[] = [];
  override processRequest(
    request: Connection,
    address: ClientAddress,
  ): Promise<void> {
    this.steps.push("processRequest");
    return super.processRequest(request, address);
  }
  override processRequestThread(
    request: Connection,
    address: ClientAddress,
  ): Promise<void> {
    this.steps.push("processRequestThread");
    return super.processRequestThread(request, address);
  }
  override finishRequest(
    request: Connection,
    address: ClientAddress,
  ): Promise<void> {
    this.steps.push("finishRequest");
    return super.finishRequest(request, address);
  }
  override handleError(): void {
    this.steps.push("handleError");
  }
  override shutdownRequest(request: Connection): void | Promise<void> {
    this.steps.push("shutdownRequest");
    return super.shutdownRequest(request);
  }
  override closeRequest(request: Connection): void | Promise<void> {
    this.steps.push("closeRequest");
    return super.closeRequest(request);
  }
}

/** What a client sends, what is done about it, and the steps that follow. */
const STORIES: [
  name: string,
  request: string,
  prepare: (server: RecordingServer) => void,
  steps: string,
][] = [
  [
    "a request is served",
    GET,
    () => {},
    "getRequest verifyRequest processRequest finishRequest shutdownRequest closeRequest",
  ],
  [
    "verifyRequest says no",
    GET,
    (server) => server.verdict = () => false,
    "getRequest verifyRequest shutdownRequest closeRequest",
  ],
  [
    "verifyRequest throws",
    GET,
    (server) =>
      server.verdict = () => {
        throw new Error("Thrown by verifyRequest");
      },
    "getRequest verifyRequest handleError shutdownRequest closeRequest",
  ],
  [
    "the handler throws",
    "THROW / HTTP/1.0\r\n\r\n",
    () => {},
    "getRequest verifyRequest processRequest finishRequest handleError shutdownRequest closeRequest",
  ],
];

Deno.test("HTTPServer takes CPython's steps when", async (t) => {
  for (const [name, request, prepare, steps] of STORIES) {
    await t.step(name, async () => {
      await using server = new RecordingServer(LOCAL, Hello);
      assertEquals(server.steps.splice(0), ["serverBind", "serverActivate"]);
      prepare(server);
      const served = server.handleRequest();
      await ask(server.serverPort, request);
      await served;
      assertEquals(server.steps.splice(0).join(" "), steps);
    });
  }
  await t.step("nobody comes", async () => {
    await using server = new RecordingServer(LOCAL, Hello);
    server.timeout = 20;
    await server.handleRequest();
    assertEquals(server.steps.at(-1), "handleTimeout");
    // The next one is served all the same.
    server.timeout = null;
    const served = server.handleRequest();
    const [answer] = await ask(server.serverPort, GET);
    assertEquals(answer.status, 200);
    await served;
  });
  await t.step("it serves, and time passes", async () => {
    await using server = new RecordingServer(LOCAL, Hello);
    const served = server.serveForever({ pollInterval: 10 });
    await delay(50);
    await server.shutdown();
    await served;
    assert(server.steps.includes("serviceActions"));
  });
  await t.step("it is told not to bind", async () => {
    const options = { bindAndActivate: false };
    await using server = new HTTPServer(LOCAL, Hello, options);
    assertThrows(() => server.socket, TypeError);
    assertEquals(server.serverAddress, LOCAL);
    server.serverBind();
    server.serverActivate();
    assert(server.serverPort > 0);
  });
  await t.step("it is closed", async () => {
    const server = new RecordingServer(LOCAL, Hello);
    await server[Symbol.asyncDispose]();
    assertEquals(server.steps.at(-1), "serverClose");
    await assertRejects(() => server.handleRequest(), Deno.errors.BadResource);
  });
});

Deno.test("ThreadingHTTPServer takes CPython's steps when", async (t) => {
  const rows = [
    [
      GET,
      "processRequest processRequestThread finishRequest shutdownRequest closeRequest",
    ],
    [
      "THROW / HTTP/1.0\r\n\r\n",
      "processRequest processRequestThread finishRequest handleError shutdownRequest closeRequest",
    ],
  ];
  for (const [request, steps] of rows) {
    await t.step(request.trim(), async () => {
      const server = new RecordingThreadingServer(LOCAL, Hello);
      const served = server.handleRequest();
      await ask(server.serverPort, request);
      await served;
      await server[Symbol.asyncDispose]();
      assertEquals(server.steps.join(" "), steps);
    });
  }
});

/** Serves in the background. */
function start<S extends HTTPServer>(
  stack: AsyncDisposableStack,
  server: S,
): S {
  stack.use(server);
  const served = server.serveForever();
  stack.defer(async () => {
    await server.shutdown();
    await served;
  });
  return server;
}

for (const cls of [HTTPServer, ThreadingHTTPServer]) {
  Deno.test(`${cls.name} goes on when a handler throws`, async (t) => {
    await using stack = new AsyncDisposableStack();
    const errors: unknown[] = [];
    class Server extends cls {
      override handleError(
        _request: Connection,
        _address: ClientAddress,
        error: unknown,
      ): void {
        errors.push((error as Error).message);
      }
    }
    const { serverPort } = start(stack, new Server(LOCAL, Persistent));
    const line = (method: string) => `${method} / HTTP/1.1\r\nHost: h\r\n\r\n`;

    await t.step("with a 500 if nothing was sent", async () => {
      await using client = await RawClient.connect(serverPort);
      await client.send(line("THROW"));
      assert(await client.waitFor(() => client.closed));
      assert(client.received.startsWith("HTTP/1.1 500 Internal Server Error"));
    });
    await t.step("by dropping the connection otherwise", async () => {
      await using client = await RawClient.connect(serverPort);
      await client.send(line("HALF"));
      assert(await client.waitFor(() => client.closed));
      assert(client.received.endsWith("\r\n\r\nhalf"), client.received);
    });
    await t.step("and answers the next one", async () => {
      const [answer] = await ask(serverPort, line("GET"));
      assertEquals(answer.status, 200);
    });
    assertEquals(errors, ["Thrown by the handler", "Thrown in the middle"]);
  });

  Deno.test(`${cls.name} goes on when accepting fails`, async () => {
    await using stack = new AsyncDisposableStack();
    let failures = 3;
    const reported: unknown[] = [];
    class Server extends cls {
      override getRequest(): Promise<[Connection, ClientAddress]> {
        if (failures-- > 0) {
          return Promise.reject(new Error("Too many open files (os error 24)"));
        }
        return super.getRequest();
      }
      protected override handleAcceptError(error: unknown): void {
        reported.push((error as Error).message);
      }
    }
    const { serverPort } = start(stack, new Server(LOCAL, Hello));
    const [answer] = await ask(serverPort, GET);
    assertEquals(answer.status, 200);
    assertEquals(reported.length, 3);
  });

  Deno.test(`${cls.name} shuts down and serves again`, async () => {
    await using server = new cls(LOCAL, Persistent);
    for (let round = 0; round < 3; round++) {
      const served = server.serveForever();
      await using client = await RawClient.connect(server.serverPort);
      await client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
      assert(await client.waitFor(() => client.received.endsWith("hello\n")));
      assert(!client.closed);
      await server.shutdown();
      await served;
      assert(
        await client.waitFor(() => client.closed),
        "an idle one is closed",
      );
    }
    const served = server.handleRequest();
    await using client = await RawClient.connect(server.serverPort);
    await client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    assert(await client.waitFor(() => client.closed));
    assert(client.received.endsWith("hello\n"));
    await served;
  });

  Deno.test(`${cls.name} ends with an AbortSignal`, async () => {
    await using server = new cls(LOCAL, Hello);
    const stop = new AbortController();
    const served = server.serveForever({ signal: stop.signal });
    const [answer] = await ask(server.serverPort, GET);
    assertEquals(answer.status, 200);
    stop.abort();
    await served;
    await server.serveForever({ signal: stop.signal });
    await server.serverClose();
    assert(await nobodyListens(server.serverPort));
  });

  Deno.test(`${cls.name} closes a connection that nobody served`, async () => {
    const server = new cls(LOCAL, Hello);
    const served = server.serveForever();
    await server.shutdown();
    await served;
    // The accepting that was under way gets this one.
    await using client = await RawClient.connect(server.serverPort);
    await client.send(GET);
    await delay(20);
    await server.serverClose();
    assert(await client.waitFor(() => client.closed));
    assertEquals(client.received, "");
  });
}

Deno.test("BaseServer.serveForever rejects what a programmer did wrong", async (t) => {
  await t.step("serving twice", async () => {
    await using stack = new AsyncDisposableStack();
    const server = start(stack, new HTTPServer(LOCAL, Hello));
    await assertRejects(() => server.serveForever(), TypeError);
  });
  await t.step("serviceActions throws", async () => {
    class Server extends HTTPServer {
      override serviceActions(): void {
        throw new Error("Thrown by serviceActions");
      }
    }
    await using server = new Server(LOCAL, Hello);
    const served = server.serveForever({ pollInterval: 5 });
    await assertRejects(() => served, Error, "Thrown by serviceActions");
  });
  await t.step("handleError throws, and the connection is closed", async () => {
    await using server = new RecordingServer(LOCAL, Hello);
    server.onError = (error) => {
      throw error;
    };
    const served = server.serveForever();
    const rejected = assertRejects(() => served, Error, "by the handler");
    await using client = await RawClient.connect(server.serverPort);
    await client.send("THROW / HTTP/1.0\r\n\r\n");
    assert(await client.waitFor(() => client.closed));
    await rejected;
  });
});

Deno.test("ThreadingHTTPServer goes on when handleError throws", async () => {
  await using stack = new AsyncDisposableStack();
  class Server extends ThreadingHTTPServer {
    override handleError(): void {
      throw new Error("Thrown by handleError");
    }
  }
  const { serverPort } = start(stack, new Server(LOCAL, Hello));
  for (let i = 0; i < 2; i++) {
    const [answer] = await ask(serverPort, "THROW / HTTP/1.0\r\n\r\n");
    assertEquals(answer.status, 500);
  }
});

Deno.test("TCPServer listens", async (t) => {
  const rows: [address: ServerAddress, reachable: string[]][] = [
    [["127.0.0.1", 0], ["127.0.0.1"]],
    [{ hostname: "127.0.0.1", port: 0 }, ["127.0.0.1"]],
    [["::1", 0], ["::1"]],
    [["localhost", 0], ["localhost"]],
    [["", 0], ["127.0.0.1", "::1"]],
    [{ port: 0 }, ["127.0.0.1", "::1"]],
    [["::", 0], ["127.0.0.1", "::1"]],
  ];
  for (const [address, reachable] of rows) {
    await t.step(`on ${JSON.stringify(address)}`, async () => {
      await using stack = new AsyncDisposableStack();
      const server = start(stack, new HTTPServer(address, Hello));
      const [host, port] = server.serverAddress as [string, number];
      assert(port > 0);
      assertEquals([server.serverName, server.serverPort], [host, port]);
      for (const hostname of reachable) {
        await using client = await RawClient.connect(port, hostname);
        await client.send(GET);
        assert(await client.waitFor(() => client.closed));
        assert(client.received.endsWith("hello\n"));
      }
    });
  }
  await t.step("not where somebody else does", async () => {
    await using server = new HTTPServer(LOCAL, Hello);
    assertThrows(
      () => new HTTPServer(["127.0.0.1", server.serverPort], Hello),
      Deno.errors.AddrInUse,
    );
    await using everywhere = new HTTPServer(["", 0], Hello);
    assertThrows(
      () => new HTTPServer(["", everywhere.serverPort], Hello),
      Deno.errors.AddrInUse,
    );
  });
});

Deno.test({
  name: "TCPServer listens on a Unix domain socket",
  ignore: !POSIX,
}, async () => {
  await using tree = await makeTree();
  await using stack = new AsyncDisposableStack();
  const path = tree.path("socket");
  class Address extends Hello {
    override do_GET(): void {
      assertEquals(this.clientAddress, ["unix", 0]);
      super.do_GET();
    }
  }
  const server = new HTTPServer({ transport: "unix", path }, Address);
  start(stack, server);
  assertEquals([server.serverName, server.serverPort], [path, 0]);
  using connection = await Deno.connect({ transport: "unix", path });
  await connection.write(new TextEncoder().encode(GET));
  const text = await new Response(connection.readable).text();
  assert(text.endsWith("hello\n"));
});

/** A handler that waits, and says how many do. */
function waiting(): {
  cls: RequestHandlerClass;
  waits: () => number;
  release: () => void;
} {
  const gate = Promise.withResolvers<void>();
  let waits = 0;
  class Waiting extends Hello {
    override async do_GET(): Promise<void> {
      waits++;
      await gate.promise;
      super.do_GET();
    }
  }
  return { cls: Waiting, waits: () => waits, release: () => gate.resolve() };
}

async function clients(
  stack: AsyncDisposableStack,
  port: number,
  count: number,
): Promise<RawClient[]> {
  const all: RawClient[] = [];
  for (let i = 0; i < count; i++) {
    const client = stack.use(await RawClient.connect(port));
    await client.send(GET);
    all.push(client);
  }
  return all;
}

Deno.test("HTTPServer serves one connection at a time", async () => {
  await using stack = new AsyncDisposableStack();
  const { cls, waits, release } = waiting();
  const { serverPort } = start(stack, new HTTPServer(LOCAL, cls));
  const all = await clients(stack, serverPort, 3);
  assert(await all[0].waitFor(() => waits() === 1));
  assert(await all[1].silence(100));
  assertEquals(waits(), 1);
  release();
  for (const client of all) assert(await client.waitFor(() => client.closed));
  assertEquals(waits(), 3);
});

Deno.test("ThreadingHTTPServer serves many at a time", async () => {
  await using stack = new AsyncDisposableStack();
  const { cls, waits, release } = waiting();
  const { serverPort } = start(stack, new ThreadingHTTPServer(LOCAL, cls));
  const all = await clients(stack, serverPort, 20);
  assert(await all[0].waitFor(() => waits() === 20));
  release();
  for (const client of all) assert(await client.waitFor(() => client.closed));
});

/** Who is waited for when the server closes. */
const ENDINGS: [daemon: boolean, block: boolean, waitsForAll: boolean][] = [
  [true, true, false],
  [true, false, false],
  [false, false, false],
  [false, true, true],
];

Deno.test("ThreadingHTTPServer.serverClose waits by daemonThreads and blockOnClose", async (t) => {
  for (const [daemon, block, waitsForAll] of ENDINGS) {
    await t.step(`${daemon}, ${block}`, async () => {
      class Server extends ThreadingHTTPServer {
        static override daemonThreads = daemon;
        static override blockOnClose = block;
        static override closeGrace = 100;
      }
      await using stack = new AsyncDisposableStack();
      const { cls, waits, release } = waiting();
      const server = start(stack, new Server(LOCAL, cls));
      const [client] = await clients(stack, server.serverPort, 1);
      assert(await client.waitFor(() => waits() === 1));
      let closed = false;
      const closing = Promise.all([server.serverClose(), server.serverClose()])
        .then(() => closed = true);
      await client.waitFor(() => closed, 400);
      assertEquals(closed, !waitsForAll);
      release();
      await closing;
      assert(await client.waitFor(() => client.closed));
      assertEquals(client.received.endsWith("hello\n"), waitsForAll);
      assertEquals(server.connectionCount, 0);
    });
  }
});

Deno.test("ThreadingHTTPServer refuses what is one too many with a 503", async () => {
  class Server extends ThreadingHTTPServer {
    static override maxConnections = 2;
  }
  await using stack = new AsyncDisposableStack();
  const { cls, waits, release } = waiting();
  const { serverPort } = start(stack, new Server(LOCAL, cls));
  const [first, second] = await clients(stack, serverPort, 2);
  assert(await first.waitFor(() => waits() === 2));
  for (let i = 0; i < 20; i++) {
    const [answer] = await ask(serverPort, GET);
    assertEquals(answer.status, 503);
    assertStringIncludes(answer.fields.join("\n"), "Retry-After,1");
  }
  release();
  assert(await first.waitFor(() => first.closed));
  assert(await second.waitFor(() => second.closed));
  const [answer] = await ask(serverPort, GET);
  assertEquals(answer.status, 200);
});

Deno.test({
  name: "ThreadingHTTPServer goes on when it is out of descriptors",
  // What sets the limit of a process that runs is Linux's own.
  ignore: !isInstalled("prlimit"),
}, async () => {
  await using tree = await makeFiles({ "hello.txt": "hello\n" });
  await using command = await startCommand([tree.root]);
  const { code: failure } = await runProgram("prlimit", [
    `--pid=${command.pid}`,
    "--nofile=64",
  ]);
  assertEquals(failure, 0);
  {
    await using stack = new AsyncDisposableStack();
    for (let i = 0; i < 80; i++) {
      stack.use(await RawClient.connect(command.port));
    }
    const told = "Cannot accept a connection: Too many";
    for (let i = 0; !command.stderr.includes(told) && i < 3000; i++) {
      await delay(10);
    }
    assertStringIncludes(command.stderr, told);
  }
  const [answer] = await ask(
    command.port,
    "GET /hello.txt HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
  );
  assertEquals(answer.body, "hello\n");
  const { code } = await command.stop("SIGTERM");
  assertEquals(code, 0);
});
