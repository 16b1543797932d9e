// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { delay } from "@std/async/delay";
import {
  type ClientAddress,
  type Connection,
  HTTPServer,
  ThreadingHTTPServer,
} from "../../server.ts";
import { ask, nobodyListens, RawClient } from "../support/client.ts";
import { GET, Hello, LOCAL, Persistent, start } from "../support/hello.ts";
import { captureLog, takeLog } from "../support/log.ts";

captureLog();

for (const cls of [HTTPServer, ThreadingHTTPServer]) {
  Deno.test(`${cls.name} continues when a handler throws`, async (t) => {
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

    await t.step("responds with 500 if nothing was sent", async () => {
      await using client = await RawClient.connect(serverPort);
      await client.send(line("THROW"));
      assert(await client.waitFor(() => client.closed));
      assert(client.received.startsWith("HTTP/1.1 500 Internal Server Error"));
    });
    await t.step("closes the connection otherwise", async () => {
      await using client = await RawClient.connect(serverPort);
      await client.send(line("HALF"));
      assert(await client.waitFor(() => client.closed));
      assert(client.received.endsWith("\r\n\r\nhalf"), client.received);
    });
    await t.step("serves the next connection", async () => {
      const [answer] = await ask(serverPort, line("GET"));
      assertEquals(answer.status, 200);
    });
    assertEquals(errors, ["Thrown by the handler", "Thrown in the middle"]);
  });

  Deno.test(`${cls.name} continues when accepting fails`, async () => {
    await using stack = new AsyncDisposableStack();
    let failures = 3;
    const reported: unknown[] = [];
    class Server extends cls {
      override getRequest(): Promise<[Connection, ClientAddress]> {
        const error = new Error("Too many open files (os error 24)");
        if (failures-- <= 0) return super.getRequest();
        if (failures === 1) throw error;
        return Promise.reject(error);
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

  Deno.test(`${cls.name} keeps a connection that arrives while no call waits`, async () => {
    const accepted = Promise.withResolvers<void>();
    class Server extends cls {
      override async getRequest(): Promise<[Connection, ClientAddress]> {
        const got = await super.getRequest();
        accepted.resolve();
        return got;
      }
    }
    await using server = new Server(LOCAL, Hello);
    server.timeout = 10;
    await server.handleRequest();
    const asked = ask(server.serverPort, GET);
    await accepted.promise;
    await delay(0);
    await server.handleRequest();
    const [answer] = await asked;
    assertEquals(answer.status, 200);
  });

  Deno.test(`${cls.name} closes a connection that was never served`, async () => {
    const server = new cls(LOCAL, Hello);
    const served = server.serveForever();
    await server.shutdown();
    await served;
    // The pending accept gets this connection.
    await using client = await RawClient.connect(server.serverPort);
    await client.send(GET);
    await delay(20);
    await server.serverClose();
    assert(await client.waitFor(() => client.closed));
    assertEquals(client.received, "");
  });
}

/** The error of accepting a connection that the client has reset. */
const GONE = [
  Deno.errors.NotConnected,
  Deno.errors.ConnectionAborted,
  Deno.errors.ConnectionReset,
];

Deno.test("BaseServer.serveForever skips connections that were reset before it accepts them", async () => {
  await using stack = new AsyncDisposableStack();
  let gone = 500;
  const reported: unknown[] = [];
  class Server extends ThreadingHTTPServer {
    override getRequest(): Promise<[Connection, ClientAddress]> {
      if (gone-- <= 0) return super.getRequest();
      return Promise.reject(new GONE[gone % GONE.length]!("Gone"));
    }
    protected override handleAcceptError(error: unknown): void {
      reported.push(error);
    }
  }
  const since = performance.now();
  const { serverPort } = start(stack, new Server(LOCAL, Hello));
  const [answer] = await ask(serverPort, GET);
  assertEquals(answer.status, 200);
  // A pause after each of them would take minutes.
  assert(performance.now() - since < 5000);
  assertEquals(reported, []);
});

Deno.test("BaseServer.handleRequest ends while another call waits for a connection", async (t) => {
  for (const timeout of [null, 60_000]) {
    await using server = new ThreadingHTTPServer(LOCAL, Hello);
    server.timeout = timeout;
    const request = async () => {
      const [answer] = await ask(server.serverPort, GET);
      assertEquals(answer.status, 200);
    };
    await t.step(`handleRequest, ${timeout}`, async () => {
      const waiting = [server.handleRequest(), server.handleRequest()];
      await request();
      await Promise.all(waiting);
    });
    await t.step(`serveForever, ${timeout}`, async () => {
      const serving = server.serveForever();
      const waiting = server.handleRequest();
      await request();
      await waiting;
      await request();
      await server.shutdown();
      await serving;
    });
    await t.step(`no client connects, ${timeout}`, async () => {
      const serving = server.serveForever();
      const waiting = server.handleRequest();
      await server.shutdown();
      await Promise.all([serving, waiting]);
    });
  }
});

Deno.test("BaseServer.serveForever rejects programming errors", async (t) => {
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
    class Server extends HTTPServer {
      override handleError(
        _request: Connection,
        _address: ClientAddress,
        error: unknown,
      ): void {
        throw error;
      }
    }
    await using server = new Server(LOCAL, Hello);
    const served = server.serveForever();
    const rejected = assertRejects(() => served, Error, "by the handler");
    await using client = await RawClient.connect(server.serverPort);
    await client.send("THROW / HTTP/1.0\r\n\r\n");
    assert(await client.waitFor(() => client.closed));
    await rejected;
  });
});

Deno.test("ThreadingHTTPServer continues when handleError throws", async () => {
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
  const line = "Exception ignored in handleError(): Thrown by handleError";
  assertEquals(takeLog(), [line, line]);
});
