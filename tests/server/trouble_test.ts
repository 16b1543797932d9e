// Copyright 2026 the pystd authors. MIT license.

/**
 * Failures of the server's own steps, and a shutdown between two of them.
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { assertRejects } from "@std/assert/rejects";
import { assertThrows } from "@std/assert/throws";
import { BaseHTTPRequestHandler } from "../../handlers/base.ts";
import {
  type ClientAddress,
  type Connection,
  HTTPServer,
  ThreadingHTTPServer,
} from "../../server.ts";
import { ask, RawClient } from "../support/client.ts";
import { captureLog } from "../support/log.ts";
import { waitUntil } from "../support/wait.ts";

const LOCAL = ["127.0.0.1", 0] as const;
const GET = "GET / HTTP/1.0\r\n\r\n";

const logged = captureLog();

class Hello extends BaseHTTPRequestHandler {
  // These tests do not need the lingering close.
  static override lingerTimeout = 50;
  do_GET(): void {
    this.sendResponse(200);
    this.endHeaders();
    this.wfile.write("hello\n");
  }
  do_THROW(): void {
    throw new Error("Thrown by the handler");
  }
  do_TEXT(): Promise<void> {
    return Promise.reject("Thrown as text");
  }
  do_ESCAPE(): void {
    throw new Error(`No such ${decodeURIComponent(this.path)}`);
  }
  override logMessage(): void {}
}

/** Records the messages of reported errors. */
class Telling extends ThreadingHTTPServer {
  readonly errors: string[] = [];
  override handleError(_: Connection, __: ClientAddress, e: unknown): void {
    this.errors.push((e as Error).message);
  }
}

