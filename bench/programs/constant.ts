// Copyright 2026 the pystd authors. MIT license.

/** `Deno.serve` with the same response to everything. Argument: PORT. */

const body = new Uint8Array(1024).fill(0x61);
const headers = { "content-type": "text/plain" };

Deno.serve(
  { hostname: "127.0.0.1", port: Number(Deno.args[0]), onListen: () => {} },
  () => new Response(body, { headers }),
);
