// Copyright 2026 the pystd authors. MIT license.

// @ts-ignore: not a package of deno.json
import { serve } from "@hono/node-server";
import { createSite } from "./site.ts";

const fetch = createSite({
  clientAddress(_request, { incoming: { socket } }) {
    return [socket.remoteAddress, socket.remotePort];
  },
});

serve({ port: 0, hostname: "127.0.0.1", fetch }, ({ port }) => {
  console.log(`port ${port}`);
});