for (const cls of [HTTPServer, ThreadingHTTPServer]) {
  Deno.test(`${cls.name} logs an exception of a handler as CPython does`, async () => {
    for (
      const [method, told] of [
        ["THROW", /^Error: Thrown by the handler$/],
        ["TEXT", /^Thrown as text$/],
        ["ESCAPE", /^Error: No such \/\\x1b\[31m$/],
      ] as const
    ) {
      logged.length = 0;
      await using server = new cls(LOCAL, Hello);
      const served = server.handleRequest();
      await ask(server.serverPort, `${method} /%1B[31m HTTP/1.0\r\n\r\n`);
      await served;
      await waitUntil(() => logged.filter(isRule).length === 2);
      assertEquals(isRule(logged[0]!), true);
      assertMatch(
        logged[1]!,
        /^Exception occurred during processing of request from \('127\.0\.0\.1', \d+\)$/,
      );
      assertMatch(logged[2]!, told);
      assertEquals(isRule(logged.at(-1)!), true);
    }
  });

  Deno.test(`${cls.name} shuts down after the loop has failed`, async () => {
    let shutDown: Promise<void> | undefined;
    class Server extends cls {
      override serviceActions(): void {
        shutDown ??= this.shutdown();
        throw new Error("Thrown by serviceActions");
      }
    }
    await using server = new Server(LOCAL, Hello);
    // Both wait for the loop; only serveForever rejects.
    const served = server.serveForever({ pollInterval: 5 });
    await assertRejects(() => served, Error, "Thrown by serviceActions");
    await shutDown;
  });

  Deno.test(`${cls.name} ends while accepting fails`, async (t) => {
    /** Fails to accept, and is shut down in the meantime. */
    async function endsWhen(
      end: (server: HTTPServer, failures: number) => void,
    ): Promise<number> {
      let failures = 0;
      class Server extends cls {
        override getRequest(): Promise<[Connection, ClientAddress]> {
          return Promise.reject(new Error("Too many open files"));
        }
        protected override handleAcceptError(error: unknown): void {
          super.handleAcceptError(error);
          failures++;
          end(this, failures);
        }
      }
      await using server = new Server(LOCAL, Hello);
      await server.serveForever();
      return failures;
    }
    logged.length = 0;
    await t.step("at once", async () => {
      assertEquals(await endsWhen((server) => void server.shutdown()), 1);
    });
    await t.step("during the pause that follows", async () => {
      let told = 0;
      const failures = await endsWhen((server, failures) => {
        // The pauses double: this one takes 640 ms.
        if (failures !== 8) return;
        setTimeout(() => {
          told = performance.now();
          server.shutdown();
        });
      });
      assertEquals(failures, 8);
      assert(performance.now() - told < 600);
    });
    await waitUntil(() => logged.length === 9);
    for (const line of logged) {
      assertEquals(line, "Cannot accept a connection: Too many open files");
    }
  });

  Deno.test(`${cls.name} ends when its own shutdown makes accepting fail`, async () => {
    class Server extends cls {
      override getRequest(): Promise<[Connection, ClientAddress]> {
        return new Promise((_, reject) => {
          this.shutdown();
          reject(new Deno.errors.BadResource("Closed"));
        });
      }
    }
    await using server = new Server(LOCAL, Hello);
    await server.serveForever();
  });

  Deno.test(`${cls.name} closes a connection that arrives while it closes`, async () => {
    // There are a few turns between accepting and serving.
    for (let turns = 0; turns < 6; turns++) {
      let closing: Promise<void> | undefined;
      class Server extends cls {
        override async getRequest(): Promise<[Connection, ClientAddress]> {
          const got = await super.getRequest();
          let left = turns;
          const turn = (): void => {
            if (left-- > 0) queueMicrotask(turn);
            else closing = this.serverClose();
          };
          queueMicrotask(turn);
          return got;
        }
      }
      const server = new Server(LOCAL, Hello);
      const served = server.handleRequest();
      await using client = await RawClient.connect(server.serverPort);
      await client.send(GET);
      await served;
      await closing;
      assert(await client.waitFor(() => client.closed));
    }
  });

  Deno.test(`${cls.name} listens on IPv4 without IPv6`, async () => {
    class Server extends cls {
      declare hosts: string[];
      protected override listenTcp(
        options: Deno.TcpListenOptions,
      ): Deno.Listener<Deno.Conn> {
        this.hosts = [...this.hosts ?? [], options.hostname!];
        if (options.hostname === "::") {
          throw new Error("Address family not supported by protocol");
        }
        return super.listenTcp({ ...options, hostname: "127.0.0.1" });
      }
    }
    await using server = new Server(["", 0], Hello);
    assertEquals(server.hosts, ["::", "0.0.0.0"]);
    const served = server.handleRequest();
    assertEquals((await ask(server.serverPort, GET))[0].status, 200);
    await served;
  });

  Deno.test(`${cls.name} does not try another address when the port is in use`, async () => {
    await using first = new cls(LOCAL, Hello);
    const tried: string[] = [];
    class Server extends cls {
      protected override listenTcp(
        options: Deno.TcpListenOptions,
      ): Deno.Listener<Deno.Conn> {
        tried.push(options.hostname!);
        return super.listenTcp({ ...options, hostname: "127.0.0.1" });
      }
    }
    assertThrows(
      () => new Server(["", first.serverPort], Hello),
      Deno.errors.AddrInUse,
    );
    assertEquals(tried.length, 1);
  });
}

Deno.test("ThreadingHTTPServer refuses clients, also if the refusal fails", async (t) => {
  class None extends ThreadingHTTPServer {
    static override maxConnections = 0;
  }
  /** Connects, and is refused. */
  async function turnedAway(server: HTTPServer): Promise<string> {
    await using client = await RawClient.connect(server.serverPort);
    assert(await client.waitFor(() => client.closed));
    return client.received;
  }
  await t.step("the answer cannot be sent", async () => {
    class Server extends None {
      protected override refuseConnection(): Promise<void> {
        return Promise.reject(new Deno.errors.BrokenPipe("Gone"));
      }
    }
    await using server = new Server(LOCAL, Hello);
    const served = server.serveForever();
    assertEquals(await turnedAway(server), "");
    await server.shutdown();
    await served;
  });
  await t.step("closing fails", async () => {
    class Server extends Telling {
      static override maxConnections = 0;
      override async shutdownRequest(request: Connection): Promise<void> {
        await super.shutdownRequest(request);
        throw new Error("Thrown by shutdownRequest");
      }
    }
    await using server = new Server(LOCAL, Hello);
    const served = server.serveForever();
    {
      await using client = await RawClient.connect(server.serverPort);
      assert(await client.waitFor(() => client.received.includes("503")));
    }
    await waitUntil(() => server.errors.length === 1);
    assertEquals(server.errors, ["Thrown by shutdownRequest"]);
    await server.shutdown();
    await served;
  });
  await t.step("without an answer beyond 64 of them", async () => {
    let told = 0;
    const enough = Promise.withResolvers<void>();
    class Server extends None {
      protected override refuseConnection(): Promise<void> {
        told++;
        return enough.promise;
      }
    }
    await using server = new Server(LOCAL, Hello);
    const served = server.serveForever();
    await using stack = new AsyncDisposableStack();
    for (let i = 0; i < 64; i++) {
      stack.use(await RawClient.connect(server.serverPort));
    }
    await waitUntil(() => told === 64);
    assertEquals(await turnedAway(server), "");
    assertEquals(told, 64);
    enough.resolve();
    await server.shutdown();
    await served;
  });
});

Deno.test("serveForever rejects a programming error", async () => {
  await using server = new HTTPServer(LOCAL, Hello);
  server.socket.close();
  await assertRejects(() => server.serveForever(), Deno.errors.BadResource);
});

function isRule(line: string): boolean {
  return line === "-".repeat(40);
}

Deno.test("ThreadingHTTPServer reports a synchronous error of finishRequest", async () => {
  class Server extends Telling {
    override finishRequest(): Promise<void> {
      throw new Error("Thrown at once");
    }
  }
  await using server = new Server(LOCAL, Hello);
  const served = server.handleRequest();
  await using client = await RawClient.connect(server.serverPort);
  assert(await client.waitFor(() => client.closed));
  await served;
  await waitUntil(() => server.errors.length === 1);
  assertEquals(server.errors, ["Thrown at once"]);
});

Deno.test("ThreadingHTTPServer logs an uncaught error with advice", async () => {
  class Careless extends Hello {
    override do_GET(): void {
      Promise.reject(new Error("Dropped"));
      super.do_GET();
    }
  }
  await using httpd = new ThreadingHTTPServer(LOCAL, Careless);
  const serving = httpd.serveForever();
  const [answer] = await ask(httpd.serverPort, GET);
  assertEquals(answer!.status, 200);
  await waitUntil(() => logged.some((line) => line.includes("Dropped")));
  const advice = logged.find((line) => line.startsWith("Uncaught error. "));
  assertEquals(
    advice,
    "Uncaught error. Await or return every promise of do_GET():",
  );
  await httpd.shutdown();
  await serving;
});
