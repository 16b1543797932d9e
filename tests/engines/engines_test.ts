// Copyright 2026 the pystd authors. MIT license.

/**
 * One table of requests for every engine: the requests of `tests/sources/`, and
 * bodies that are streamed, slow, and cut off.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { runCases, runSharing, type Send } from "../sources/cases.ts";
import { decodeLatin1, encodeLatin1, RawClient } from "../support/client.ts";
import { waitUntil } from "../support/wait.ts";
import { type Engine, ENGINES, Lab, type RunningEngine } from "./lab.ts";

/** Most pieces of 64 KiB that an engine and the system keep for a client. */
const MOST_PIECES = 512;

/** Longest wait for a response, in ms. */
const PATIENCE = 20_000;

/** Returns a `Send` for one of the handlers of `programs/site.ts`. */
function sendTo({ port }: RunningEngine, handler: string): Send {
  return async (request) => {
    await using client = await RawClient.connect(port);
    await client.send(request.replace(/^host: h\r$/m, `host: ${handler}\r`));
    await waitUntil(() => client.closed, PATIENCE);
    return encodeLatin1(client.received);
  };
}

/** Sends a request that ends the connection; returns head and body. */
async function ask(
  engine: RunningEngine,
  request: string,
  field = "accept: */*",
  content = "",
): Promise<{ head: string; body: string }> {
  const lines = ["host: h", "connection: close", field];
  const text = `${request} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${content}`;
  const answer = decodeLatin1(await sendTo(engine, "bodies")(text));
  const end = answer.indexOf("\r\n\r\n");
  return { head: answer.slice(0, end), body: answer.slice(end + 4) };
}

/** What became of the endless response. */
async function state(
  engine: RunningEngine,
): Promise<{ pieces: number; ended: string }> {
  return JSON.parse((await ask(engine, "GET /state")).body);
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
    const { body } = await ask(engine, "PUT /", length, text);
    assertEquals(JSON.parse(body), wanted);
  });
  await t.step("a chunked body arrives whole", async () => {
    const half = text.length / 2;
    const size = half.toString(16);
    const chunks = [text.slice(0, half), text.slice(half)]
      .map((chunk) => `${size}\r\n${chunk}\r\n`);
    const content = `${chunks.join("")}0\r\n\r\n`;
    const coding = "transfer-encoding: chunked";
    const { body } = await ask(engine, "PUT /", coding, content);
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

async function checkEngine(
  t: Deno.TestContext,
  lab: Lab,
  engine: Engine,
): Promise<void> {
  await using running = await lab.start(engine);
  for (const handler of ["simple", "share"]) {
    await t.step(
      `files: ${handler}`,
      (t) => runCases(t, sendTo(running, handler)),
    );
  }
  await t.step("sharing", (t) => runSharing(t, sendTo(running, "share")));
  if (engine.name.startsWith("Hono")) {
    await t.step("mounted below a path", () => checkMount(running));
  }
  await t.step("bodies", (t) => checkBodies(t, running));
  // The next connection would ask another thread about the last one.
  if (!engine.threads) {
    await t.step("disconnects", (t) => checkDisconnects(t, running));
  }
  await t.step("Server names the engine", async () => {
    const { head } = await ask(running, "GET /state");
    const [, version] = /^server: pystd-http\/\S+ (.*)$/im.exec(head)!;
    assertMatch(version!, engine.version);
  });
  await t.step("the handler sees the client's address", async () => {
    await using client = await RawClient.connect(running.port);
    const lines = ["GET /who HTTP/1.1", "Host: bodies", "Connection: close"];
    await client.send(`${lines.join("\r\n")}\r\n\r\n`);
    await waitUntil(() => client.closed, PATIENCE);
    const wanted = engine.addresses
      ? ["127.0.0.1", client.localPort]
      : ["-", 0];
    const body = client.received.split("\r\n\r\n")[1];
    assertEquals(JSON.parse(body!), wanted);
  });
  await t.step("nothing is printed", async () => {
    assertEquals(await running.stop(), "");
  });
}

/** A prefix that Hono takes off. */
async function checkMount(running: RunningEngine): Promise<void> {
  const send = sendTo(running, "simple");
  const rest = "HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
  const answer = decodeLatin1(await send(`GET /mounted/a.txt ${rest}`));
  assertMatch(answer, /^HTTP\/1\.1 200 [^]*\r\n\r\nalpha\n$/);
}

Deno.test("handlers of a source answer alike on every engine", async (t) => {
  await using lab = await Lab.create();
  for (const engine of ENGINES) {
    const { name, missing } = engine;
    await t.step({
      name: missing === undefined ? name : `${name} (${missing})`,
      ignore: missing !== undefined,
      fn: (t) => checkEngine(t, lab, engine),
    });
  }
});
