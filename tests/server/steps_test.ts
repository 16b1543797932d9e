// Copyright 2026 the pystd authors. MIT license.

/**
 * The steps of CPython's socketserver: each can be overridden, and is called in
 * CPython's order, also after errors.
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { assertThrows } from "@std/assert/throws";
import { delay } from "@std/async/delay";
import {
  type ClientAddress,
  type Connection,
  HTTPServer,
  ThreadingHTTPServer,
} from "../../server.ts";
import { ask } from "../support/client.ts";
import { GET, Hello, LOCAL } from "../support/hello.ts";

/** Records each step. Static, since the constructor binds before fields are set. */
class RecordingServer extends HTTPServer {
  declare steps: string[];
  declare verdict: () => boolean;

  override serverBind(): void {
    this.steps = [];
    this.verdict = () => true;
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

/** What a client sends, what fails, and the steps that follow. */
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
  await t.step("no client connects", async () => {
    await using server = new RecordingServer(LOCAL, Hello);
    server.timeout = 20;
    await server.handleRequest();
    assertEquals(server.steps.at(-1), "handleTimeout");
    // The next client is served all the same.
    server.timeout = null;
    const served = server.handleRequest();
    const [answer] = await ask(server.serverPort, GET);
    assertEquals(answer.status, 200);
    await served;
  });
  await t.step("it serves for some time", async () => {
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
