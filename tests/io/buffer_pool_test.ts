// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { allocate, BufferPool, slabAllocator } from "../../io/buffer_pool.ts";

Deno.test("BufferPool.take returns buffers given back, up to maxFree", () => {
  const pool = new BufferPool(16, allocate, { maxFree: 64 });
  const buffers = Array.from({ length: 70 }, () => pool.take());
  pool.giveBack(pool.take().subarray(1));
  for (const buffer of buffers) pool.giveBack(buffer);
  const again = Array.from({ length: 70 }, () => pool.take());
  assertEquals(again.filter((buffer) => buffers.includes(buffer)).length, 64);
  assert(again.every((buffer) => buffer.length === 16));
});

Deno.test("BufferPool is exhausted while maxTotal buffers are in use", () => {
  const pool = new BufferPool(16, allocate, { maxFree: 1, maxTotal: 2 });
  const first = pool.take();
  assertEquals(pool.exhausted, false);
  const second = pool.take();
  assertEquals(pool.exhausted, true);
  pool.giveBack(first);
  assertEquals(pool.exhausted, false);
  assertEquals(pool.take(), first);
  assertEquals(pool.exhausted, true);
  // One is kept, the other one is not, and leaves room for a new one.
  pool.giveBack(first);
  pool.giveBack(second);
  assertEquals([pool.take() === first, pool.exhausted], [true, false]);
});

Deno.test("slabAllocator cuts buffers that share memory, but no byte", () => {
  const allocateFromSlab = slabAllocator();
  const buffers = Array.from({ length: 40 }, () => allocateFromSlab(1000));
  buffers.forEach((buffer, i) => buffer.fill(i));
  for (const [i, buffer] of buffers.entries()) {
    assertEquals(buffer.length, 1000);
    assert(buffer.every((byte) => byte === i));
  }
  assertEquals(new Set(buffers.map(({ buffer }) => buffer)).size, 3);
});
