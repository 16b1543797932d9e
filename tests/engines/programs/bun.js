// Copyright 2026 the pystd authors. MIT license.

import { createSite } from "./site.ts";

const site = createSite({
  clientAddress(request) {
    const { address, port } = server.requestIP(request);
    return [address, port];
  },
});

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: (request) => site(request),
});
console.log(`port ${server.port}`);
