// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import {
  queueShortWork,
  sortInSlices,
  TimeSlices,
} from "../../files/time_slices.ts";
import { stub } from "../support/stub.ts";

interface Card {
  key: number;
  place: number;
}

/** Entries with many equal keys, in the same order in each run. */
function shuffled(count: number): Card[] {
  let seed = 1;
  return Array.from({ length: count }, (_, place) => {
    seed = seed * 48271 % 2147483647;
    return { key: seed % 97, place };
  });
}

for (const count of [0, 1, 2, 1023, 1024, 1025, 2048, 3000, 5121, 20_000]) {
  Deno.test(`sortInSlices sorts ${count} entries, and keeps the order of equal ones`, async () => {
    const compare = (a: Card, b: Card) => a.key - b.key;
    const sorted = await sortInSlices(shuffled(count), compare);
    assertEquals(sorted, shuffled(count).sort(compare));
  });
}

Deno.test("sortInSlices pauses between slices", async () => {
  let turns = 0;
  const others = setInterval(() => turns++, 0);
  // Each check of the clock finds that the slice is over.
  let now = 0;
  using _ = stub(Date, "now", () => () => now += 10);
  await sortInSlices(shuffled(5000), (a, b) => a.key - b.key);
  clearInterval(others);
  assert(turns > 5, `${turns} turns`);
});

Deno.test("TimeSlices.pause lets network events be handled", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  using client = await Deno.connect({ hostname: "127.0.0.1", port });
  using connection = await listener.accept();
  let received = false;
  const read = connection.read(new Uint8Array(1)).then(() => received = true);
  using slices = new TimeSlices();
  await client.write(new Uint8Array(1));
  let count = 0;
  for (; !received && count < 100; count++) {
    const end = performance.now() + 3;
    while (performance.now() < end);
    assert(slices.over);
    await slices.pause();
  }
  await read;
  // With setImmediate() there would be 61 of them.
  assert(count < 30, `${count} slices`);
});

Deno.test("TimeSlices of ten jobs let other work run between any two slices", async () => {
  const jobs = 10;
  let steps = 0;
  let most = 0;
  const others = setInterval(() => {
    most = Math.max(most, steps);
    steps = 0;
  }, 0);
  await Promise.all(Array.from({ length: jobs }, async () => {
    using slices = new TimeSlices();
    for (let i = 0; i < 20; i++) {
      await slices.pause();
      steps++;
    }
  }));
  clearInterval(others);
  assert(most > 0 && most < jobs / 2, `${most} slices at once`);
});

Deno.test("queueShortWork runs work in order, and continues after a failure", async () => {
  const done: number[] = [];
  const works = Array.from({ length: 5 }, (_, i) =>
    queueShortWork(() => {
      done.push(i);
      if (i === 1) throw new Error("1");
      return i;
    }));
  const results = await Promise.allSettled(works);
  assertEquals(done, [0, 1, 2, 3, 4]);
  assertEquals(
    results.map(({ status }) => status === "fulfilled"),
    [true, false, true, true, true],
  );
});
