// Copyright 2026 the pystd authors. MIT license.

/**
 * Runs clients in a thread of their own. Each sends its next request as soon as it
 * has the response, or a second after a 503.
 *
 * @module
 */

import { COSTLY } from "./costly.ts";

/** The message that starts the clients. */
export interface Task {
  /** The kind of request. */
  kind: number;
  /** The server's port. */
  port: number;
  /** Number of clients. */
  clients: number;
}

/** Length of the start of a response, up to its status. */
const HEAD_BYTES = 12;

const statuses: Record<string, number> = {};

async function run({ kind, port }: Task, client: number): Promise<void> {
  const { request, holds, tls } = COSTLY[kind]!;
  const sent = new TextEncoder().encode(request(client));
  const buffer = new Uint8Array(64 * 1024);
  for (;;) {
    using conn = tls
      ? await Deno.connectTls({ hostname: "127.0.0.1", port })
      : await Deno.connect({ hostname: "127.0.0.1", port });
    for (let from = 0; from < sent.length;) {
      from += await conn.write(sent.subarray(from));
    }
    if (holds) await new Promise(() => {});
    let status = "";
    for (;;) {
      const count = await conn.read(buffer);
      if (count === null) break;
      if (status === "" && count >= HEAD_BYTES) {
        status = new TextDecoder().decode(buffer.subarray(9, HEAD_BYTES));
      }
    }
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (status === "503" || status === "429") {
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

/** The worker scope, which the types of `deno check` lack. */
const thread = globalThis as unknown as Pick<
  Worker,
  "onmessage" | "postMessage"
>;

thread.onmessage = async ({ data }: MessageEvent<Task | "stop">) => {
  if (data === "stop") {
    thread.postMessage(statuses);
    return;
  }
  await Promise.all(Array.from({ length: data.clients }, async (_, client) => {
    for (;;) {
      // A refused or interrupted connection counts as a response.
      await run(data, client).catch(() => {
        statuses.cut = (statuses.cut ?? 0) + 1;
        return new Promise((resolve) => setTimeout(resolve, 100));
      });
    }
  }));
};
