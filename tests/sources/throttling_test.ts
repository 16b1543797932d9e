// Copyright 2026 the pystd authors. MIT license.

/**
 * Many clients over a store that refuses every other request.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { toFetchHandler } from "../../fetch.ts";
import { ShareHTTPRequestHandler } from "../../handlers/share.ts";
import { S3Source } from "../../sources/s3.ts";
import { failure, S3Store } from "../support/s3_store.ts";
import { stub } from "../support/stub.ts";

const CLIENTS = 200;
/** Attempts for a request to the store: the first one, and three retries. */
const ATTEMPTS = 4;

class Quiet extends ShareHTTPRequestHandler {
  override logMessage(): void {}
}

/** Numbers between 0 and 1 that are the same in each run. */
function randomNumbers(): () => number {
  let seed = 1;
  return () => (seed = seed * 48271 % 2147483647) / 2147483647;
}

Deno.test("all clients of a store that refuses every other request get an answer, after bounded retries", async () => {
  const files = Object.fromEntries(
    Array.from({ length: CLIENTS }, (_, i) => [`${i}.txt`, `content ${i}`]),
  );
  await using store = new S3Store(files);
  const random = randomNumbers();
  const attempts = new Map<string, number>();
  store.fault = ({ method }, key) => {
    const request = `${method} ${key}`;
    attempts.set(request, (attempts.get(request) ?? 0) + 1);
    return random() < 0.5 ? failure(503, "SlowDown") : undefined;
  };
  const source = new S3Source(store.options);
  const handler = toFetchHandler(Quiet.with({ source }));
  const statuses = await Promise.all(
    Object.entries(files).map(async ([name, content]) => {
      const response = await handler(new Request(`http://h/${name}`));
      const text = await response.text();
      if (response.status === 200) assertEquals(text, content);
      else assertEquals(response.headers.get("retry-after"), "5");
      return response.status;
    }),
  );
  const count = (status: number): number =>
    statuses.filter((one) => one === status).length;
  assertEquals(count(200) + count(503), CLIENTS);
  // One of eight fails four times, at `HEAD` or `GET`.
  assert(count(200) > CLIENTS * 0.7, `${count(200)} of ${CLIENTS}`);
  assertEquals(Math.max(...attempts.values()), ATTEMPTS);
});

Deno.test("retries of a store that is busy come after random pauses, whose bound doubles", async () => {
  await using store = new S3Store({ "a.txt": "alpha" });
  store.fault = () => failure(503, "SlowDown");
  const source = new S3Source(store.options);
  const random = randomNumbers();
  const drawn: number[] = [];
  using _random = stub(Math, "random", () => () => {
    drawn.push(random());
    return drawn.at(-1)!;
  });
  const pauses: number[] = [];
  using _timer = stub(
    globalThis,
    "setTimeout",
    (real) =>
      ((callback: () => void, ms = 0) => {
        // The others are the time limits of requests.
        const isPause = ms > 0 && ms < 1000;
        if (isPause) pauses.push(ms);
        return real(callback, isPause ? 0 : ms);
      }) as typeof setTimeout,
  );
  for (let i = 0; i < 20; i++) {
    const error = await source.find("a.txt").catch((error) => error);
    assertEquals(error.status, 503);
  }
  assertEquals(store.requests.length, 20 * ATTEMPTS);
  assertEquals(
    pauses,
    drawn.map((value, i) => value * [100, 200, 400][i % 3]),
  );
  assertEquals(new Set(pauses).size, 60);
});
