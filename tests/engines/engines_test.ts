// Copyright 2026 the pystd authors. MIT license.

/**
 * One table of requests for every engine and every source: the requests of
 * `tests/sources/`, and bodies that are streamed, slow, and cut off.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import {
  type Answer,
  ask,
  runCases,
  runManagement,
  runSharing,
  runUploads,
  type Send,
} from "../sources/cases.ts";
import { LARGE_BYTES, largeBytes } from "../sources/files.ts";
import { decodeLatin1, encodeLatin1, RawClient } from "../support/client.ts";
import { waitUntil } from "../support/wait.ts";
import { ROOT } from "../support/command.ts";
import {
  type Engine,
  ENGINES,
  FILE_KINDS,
  type FileKind,
  Lab,
  makeServed,
  run,
  type RunningEngine,
  whyNot,
} from "./lab.ts";

/** Most pieces of 64 KiB that an engine and the system keep for a client. */
const MOST_PIECES = 512;

/** The SHA-256 of `a.txt`. */
const ALPHA_SHA256 =
  "b6a98d9ce9a2d9149288fa3df42d377c3e42737afdcdaf714e33c0a100b51060";

/** Longest wait for a response, in ms. */
const PATIENCE = 20_000;

/** Returns a `Send` for one of the handlers of `programs/site.ts`. */
function sendTo({ port }: RunningEngine, handler: string): Send {
  return async (request) => {
    await using client = await RawClient.connect(port);
    // Without it, Cloudflare's edge asks for br.
    const coding = "accept-encoding: identity\r";
    const host = `host: ${handler}\r\n${coding}`;
    await client.send(
      request.replace(/^host: h\r$/m, host)
        .replace(
          /^destination: http:\/\/h\//m,
          `destination: http://${handler}/`,
        ),
    );
    const isHead = request.startsWith("HEAD");
    const isEnd = () => client.closed || isWhole(client.received, isHead);
    await waitUntil(isEnd, PATIENCE);
    return encodeLatin1(client.received);
  };
}

/** Tells whether a response has arrived: workerd keeps the connection open. */
function isWhole(answer: string, isHead: boolean): boolean {
  const end = answer.indexOf("\r\n\r\n") + 4;
  if (end < 4) return false;
  const head = answer.slice(0, end);
  if (isHead || /^HTTP\/1\.1 [23]04/.test(head)) return true;
  const [, length] = /^content-length: (\d+)\r$/im.exec(head) ?? [];
  return length === undefined
    ? answer.endsWith("\r\n0\r\n\r\n")
    : answer.length >= end + Number(length);
}

/** Sends a request to the handler of bodies; returns the body. */
async function askBodies(
  engine: RunningEngine,
  request: string,
  field = "accept: */*",
  content = "",
): Promise<string> {
  const text = `${request} HTTP/1.1\r\nhost: h\r\n${field}\r\n\r\n${content}`;
  const answer = decodeLatin1(await sendTo(engine, "bodies")(text));
  return answer.slice(answer.indexOf("\r\n\r\n") + 4);
}

/** What became of the endless response. */
async function state(
  engine: RunningEngine,
): Promise<{ pieces: number; ended: string }> {
  return JSON.parse(await askBodies(engine, "GET /state"));
}

async function checkBodies(
  t: Deno.TestContext,
  engine: RunningEngine,
): Promise<void> {
  const bytes = Uint8Array.from({ length: 1_000_000 }, (_, i) => i % 251);
  const text = decodeLatin1(bytes);
  let sum = 0;
  for (const byte of bytes) sum = (sum + byte) % 65521;
  const wanted = { size: bytes.length, sum };
  await t.step("a body with a length arrives whole", async () => {
    const length = `content-length: ${bytes.length}`;
    const body = await askBodies(engine, "PUT /", length, text);
    assertEquals(JSON.parse(body), wanted);
  });
  await t.step("a chunked body arrives whole", async () => {
    const half = text.length / 2;
    const size = half.toString(16);
    const chunks = [text.slice(0, half), text.slice(half)]
      .map((chunk) => `${size}\r\n${chunk}\r\n`);
    const content = `${chunks.join("")}0\r\n\r\n`;
    const coding = "transfer-encoding: chunked";
    const body = await askBodies(engine, "PUT /", coding, content);
    assertEquals(JSON.parse(body), wanted);
  });
  await t.step("a body is sent back while it arrives", async () => {
    await using client = await RawClient.connect(engine.port);
    await client.send(
      "POST / HTTP/1.1\r\nHost: bodies\r\nContent-Length: 8\r\n\r\nping",
    );
    await waitUntil(() => client.received.includes("ping"));
    await client.send("pong");
    await waitUntil(() => client.received.endsWith("0\r\n\r\n"));
    assert(client.received.includes("pong"));
  });
}

