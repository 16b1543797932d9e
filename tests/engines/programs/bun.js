// Copyright 2026 the pystd authors. MIT license.

import { createSite } from "./site.ts";

const fetch = createSite({
  clientAddress(request, server) {
    const { address, port } = server.requestIP(request);
    return [address, port];
  },
});

const { port } = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch });
console.log(`port ${port}`);
