// Copyright 2026 the pystd authors. MIT license.

/**
 * A thread that looks like workerd: a request may begin what never ends. It reports
 * the statuses of requests beside such ones.
 *
 * @module
 */

// Deno loads it with its own global object.
import "node:zlib";
import type { Source, SourceEntry } from "../../sources/source.ts";

delete (globalThis as { Deno?: unknown }).Deno;
Object.defineProperty(globalThis, "navigator", {
  value: { userAgent: "Cloudflare-Workers" },
});
// After the changes above.
const { toFetchHandler } = await import("../../fetch.ts");
const { ShareHTTPRequestHandler } = await import("../../handlers/share.ts");

const ABANDONED = 20;
let readings = 0;

const source: Source = {
  label: "big",
  find: () => ({ name: "big", kind: "directory", size: 0 }),
  async *list(): AsyncGenerator<SourceEntry[]> {
    // Of the first requests, the second reading never ends: the one behind the look.
    const isAbandoned = ++readings > ABANDONED && readings <= 2 * ABANDONED;
    for (let page = 0; page < 15; page++) {
      if (page === 12 && isAbandoned) await new Promise(() => {});
      yield await Promise.resolve(
        Array.from({ length: 100 }, (_, i) => ({
          name: `${page * 100 + i}`,
          kind: "file",
          size: 1,
        })),
      );
    }
  },
  read: () => new Uint8Array([65]),
};

class Quiet extends ShareHTTPRequestHandler {
  override logMessage(): void {}
}

const handler = toFetchHandler(Quiet.with({ source }));
const ask = (init?: RequestInit): Promise<Response> =>
  Promise.resolve(handler(new Request("http://h/big/?format=text", init)));

for (let i = 0; i < ABANDONED; i++) ask();
while (readings < 2 * ABANDONED) {
  await new Promise((resolve) => setTimeout(resolve, 1));
}
const lines: number[] = [];
for (const coding of ["identity", "br"]) {
  const headers = { "accept-encoding": coding };
  const response = await ask({ headers });
  const text = await response.text();
  lines.push(response.status, text.length > 0 ? 1 : 0);
}
lines.push((await ask({ method: "HEAD" })).status);
(self as unknown as { postMessage(data: unknown): void }).postMessage(lines);
