// Copyright 2026 the pystd authors. MIT license.

/**
 * Slow clients: a tenth of the clients and limits of `deno task soak`.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { slowAttack } from "./support/slow_attack.ts";

Deno.test("ThreadingHTTPServer answers others during an attack by slow clients", async () => {
  const report = await slowAttack({
    heads: 100,
    readers: 50,
    limits: { headTimeout: 2500, stallTimeout: 2500, sendBufferBytes: 0 },
    seconds: 20,
  });
  assert(report.most > 50, `${report.most} connections at once`);
  assertEquals(report.left, 0, "slow connections are left");
  const middle = report.latencies[report.latencies.length >> 1]!;
  // Other tests may slow the machine down.
  assert(middle < 100, `${middle} ms`);
  const grown = report.rss.peak - report.rss.before;
  assert(grown < 160 * 2 ** 20, `${grown} bytes more`);
});
