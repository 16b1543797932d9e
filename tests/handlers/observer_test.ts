// Copyright 2026 the pystd authors. MIT license.

/** Observers of a handler class, without sockets. */

import { assertEquals } from "@std/assert/equals";
import { assertStringIncludes } from "@std/assert/string-includes";
import {
  BaseHTTPRequestHandler,
  type ObservedRequest,
  type RequestObservation,
  type RequestObserver,
  type RequestOutcome,
} from "../../handlers/base.ts";
import { SimpleHTTPRequestHandler } from "../../handlers/simple.ts";
import { MemorySource, type Source } from "../../sources/mod.ts";
import { MemoryConnection, respond } from "../../testing.ts";
import { ask } from "../support/client.ts";
import { Server } from "../support/low_limits.ts";
import { TestServer } from "../support/server.ts";
import { waitUntil } from "../support/wait.ts";

/** Writes down what happens. */
class Recorder implements RequestObserver {
  readonly events: string[] = [];
  readonly requests: ObservedRequest[] = [];
  readonly outcomes: RequestOutcome[] = [];
  #name: string;

  constructor(name = "") {
    this.#name = name;
  }

  begin(request: ObservedRequest): RequestObservation {
    this.requests.push(request);
    const note = (text: string) => this.events.push(this.#name + text);
    note(`begin ${request.method}`);
    return {
      run(code) {
        note("run");
        return code();
      },
      traceFields: () => [["x-trace", `${this.#name}1`]],
      headFields: () => {
        note("head");
        return [["X-Observer", this.#name]];
      },
      part: (name, attributes) => {
        note(`part ${name} ${JSON.stringify(attributes)}`);
        return {
          run(code) {
            note(`run ${name}`);
            return code();
          },
          traceFields: () => [["x-trace", `${this.#name}2`]],
          setAttributes: (more) => note(`set ${JSON.stringify(more)}`),
          end: (error) => note(`end ${name}${error ? ` ${error}` : ""}`),
        };
      },
      end: (outcome) => {
        note("end");
        this.outcomes.push(outcome);
      },
    };
  }
}

class Quiet extends BaseHTTPRequestHandler {
  static override protocolVersion = "HTTP/1.1";

  greet(text = "hello\n"): void {
    this.sendResponse(200);
    this.sendHeader("Content-Length", text.length);
    this.endHeaders();
    this.wfile.write(text);
  }

  override logMessage(): void {}
}

/** Returns a request for a method. */
function req(method: string, ...fields: string[]): string {
  return [`${method} /a HTTP/1.1`, "Host: h", ...fields, "", ""].join("\r\n");
}

Deno.test("observers see a request from its head to its end, in order", async () => {
  const one = new Recorder("1 ");
  const two = new Recorder("2 ");
  class Handler extends Quiet {
    static override observers = [one, two];
    do_GET(): void {
      one.events.push("do_GET");
      this.setRoute("/{name}");
      this.greet();
    }
  }
  const { headers } = await respond(Handler, req("GET", "Connection: close"));
  assertEquals(headers.get("x-observer"), "1, 2");
  const [outcome] = one.outcomes;
  assertEquals(one.events, [
    "1 begin GET",
    "1 run",
    "do_GET",
    "1 head",
    "1 end",
  ]);
  assertEquals(two.events, ["2 begin GET", "2 run", "2 head", "2 end"]);
  assertEquals({ ...outcome, duration: 0 }, {
    status: 200,
    duration: 0,
    requestBytes: 0,
    responseBytes: 6,
    route: "/{name}",
    errorType: undefined,
    exception: undefined,
  });
  const { method, target, version, scheme } = one.requests[0]!;
  assertEquals([method, target, version, scheme], [
    "GET",
    "/a",
    "HTTP/1.1",
    "http",
  ]);
});

Deno.test("observePart ends when its work does", async () => {
  const recorder = new Recorder();
  class Handler extends Quiet {
    static override observers = [recorder];
    async do_GET(): Promise<void> {
      const sum = this.observePart("sum", () => 1 + 2, { of: 2 });
      await this.observePart("wait", async (part) => {
        await Promise.resolve();
        recorder.events.push(`${sum} ${part.traceFields} ${this.traceFields}`);
        part.setAttributes({ done: 1 });
      });
      this.greet();
    }
    do_FAIL(): unknown {
      return this.observePart("fail", () => {
        throw new RangeError("no");
      });
    }
    do_REJECT(): unknown {
      return this.observePart("reject", () => Promise.reject(new Error("no")));
    }
  }
  await respond(Handler, req("GET", "Connection: close"));
  assertEquals(recorder.events.slice(2, -2), [
    'part sum {"of":2}',
    "run sum",
    "end sum",
    "part wait {}",
    "run wait",
    "3 x-trace,2 x-trace,1",
    'set {"done":1}',
    "end wait",
  ]);
  for (const [method, type] of [["FAIL", "RangeError"], ["REJECT", "Error"]]) {
    recorder.events.length = recorder.outcomes.length = 0;
    const server = new TestServer(Handler);
    await using _ = server;
    const response = await fetch(`http://127.0.0.1:${server.port}/`, {
      method,
    });
    await response.body?.cancel();
    await waitUntil(() => recorder.outcomes.length === 1);
    const name = method!.toLowerCase();
    assertStringIncludes(recorder.events.join("|"), `end ${name} ${type}: no`);
    const [{ status, errorType, exception }] = recorder.outcomes as [
      RequestOutcome,
    ];
    assertEquals([status, errorType], [500, type]);
    assertEquals(`${exception}`, `${type}: no`);
  }
});

Deno.test("observePart and setRoute do nothing without observers", async () => {
  class Handler extends Quiet {
    do_GET(): void {
      this.setRoute("/");
      this.observePart("a", (part) => {
        part.setAttributes({ a: 1 });
        this.greet(`${part.traceFields.length}${this.traceFields.length}\n`);
      });
    }
  }
  const { body } = await respond(Handler, req("GET", "Connection: close"));
  assertEquals(body, "00\n");
});

Deno.test("each request of a connection has its own observation", async () => {
  const recorder = new Recorder();
  class Handler extends Quiet {
    static override observers = [recorder];
    do_GET(): void {
      this.setRoute("/first");
      this.greet();
    }
    async do_POST(): Promise<void> {
      await this.rfile.read();
      this.wfile.abort(new Error("nothing of a response"));
    }
  }
  await respond(
    Handler,
    req("GET") + req("POST", "Content-Length: 3") + "abc",
  );
  const facts = recorder.outcomes.map(
    ({ status, route, requestBytes, errorType }) => [
      status,
      route,
      requestBytes,
      errorType,
    ],
  );
  assertEquals(facts, [
    [200, "/first", 0, undefined],
    [0, undefined, 3, "Error"],
  ]);
});

Deno.test("a bad request is observed with its status, an empty line is not", async () => {
  const recorder = new Recorder();
  class Handler extends Quiet {
    static override observers = [recorder];
  }
  await respond(Handler, "GET /a HTTP/1.1\r\n\r\n");
  await respond(Handler, "nonsense\r\n\r\n");
  class Old extends Handler {
    static override protocolVersion = "HTTP/1.0";
  }
  await respond(Old, "\r\n");
  await respond(Handler, "");
  assertEquals(
    recorder.outcomes.map(({ status }) => status),
    [400, 400],
  );
  assertEquals(recorder.requests.map(({ method }) => method), ["GET", ""]);
});

Deno.test("a client that is too slow is observed with timeout", async () => {
  const recorder = new Recorder();
  class Handler extends Quiet {
    static override observers = [recorder];
    static override stallTimeout = 40;
    async do_PUT(): Promise<void> {
      await this.rfile.read();
      this.greet();
    }
  }
  await using httpd = new Server(["127.0.0.1", 0], Handler);
  const served = httpd.serveForever();
  const [answer] = await ask(
    httpd.serverPort,
    req("PUT", "Content-Length: 9") + "part",
  );
  await waitUntil(() => recorder.outcomes.length === 1);
  await httpd.shutdown();
  await served;
  const [{ status, errorType, requestBytes, exception }] = recorder
    .outcomes as [RequestOutcome];
  assertEquals(
    [answer!.status, status, errorType, requestBytes, exception],
    [408, 408, "timeout", 4, undefined],
  );
});

Deno.test("the observation ends when the connection has accepted the response", async () => {
  const recorder = new Recorder();
  const text = "x".repeat(1_000_000);
  class Handler extends Quiet {
    static override observers = [recorder];
    do_GET(): void {
      // Not awaited.
      this.greet(text);
    }
  }
  const connection = new MemoryConnection(req("GET"));
  const accept = Promise.withResolvers<void>();
  const write = connection.write.bind(connection);
  let writes = 0;
  connection.write = async (bytes: Uint8Array) => {
    if (writes++ > 0) await accept.promise;
    return await write(bytes);
  };
  const server = new TestServer(Handler);
  await using _ = server;
  const handler = new Handler(connection, ["127.0.0.1", 1], server.httpd);
  const ran = handler.run();
  await waitUntil(() => writes > 1);
  assertEquals(recorder.outcomes.length, 0);
  accept.resolve();
  await waitUntil(() => recorder.outcomes.length === 1);
  assertEquals(recorder.outcomes[0]!.responseBytes, text.length);
  connection.end();
  await ran;
});

Deno.test("the lookup of a file in a source is a part", async () => {
  const recorder = new Recorder();
  class Observed extends SimpleHTTPRequestHandler {
    static override observers = [recorder];
    override logMessage(): void {}
  }
  const memory = new MemorySource({ "a.txt": "alpha" });
  // As over a network.
  const source: Source = {
    label: memory.label,
    find: (path, kind) => Promise.resolve(memory.find(path, kind)),
    list: (path) => memory.list(path),
    read: (path, options) => memory.read(path, options),
  };
  const Handler = Observed.with({ source });
  const request = "GET /a.txt HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  assertEquals((await respond(Handler, request)).body, "alpha");
  assertEquals(recorder.events, [
    "begin GET",
    "run",
    "part lookup {}",
    "run lookup",
    "end lookup",
    "part open {}",
    "run open",
    "end open",
    "head",
    "end",
  ]);
});
