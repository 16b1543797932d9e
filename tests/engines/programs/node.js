// Copyright 2026 the pystd authors. MIT license.

// @ts-ignore: not a package of deno.json
import { serve } from "@hono/node-server";
import { createSite } from "./site.ts";

const addresses = new WeakMap();
const site = createSite({
  clientAddress: (request) => addresses.get(request),
});

serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch(request, { incoming: { socket } }) {
    addresses.set(request, [socket.remoteAddress, socket.remotePort]);
    return site(request);
  },
}, ({ port }) => console.log(`port ${port}`));
