// Copyright 2026 the pystd authors. MIT license.

// @ts-ignore: not a package of deno.json
import { serve } from "@hono/node-server";
import process from "node:process";
import { openFiles } from "./files.ts";
import { createSite } from "./site.ts";

const [kind, where] = process.argv.slice(2);
const files = await openFiles(kind, where);
const fetch = await createSite(files, {
  clientAddress(_request, { incoming: { socket } }) {
    return [socket.remoteAddress, socket.remotePort];
  },
});

serve({ port: 0, hostname: "127.0.0.1", fetch }, ({ port }) => {
  console.log(`port ${port}`);
});
