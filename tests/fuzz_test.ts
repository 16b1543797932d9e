// Copyright 2026 the pystd authors. MIT license.

// Invariant: the server answers each request that it sees once and in order,
// sees each valid request, and leaves nothing open.

/**
 * Mutated traffic over real sockets, the same in each run. `deno task fuzz`
 * runs longer.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { fuzz } from "./support/fuzz.ts";

const BYTES = 10_000_000;

Deno.test("ThreadingHTTPServer holds its invariant over ten million bytes of mutated traffic", async () => {
  const report = await fuzz({ seed: 20260229, bytes: BYTES });
  assertEquals(report.thrown, []);
  assertEquals(report.wrong, []);
  assertEquals(report.left, 0);
  assert(report.requests > report.connections);
  // A client that closes its side before it reads is never reset.
  assert(report.resets < report.connections / 100, `${report.resets} resets`);
});
