// Copyright 2026 the pystd authors. MIT license.

/**
 * Connections of `BaseHTTPRequestHandler`: what they wait for, what they keep in
 * memory meanwhile, and how they end.
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { HTTPServer } from "../../server.ts";
import { MemoryConnection, respond } from "../../testing.ts";
import { Handler, Quiet, request } from "../support/http11.ts";
import { waitUntil } from "../support/wait.ts";

Deno.test("BaseHTTPRequestHandler waits until the client has read the responses before it parses more", async () => {
  let handled = 0;
  class Large extends Handler {
    override do_GET(): void {
      handled++;
      this.text("x".repeat(100_000));
    }
    override writeLog(): void {}
  }
  const memory = new MemoryConnection(request("GET /").repeat(50));
  memory.end();
  memory.stall();
  const server = new HTTPServer(["127.0.0.1", 0], Large, {
    bindAndActivate: false,
  });
  const running = new Large(memory, ["127.0.0.1", 1], server).run();
  for (let i = 0; i < 20; i++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  assert(handled <= 2, `${handled} requests were handled`);
  memory.resume();
  await running;
  assertEquals(handled, 50);
});

Deno.test("BaseHTTPRequestHandler keeps no request in memory while it waits for the next", async () => {
  const seen: unknown[] = [];
  class Kept extends Quiet {
    override do_GET(): void {
      seen.push(this.requestline, this.headers.get("x-seen"));
      super.do_GET();
    }
  }
  const memory = new MemoryConnection(request("GET /a", "X-Seen: 1\r\n"));
  const server = new HTTPServer(["127.0.0.1", 0], Kept, {
    bindAndActivate: false,
  });
  const handler = new Kept(memory, ["127.0.0.1", 1], server);
  const served = handler.run();
  await waitUntil(() => memory.writes.length === 1 && handler.path === "");
  seen.push(handler.command, handler.requestline, [...handler.headers]);
  memory.send(request("GET /b", "X-Seen: 2\r\n"));
  memory.end();
  await served;
  assertEquals(seen, [
    ...["GET /a HTTP/1.1", "1"],
    ...["", "", []],
    ...["GET /b HTTP/1.1", "2"],
  ]);
});

Deno.test("run ends when the client resets the connection, in each phase", async () => {
  const phases = [
    "",
    "GET / HT",
    request("POST /", "Content-Length: 5\r\n") + "ab",
  ];
  for (const sent of phases) {
    const memory = new MemoryConnection(sent);
    const server = new HTTPServer(["127.0.0.1", 0], Quiet, {
      bindAndActivate: false,
    });
    const running = new Quiet(memory, ["127.0.0.1", 1], server).run();
    await new Promise((resolve) => setTimeout(resolve, 0));
    memory.fail();
    await running;
    assertEquals(memory.text, "", sent);
  }
});

Deno.test("run rejects with the error of a method", async () => {
  await assertRejects(
    () => respond(Handler, request("THROW /")),
    Error,
    "after the response was written",
  );
});

Deno.test("disableNagleAlgorithm calls setNoDelay if the connection has it", async () => {
  const asked: boolean[] = [];
  class Prompt extends Handler {
    static override disableNagleAlgorithm = true;
    override setup(): void {
      Object.assign(this.request, {
        setNoDelay: (on: boolean) => asked.push(on),
      });
      super.setup();
    }
  }
  await respond(Prompt, "GET / HTTP/1.0\r\n\r\n");
  assertEquals(asked, [true]);
});

Deno.test("run rejects with an error that handle throws, and calls finish", async () => {
  const steps: string[] = [];
  class Hasty extends Handler {
    override handle(): Promise<void> {
      throw new Error("Thrown at once");
    }
    override finish(): Promise<void> {
      steps.push("finish");
      return super.finish();
    }
  }
  await assertRejects(
    () => respond(Hasty, "GET / HTTP/1.0\r\n\r\n"),
    Error,
    "Thrown at once",
  );
  assertEquals(steps, ["finish"]);
});

for (const sent of ["\r\n\r\n", "\r\n\r\nGET /2"]) {
  const name = sent.length > 4 ? "in the middle of a head" : "between two";
  Deno.test(`a client that takes no response waits for the next, ${name}`, async () => {
    const taken = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    class Slow extends MemoryConnection {
      override async write(data: Uint8Array): Promise<number> {
        asked.resolve();
        await taken.promise;
        return await super.write(data);
      }
    }
    const connection = new Slow(`GET /1 HTTP/1.1\r\nHost: h${sent}`);
    const server = new HTTPServer(["127.0.0.1", 0], Handler, {
      bindAndActivate: false,
    });
    const paths: string[] = [];
    class Noting extends Handler {
      override do_GET(): void {
        paths.push(this.path);
        super.do_GET();
      }
      override writeLog(): void {}
    }
    const running = new Noting(connection, ["127.0.0.1", 1], server).run();
    await asked.promise;
    const rest = " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    connection.send(sent.endsWith("2") ? rest : `GET /2${rest}`);
    connection.end();
    for (let i = 0; i < 5; i++) {
      await new Promise((resolve) => setTimeout(resolve));
    }
    assertEquals(paths, ["/1"]);
    taken.resolve();
    await running;
    assertEquals(paths, ["/1", "/2"]);
    assertEquals(connection.text.match(/GET \/\d/g), ["GET /1", "GET /2"]);
  });
}

Deno.test("BaseHTTPRequestHandler.handle serves all requests when overridden, and finish runs after it", async () => {
  const steps: string[] = [];
  class Framed extends Quiet {
    override async handle(): Promise<void> {
      steps.push("handle");
      await super.handle();
      steps.push("handled");
    }
    override do_GET(): void {
      steps.push(this.path);
      super.do_GET();
    }
    override finish(): Promise<void> {
      steps.push("finish");
      return super.finish();
    }
  }
  const memory = new MemoryConnection(request("GET /a") + request("GET /b"));
  memory.end();
  const server = new HTTPServer(["127.0.0.1", 0], Framed, {
    bindAndActivate: false,
  });
  await new Framed(memory, ["127.0.0.1", 1], server).run();
  assertEquals(steps, ["handle", "/a", "/b", "handled", "finish"]);
});
