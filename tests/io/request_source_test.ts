// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { isClientDisconnect } from "../../io/client_errors.ts";
import { RequestSource, requestTarget } from "../../io/request_source.ts";
import { decodeLatin1 } from "../support/client.ts";

/** Reads a source to its end through a buffer of a given size. */
async function readAll(request: Request, size: number): Promise<string> {
  const source = new RequestSource(request);
  const buffer = new Uint8Array(size);
  let text = "";
  for (;;) {
    const count = await source.read(buffer);
    if (count === null) return text;
    text += decodeLatin1(buffer.subarray(0, count));
  }
}

Deno.test("requestTarget returns what follows the authority", () => {
  const cases = [
    ["http://h", "/"],
    ["http://h/", "/"],
    ["http://h/a/../b//c?d#e", "/a/../b//c?d"],
    ["https://h:1?q", "/?q"],
    ["http://h/a?b=http://i/", "/a?b=http://i/"],
    ["http://[::1]:8/%41", "/%41"],
    // In latin-1 this would end the request line.
    ["http://h/\u010d\u010a", "/%C4%8D%C4%8A"],
    ["http://h/a b", "/a%20b"],
  ] as const;
  for (const [url, target] of cases) {
    assertEquals(requestTarget(url), target, url);
  }
});

Deno.test("RequestSource serializes a request as a client would", async (t) => {
  const headers = {
    host: "a:1",
    "x-a": "caf\u00e9",
    connection: "upgrade",
    upgrade: "h2c",
    te: "trailers",
    expect: "100-continue",
  };
  const start = (method: string): string =>
    `${method} /p HTTP/1.1\r\nHost: a:1\r\n`;
  const type = "content-type: text/plain;charset=UTF-8\r\n";
  const cases: [name: string, init: RequestInit, wanted: string][] = [
    ["no body", { headers }, `${start("GET")}x-a: caf\u00e9\r\n`],
    [
      "a body of unknown length",
      { method: "POST", body: "abc", headers },
      `${
        start("POST")
      }${type}x-a: caf\u00e9\r\nTransfer-Encoding: chunked\r\n` +
      "Connection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    ],
    [
      "a body of a known length",
      {
        method: "POST",
        body: "abc",
        headers: { host: "a:1", "content-length": "3" },
      },
      `${
        start("POST")
      }${type}Content-Length: 3\r\nConnection: close\r\n\r\nabc`,
    ],
    [
      "a body that is longer than announced",
      {
        method: "POST",
        body: "abcdef",
        headers: { host: "a:1", "content-length": "3" },
      },
      `${
        start("POST")
      }${type}Content-Length: 3\r\nConnection: close\r\n\r\nabc`,
    ],
    [
      "an empty body",
      { method: "POST", headers: { host: "a:1", "content-length": "0" } },
      `${start("POST")}Content-Length: 0\r\n`,
    ],
  ];
  for (const [name, init, wanted] of cases) {
    for (const size of [1, 7, 4096]) {
      await t.step(`${name}, read by ${size}`, async () => {
        const text = await readAll(new Request("http://h/p", init), size);
        const whole = wanted.includes("\r\n\r\n")
          ? wanted
          : `${wanted}Connection: close\r\n\r\n`;
        assertEquals(text, whole);
      });
    }
  }
});

Deno.test("RequestSource reports a failing body as a disconnect", async () => {
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller): void {
      controller.error(new TypeError("Deliberate"));
    },
  });
  const request = new Request("http://h/", { method: "POST", body });
  const error = await assertRejects(() => readAll(request, 4096));
  assertEquals(isClientDisconnect(error), true);
});

Deno.test("RequestSource.cancel ends a waiting read", async () => {
  const asked = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(): Promise<void> {
      asked.resolve();
      return new Promise(() => {});
    },
  }, { highWaterMark: 0 });
  const request = new Request("http://h/", { method: "POST", body });
  const source = new RequestSource(request);
  const buffer = new Uint8Array(4096);
  await source.read(buffer);
  const next = source.read(buffer);
  await asked.promise;
  source.cancel();
  assertEquals(await next, null);
});

Deno.test("RequestSource reads a body of a known length in pieces", async () => {
  const encoder = new TextEncoder();
  const body = ReadableStream.from(
    ["ab", "", "cd"].map((text) => encoder.encode(text)),
  );
  const headers = { "content-length": "4" };
  const request = new Request("http://h/", { method: "POST", body, headers });
  const text = await readAll(request, 4096);
  assertEquals(
    text.endsWith("Content-Length: 4\r\nConnection: close\r\n\r\nabcd"),
    true,
  );
});
