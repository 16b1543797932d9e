// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { BufferPool } from "../../io/buffer_pool.ts";

Deno.test("BufferPool cuts buffers that share no byte", () => {
  const slabs = new BufferPool(1000);
  const buffers = Array.from({ length: 40 }, () => slabs.take());
  buffers.forEach((buffer, i) => buffer.fill(i));
  for (const [i, buffer] of buffers.entries()) {
    assertEquals(buffer.length, 1000);
    assert(buffer.every((byte) => byte === i));
  }
  // Many are parts of one.
  assertEquals(new Set(buffers.map(({ buffer }) => buffer)).size, 3);
});

Deno.test("BufferPool gives out what was given back, up to a number", () => {
  const slabs = new BufferPool(16);
  const buffers = Array.from({ length: 70 }, () => slabs.take());
  slabs.giveBack(slabs.take().subarray(1));
  for (const buffer of buffers) slabs.giveBack(buffer);
  const again = Array.from({ length: 70 }, () => slabs.take());
  assertEquals(again.filter((buffer) => buffers.includes(buffer)).length, 64);
  assert(again.every((buffer) => buffer.length === 16));
});