async function checkDisconnects(
  t: Deno.TestContext,
  engine: RunningEngine,
): Promise<void> {
  await t.step(
    "a client that does not read holds back the handler",
    async () => {
      const { port } = engine;
      using connection = await Deno.connect({ hostname: "127.0.0.1", port });
      await connection.write(
        encodeLatin1("GET /endless HTTP/1.1\r\nHost: bodies\r\n\r\n"),
      );
      await connection.read(new Uint8Array(100));
      let last = -1;
      let same = 0;
      await waitUntil(async () => {
        const { pieces } = await state(engine);
        assert(pieces < MOST_PIECES, "no back-pressure");
        same = pieces === last ? same + 1 : 0;
        last = pieces;
        return pieces > 0 && same > 20;
      });
    },
  );
  await t.step("a client that leaves ends the handler", async () => {
    await waitUntil(async () => (await state(engine)).ended !== "");
  });
  await t.step("a client that leaves while it sends does no harm", async () => {
    {
      await using client = await RawClient.connect(engine.port);
      await client.send(
        "PUT / HTTP/1.1\r\nHost: bodies\r\nContent-Length: 9\r\n\r\npart",
      );
    }
    assertEquals((await state(engine)).ended !== "", true);
  });
}

/** Sends the requests that depend on the source. */
async function checkFiles(
  t: Deno.TestContext,
  engine: Engine,
  kind: FileKind,
  running: RunningEngine,
): Promise<void> {
  for (const handler of ["simple", "share"]) {
    await t.step(
      `files: ${handler}`,
      (t) => runCases(t, sendTo(running, handler)),
    );
  }
  await t.step("sharing", (t) => runSharing(t, sendTo(running, "share")));
  await t.step(
    "secured",
    (t) => checkSecured(t, engine, sendTo(running, "secured")),
  );
  await t.step("fifty clients at once get a whole file", async () => {
    const send = sendTo(running, "simple");
    const answers = await Promise.all(
      Array.from(
        { length: 50 },
        () => ask(send, { request: "GET /large.bin" }),
      ),
    );
    const wanted = largeBytes();
    const length = engine.chunks ? null : `${LARGE_BYTES}`;
    for (const { fields, body } of answers) {
      assert(Buffer.compare(body, wanted) === 0);
      assertEquals(fields.get("content-length"), length);
    }
  });
  await t.step("compression", (t) => checkCompression(t, running));
  // Each thread has a memory of its own.
  const isShared = kind !== "memory" || !engine.threads;
  if (isShared && kind !== "zip" && kind !== "directory") {
    await t.step("uploads", (t) => runUploads(t, sendTo(running, "uploads")));
    await t.step("large uploads", (t) => checkLargeUploads(t, running));
  }
  if (isShared && (kind === "memory" || kind === "R2")) {
    const send = sendTo(running, "managed");
    await t.step("management", (t) => runManagement(t, send));
  }
}

/** Sends the requests that depend on the engine alone. */
async function checkEngine(
  t: Deno.TestContext,
  engine: Engine,
  running: RunningEngine,
): Promise<void> {
  if (engine.name.startsWith("Hono")) {
    await t.step("mounted below a path", () => checkMount(running));
  }
  await t.step("bodies", (t) => checkBodies(t, running));
  // The next connection would ask another thread about the last one.
  if (!engine.threads) {
    await t.step("disconnects", (t) => checkDisconnects(t, running));
  }
  await t.step("Server names the engine", async () => {
    const send = sendTo(running, "simple");
    const { fields } = await ask(send, { request: "GET /a.txt" });
    const [, version] = fields.get("server")!.split(" ");
    assertMatch(version!, engine.version);
  });
  await t.step("the handler sees the client's address", async () => {
    const [host] = JSON.parse(await askBodies(running, "GET /who"));
    assertEquals(host, engine.addresses ? "127.0.0.1" : "-");
  });
  await t.step("only Deno serves a directory", async () => {
    const send = sendTo(running, "directory");
    const { text } = await ask(send, { request: "GET /" });
    assertMatch(
      text,
      engine.deno
        ? /^NotCapable: Requires read access to "\."/
        : /^TypeError: Cannot serve a directory without Deno: give the option/,
    );
  });
}

/** Checks passwords, rights, hashes, links and metrics. */
async function checkSecured(
  t: Deno.TestContext,
  engine: Engine,
  send: Send,
): Promise<void> {
  const authorization = `Basic ${btoa("ann:secret")}`;
  const asAnn = (path: string): Promise<Answer> =>
    ask(send, { request: `GET ${path}`, fields: { authorization } });
  await t.step("a password of bcrypt", async () => {
    const { status } = await ask(send, { request: "GET /a.txt" });
    assertEquals(status, 401);
    const fields = { authorization: `Basic ${btoa("ann:other")}` };
    const wrong = await ask(send, { request: "GET /a.txt", fields });
    assertEquals(wrong.status, 401);
    assertEquals((await asAnn("/a.txt")).text, "alpha\n");
  });
  await t.step("rights", async () => {
    assertEquals((await asAnn("/site/")).status, 403);
    const { text } = await asAnn("/?format=json");
    assert(!text.includes('"site"'), text);
  });
  await t.step("a hash", async () => {
    const { text } = await asAnn("/a.txt?sha256");
    assertEquals(text, ALPHA_SHA256);
  });
  await t.step("a link", async () => {
    const link = (await ask(send, { request: "GET /sign" })).text;
    const { status, text } = await ask(send, { request: `GET ${link}` });
    assertEquals(status, 200, text);
    assert(text.includes("README.md"));
    const elsewhere = link.replace("/docs/", "/a.txt");
    const other = await ask(send, { request: `GET ${elsewhere}` });
    assertEquals(other.status, 403);
  });
  await t.step("metrics", async () => {
    const { status, text } = await asAnn("/metrics");
    assertEquals(status, 200);
    assertMatch(text, /^http_server_active_requests\{.*\} 1$/m);
    // A worker is no process.
    assertEquals(/^process_cpu_seconds_total /m.test(text), !engine.workerd);
  });
}

