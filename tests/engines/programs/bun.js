// Copyright 2026 the pystd authors. MIT license.

import process from "node:process";
import { openFiles } from "./files.ts";
import { createSite } from "./site.ts";

const [kind, where] = process.argv.slice(2);
const files = await openFiles(kind, where);
const fetch = await createSite(files, {
  clientAddress(request, server) {
    const { address, port } = server.requestIP(request);
    return [address, port];
  },
});

const { port } = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch });
console.log(`port ${port}`);
