// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertStringIncludes } from "@std/assert/string-includes";
import { delay } from "@std/async/delay";
import {
  HTTPServer,
  type RequestHandlerClass,
  ThreadingHTTPServer,
} from "../../server.ts";
import { ask, RawClient } from "../support/client.ts";
import { isInstalled, runProgram, startCommand } from "../support/command.ts";
import { GET, Hello, LOCAL, start } from "../support/hello.ts";
import { makeFiles } from "../support/tree.ts";
import { captureLog, takeLog } from "../support/log.ts";

captureLog();

/** A handler that waits, and counts the waiting handlers. */
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

Deno.test("ThreadingHTTPServer serves connections concurrently", async () => {
  await using stack = new AsyncDisposableStack();
  const { cls, waits, release } = waiting();
  const { serverPort } = start(stack, new ThreadingHTTPServer(LOCAL, cls));
  const all = await clients(stack, serverPort, 20);
  assert(await all[0].waitFor(() => waits() === 20));
  release();
  for (const client of all) assert(await client.waitFor(() => client.closed));
});

/** Whether closing the server waits, by class variables. */
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

Deno.test("ThreadingHTTPServer refuses connections beyond the limit with 503", async () => {
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
  const line = "Too many connections: refused one from 127.0.0.1";
  assertEquals(takeLog(), new Array(20).fill(line));
  release();
  assert(await first.waitFor(() => first.closed));
  assert(await second.waitFor(() => second.closed));
  const [answer] = await ask(serverPort, GET);
  assertEquals(answer.status, 200);
});

Deno.test({
  name: "ThreadingHTTPServer continues when it runs out of file descriptors",
  // Only Linux can set the limit of a running process.
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
  // The file needs a descriptor as well, once those of the clients are closed.
  const held = () => [...Deno.readDirSync(`/proc/${command.pid}/fd`)].length;
  for (let i = 0; held() > 50 && i < 3000; i++) await delay(10);
  const [answer] = await ask(
    command.port,
    "GET /hello.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
  );
  assertEquals(answer.body, "hello\n");
  const { code } = await command.stop("SIGTERM");
  assertEquals(code, 0);
});