/** Some engines compress a response, or a compressed one again. */
async function checkCompression(
  t: Deno.TestContext,
  running: RunningEngine,
): Promise<void> {
  const url = `http://127.0.0.1:${running.port}/docs/`;
  for (const coding of ["identity", "gzip", "br"]) {
    await t.step(coding, async () => {
      const args = ["-sS", "-D-", "-H", "Host: share", "--compressed"];
      const accept = ["-H", `Accept-Encoding: ${coding}`];
      const answer = await run(["curl", ...args, ...accept, url], ROOT);
      assert(answer.includes("README.md"), answer);
      const used = /^content-encoding: (.*)\r$/im.exec(answer)?.[1];
      assertEquals(used ?? "identity", coding);
    });
  }
}

/** R2 receives them in parts of 8 MiB. */
async function checkLargeUploads(
  t: Deno.TestContext,
  running: RunningEngine,
): Promise<void> {
  const send = sendTo(running, "large");
  const bytes = Uint8Array.from({ length: 12_000_000 }, (_, i) => i % 251);
  const length = `${bytes.length}`;
  const fields = { "content-length": length, "accept": "application/json" };
  await t.step("a whole one", async () => {
    const request = "PUT /docs/deep/12.bin";
    const body = decodeLatin1(bytes);
    const { status, text } = await ask(send, { request, fields, body });
    assertEquals(status, 201, text);
    const sent = await ask(send, { request: "GET /docs/deep/12.bin" });
    assert(Buffer.compare(sent.body, bytes) === 0);
  });
  await t.step("it is copied and moved, in parts over R2", async () => {
    const moved = "/docs/deep/moved.bin";
    const changes: [request: string, to: string, status: number][] = [
      ["COPY /docs/deep/12.bin", moved, 201],
      ["MOVE " + moved, "/docs/deep/12.bin", 204],
    ];
    for (const [request, destination, wanted] of changes) {
      const { status, text } = await ask(send, {
        request,
        fields: { destination },
      });
      assertEquals(status, wanted, text);
      const sent = await ask(send, { request: `GET ${destination}` });
      assert(Buffer.compare(sent.body, bytes) === 0);
    }
    const gone = await ask(send, { request: `GET ${moved}` });
    assertEquals(gone.status, 404);
  });
  await t.step("one that is cut off leaves nothing", async () => {
    {
      await using client = await RawClient.connect(running.port);
      await client.send(
        `PUT /docs/deep/cut.bin HTTP/1.1\r\nHost: large\r\n` +
          `Content-Length: ${length}\r\n\r\n`,
        bytes.subarray(0, 10_000_000),
      );
    }
    const { status } = await ask(send, { request: "GET /docs/deep/cut.bin" });
    assertEquals(status, 404);
    const { text } = await ask(send, {
      request: "GET /docs/deep/?format=json",
    });
    assertEquals(JSON.parse(text).entries.length, 2);
  });
}

/** A prefix that Hono takes off. */
async function checkMount(running: RunningEngine): Promise<void> {
  const send = sendTo(running, "simple");
  const rest = "HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
  const answer = decodeLatin1(await send(`GET /mounted/a.txt ${rest}`));
  assertMatch(answer, /^HTTP\/1\.1 200 [^]*\r\n\r\nalpha\n$/);
}

let lab: Lab;
Deno.test.beforeAll(async () => {
  lab = await Lab.create();
});
Deno.test.afterAll(() => lab[Symbol.asyncDispose]());

for (const engine of ENGINES) {
  for (const kind of FILE_KINDS) {
    const missing = whyNot(engine, kind);
    const why = missing === undefined ? "" : ` (${missing})`;
    Deno.test({
      name: `handlers answer alike on ${engine.name} from ${kind}${why}`,
      ignore: missing !== undefined,
      async fn(t) {
        await using served = await makeServed(kind);
        await using running = await lab.start(engine, kind, served.where);
        await checkFiles(t, engine, kind, running);
        if (kind === "memory") await checkEngine(t, engine, running);
        await t.step("nothing is printed", async () => {
          assertEquals(await running.stop(), "");
        });
      },
    });
  }
}
