// Copyright 2026 the pystd authors. MIT license.

/**
 * `FetchHTTPRequestHandler` on persistent connections: consecutive requests,
 * interrupted bodies, clients that disconnect.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { FetchHTTPRequestHandler } from "../../handlers/fetch.ts";
import { ThreadingHTTPServer } from "../../server.ts";
import { ask, RawClient } from "../support/client.ts";
import { TestServer } from "../support/server.ts";

Deno.test("FetchHTTPRequestHandler serves the next request on a connection", async () => {
  const Handler = FetchHTTPRequestHandler.with({
    handler: ({ url }) => new Response(url),
  });
  await using server = new TestServer(Handler);
  const request = (path: string): string =>
    `GET /${path} HTTP/1.1\r\nHost: h\r\n\r\n`;
  const answers = await ask(server.port, request("a"), request("b"));
  assertEquals(answers.map(({ body }) => body), ["http://h/a", "http://h/b"]);
});

Deno.test("FetchHTTPRequestHandler serves requests that arrive while it works, each once", async () => {
  const asked: string[] = [];
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const Handler = FetchHTTPRequestHandler.with({
    handler: async ({ url }) => {
      asked.push(new URL(url).pathname);
      await gates[asked.length - 1]?.promise;
      return new Response(asked.at(-1));
    },
  });
  await using server = new TestServer(Handler);
  await using client = await RawClient.connect(server.port);
  const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`;
  await client.send(get("/1"));
  assert(await client.waitFor(() => asked.length === 1));
  await client.send(get("/2"));
  // The server reads it before it has answered the first one.
  await client.silence(50);
  gates[0].resolve();
  assert(await client.waitFor(() => asked.length === 2));
  gates[1].resolve();
  assert(await client.waitFor(() => client.received.endsWith("/2")));
  for (const path of ["/3", "/4"]) {
    await client.send(get(path));
    assert(await client.waitFor(() => client.received.endsWith(path)));
  }
  assertEquals(asked, ["/1", "/2", "/3", "/4"]);
});

Deno.test("FetchHTTPRequestHandler never reads the next request as the body of an answered one", async () => {
  const read: Promise<string>[] = [];
  const streams: ReadableStream<Uint8Array>[] = [];
  const signals: AbortSignal[] = [];
  const text = (body: ReadableStream<Uint8Array>) =>
    new Response(body).text().catch(({ message }) => message);
  const Handler = FetchHTTPRequestHandler.with({
    handler: ({ url, body, signal }) => {
      signals.push(signal);
      // Neither promise is awaited.
      if (url.endsWith("/text")) read.push(text(body!));
      if (url.endsWith("/later")) streams.push(body!);
      return new Response(new URL(url).pathname);
    },
  });
  await using server = new TestServer(Handler);
  await using client = await RawClient.connect(server.port);
  const post = (path: string) =>
    `POST ${path} HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\n`;
  for (let round = 0; round < 10; round++) {
    for (const path of ["/text", "/later"]) {
      client.received = "";
      await client.send(post(path));
      assert(await client.waitFor(() => client.received.endsWith(path)));
      await client.send("abc");
      await client.silence(5);
      await client.send("def" + `GET /next HTTP/1.1\r\nHost: h\r\n\r\n`);
      assert(await client.waitFor(() => client.received.endsWith("/next")));
    }
  }
  read.push(...streams.map(text));
  const told = await Promise.all(read);
  const message = "Cannot read the request body: the request has been answered";
  assertEquals(told, Array(20).fill(message));
  assert(!signals.some(({ aborted }) => aborted));
});

Deno.test("FetchHTTPRequestHandler cuts off a body that fails while the client reads its start", async () => {
  const broken = Promise.withResolvers<void>();
  const parts = [10, 20_000_000];
  const Handler = FetchHTTPRequestHandler.with({
    handler: () =>
      new Response(
        new ReadableStream({
          pull(controller): void {
            const size = parts.shift();
            if (size === undefined) {
              controller.error(new Error("Deliberate"));
              broken.resolve();
            } else controller.enqueue(new Uint8Array(size));
          },
        }, { highWaterMark: 0 }),
      ),
  });
  await using server = new TestServer(Handler);
  using client = await Deno.connect({ port: server.port });
  await client.write(
    new TextEncoder().encode("GET / HTTP/1.1\r\nHost: h\r\n\r\n"),
  );
  // The client reads nothing until then.
  await broken.promise;
  const sent = await new Response(client.readable).arrayBuffer();
  assert(sent.byteLength > 20_000_000);
  const { port } = client.localAddr as Deno.NetAddr;
  assertEquals(server.errors(port), ["Error: Deliberate"]);
});

Deno.test("FetchHTTPRequestHandler may take longer than stallTimeout", async () => {
  const Handler = FetchHTTPRequestHandler.with({
    handler: async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return new Response("late");
    },
  });
  class Impatient extends Handler {
    static override stallTimeout = 50;
    override writeLog(): void {}
  }
  class Watchful extends ThreadingHTTPServer {
    static override limitCheckInterval = 20;
  }
  await using httpd = new Watchful(["127.0.0.1", 0], Impatient);
  const serving = httpd.serveForever();
  const request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  const [answer] = await ask(httpd.serverPort, request);
  assertEquals(answer?.body, "late");
  await httpd.shutdown();
  await serving;
});

Deno.test("FetchHTTPRequestHandler reports a request body that was cut off to its handler", async () => {
  const told = Promise.withResolvers<[error: unknown, aborted: boolean]>();
  const Handler = FetchHTTPRequestHandler.with({
    handler: async (request) => {
      const error = await request.text().catch((error) => error);
      told.resolve([error, request.signal.aborted]);
      return new Response("never");
    },
  });
  await using server = new TestServer(Handler);
  await using client = await RawClient.connect(server.port);
  await client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab");
  await client.closeWrite();
  const [error, aborted] = await told.promise;
  assert(error instanceof Error);
  assert(aborted);
  assert(await client.waitFor(() => client.closed));
});
