// Copyright 2026 the pystd authors. MIT license.

/**
 * Handlers without `await`, in the style of Python: no output is lost, and no
 * error ends the server.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { BaseHTTPRequestHandler } from "../../handlers/base.ts";
import {
  type ResponseBody,
  SimpleHTTPRequestHandler,
} from "../../handlers/simple.ts";
import type { Writer } from "../../io/writer.ts";
import { ThreadingHTTPServer } from "../../server.ts";
import { ask, RawClient } from "../support/client.ts";
import { isInstalled, RunningCommand } from "../support/command.ts";
import { req } from "../support/rfc.ts";
import { TestServer } from "../support/server.ts";
import { makeFiles } from "../support/tree.ts";
import { waitUntil } from "../support/wait.ts";

const LARGE = "0123456789".repeat(300_000);

class WithoutReturn extends SimpleHTTPRequestHandler {
  override do_GET(): void {
    super.do_GET();
  }
  override do_HEAD(): void {
    super.do_HEAD();
  }
}

class WithoutCopyReturn extends SimpleHTTPRequestHandler {
  override copyfile(source: ResponseBody, outputfile: Writer): void {
    super.copyfile(source, outputfile);
  }
}

for (const Base of [WithoutReturn, WithoutCopyReturn]) {
  Deno.test(`${Base.name} sends large files and listings, one after the other`, async () => {
    await using tree = await makeFiles({ "large": LARGE, "small": "small" });
    await using server = new TestServer(Base.with({ directory: tree.root }));
    await using client = await RawClient.connect(server.port);
    await client.send(
      req("GET /large") + req("HEAD /large") + req("GET /small") +
        req("GET /large", "Connection: close"),
    );
    assert(await client.waitFor(() => client.closed));
    const bodies = client.received.split("\r\n\r\n");
    assertEquals(bodies.length, 5);
    assert(bodies[1]!.startsWith(LARGE), "the first response is whole");
    assertEquals(bodies[4], LARGE);
    assertEquals(server.errors(client.localPort), []);
  });

  Deno.test(`${Base.name} bears clients that go away in the middle`, async () => {
    await using tree = await makeFiles({ "large": LARGE.repeat(5) });
    await using server = new TestServer(Base.with({ directory: tree.root }));
    for (let i = 0; i < 10; i++) {
      const conn = await Deno.connect({ port: server.port });
      await conn.write(new TextEncoder().encode(req("GET /large")));
      await conn.read(new Uint8Array(1000));
      conn.close();
    }
    await waitUntil(() => server.httpd.connectionCount === 0);
    const [answer] = await ask(
      server.port,
      req("HEAD /large", "Connection: close"),
    );
    assertEquals(answer!.status, 200);
  });
}

Deno.test("A method can catch the failure of super.do_GET() and respond", async () => {
  class Catching extends SimpleHTTPRequestHandler {
    override sendHead(): Promise<ResponseBody | null> {
      return Promise.reject(new Error("a disk that fails"));
    }
    override async do_GET(): Promise<void> {
      try {
        await super.do_GET();
      } catch {
        this.sendError(507);
      }
    }
  }
  await using server = new TestServer(Catching);
  await using client = await RawClient.connect(server.port);
  await client.send(req("GET /", "Connection: close"));
  await client.waitFor(() => client.closed);
  assert(client.received.startsWith("HTTP/1.1 507 "), client.received);
  assertEquals(server.errors(client.localPort), []);
});

Deno.test("A failure that nobody awaits gets a 500 and is logged", async () => {
  class Dropping extends SimpleHTTPRequestHandler {
    override sendHead(): Promise<ResponseBody | null> {
      return Promise.reject(new Error("a disk that fails"));
    }
    override do_GET(): void {
      super.do_GET();
    }
  }
  await using server = new TestServer(Dropping);
  await using client = await RawClient.connect(server.port);
  await client.send(req("GET /"));
  await client.waitFor(() => client.closed);
  assert(client.received.startsWith("HTTP/1.1 500 "), client.received);
  const log = server.log(client.localPort).join("\n");
  assert(log.includes("do_GET() has not awaited what has failed"), log);
  assert(server.errors(client.localPort).join().includes("a disk that fails"));
});

Deno.test("ThreadingHTTPServer keeps serving when a handler drops a promise or throws in a timer", async () => {
  const stray: string[] = [];
  class Server extends ThreadingHTTPServer {
    override handleUncaughtError(error: unknown): void {
      stray.push((error as Error).message);
    }
  }
  class Careless extends BaseHTTPRequestHandler {
    static override protocolVersion = "HTTP/1.1";
    override logMessage(): void {}
    do_GET(): void {
      Promise.reject(new Error("dropped"));
      setTimeout(() => {
        throw new Error("in a timer");
      }, 0);
      this.sendResponse(200);
      this.sendHeader("Content-Length", 2);
      this.endHeaders();
      this.wfile.write("ok");
    }
  }
  await using httpd = new Server(["127.0.0.1", 0], Careless);
  const serving = httpd.serveForever();
  for (let i = 0; i < 2; i++) {
    const [answer] = await ask(httpd.serverPort, req("GET /"));
    assertEquals(answer!.body, "ok");
  }
  await waitUntil(() => stray.length === 4);
  assertEquals(stray.sort(), [
    "dropped",
    "dropped",
    "in a timer",
    "in a timer",
  ]);
  await httpd.shutdown();
  await serving;
});

Deno.test({
  name: "A program keeps running when a handler drops a promise, and logs it",
  ignore: !isInstalled("curl"),
  async fn() {
    await using tree = await makeFiles({
      "server.ts": `
        import { BaseHTTPRequestHandler } from "@pystd/http-server/handlers/base";
        import { ThreadingHTTPServer } from "@pystd/http-server/server";
        class Dropping extends BaseHTTPRequestHandler {
          do_GET() {
            this.work();
            this.sendResponse(204);
            this.endHeaders();
          }
          async work() {
            await undefined;
            throw new Error("no such row");
          }
        }
        await using httpd = new ThreadingHTTPServer(["127.0.0.1", 0], Dropping);
        console.log(" port " + httpd.serverPort + " ");
        await httpd.serveForever();`,
    });
    await using program = new RunningCommand([], {
      module: tree.path("server.ts"),
      permissions: [
        "--allow-net",
        `--config=${new URL("../../deno.json", import.meta.url).pathname}`,
      ],
    });
    const [, port] = await program.says(/ port (\d+) /);
    for (let i = 0; i < 3; i++) {
      const answer = await fetch(`http://127.0.0.1:${port}/`);
      assertEquals(answer.status, 204);
    }
    await waitUntil(() => program.stderr.split("no such row").length > 3);
    assert(program.stderr.includes("Await or return every promise of"));
  },
});
