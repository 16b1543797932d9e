// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { flushInBatch } from "../../io/flush_batch.ts";

/** Sets the clock. A response that is ready then opens the millisecond. */
function clockAt(time: number): Disposable {
  const { now } = Date;
  Date.now = () => time;
  flushInBatch({ flush: () => {} }, true);
  return { [Symbol.dispose]: () => void (Date.now = now) };
}

/** Puts responses into batches, and counts those that have been flushed. */
function counter(): {
  flushed: number;
  add(count: number, small?: boolean): void;
} {
  return {
    flushed: 0,
    add(count, small = true): void {
      const flush = () => void this.flushed++;
      for (let i = 0; i < count; i++) flushInBatch({ flush }, small);
    },
  };
}

Deno.test("flushInBatch sends after all requests that arrived together are answered", async () => {
  using _clock = clockAt(1);
  const order: string[] = [];
  const all = Promise.withResolvers<void>();
  const answer = async (name: string): Promise<void> => {
    await Promise.resolve();
    order.push(`answered ${name}`);
    const flush = (): void => {
      if (order.push(`flushed ${name}`) === 6) all.resolve();
    };
    flushInBatch({ flush }, true);
  };
  for (const name of "abc") answer(name);
  await all.promise;
  assertEquals(order, [
    ..."abc".split("").map((name) => `answered ${name}`),
    ..."abc".split("").map((name) => `flushed ${name}`),
  ]);
});

Deno.test("flushInBatch sends a batch of 16 at once", () => {
  using _clock = clockAt(2);
  const responses = counter();
  responses.add(15);
  assertEquals(responses.flushed, 0);
  responses.add(1);
  assertEquals(responses.flushed, 16);
});

Deno.test("flushInBatch sends the batch at once when a millisecond has passed", () => {
  using _clock = clockAt(3);
  const responses = counter();
  responses.add(10);
  Date.now = () => 4;
  responses.add(1);
  assertEquals(responses.flushed, 11);
});

Deno.test("flushInBatch sends the batch at once with a large response", () => {
  using _clock = clockAt(5);
  const responses = counter();
  responses.add(2);
  responses.add(1, false);
  assertEquals(responses.flushed, 3);
});
