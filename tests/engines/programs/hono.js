// Copyright 2026 the pystd authors. MIT license.

// @ts-ignore: not a package of deno.json
import { serve } from "@hono/node-server";
// @ts-ignore: not a package of deno.json
import { Hono } from "hono";
import process from "node:process";
import { openFiles } from "./files.ts";
import { createSite } from "./site.ts";

const [kind, where] = process.argv.slice(2);
const site = await createSite(await openFiles(kind, where), {
  clientAddress(_request, { incoming: { socket } }) {
    return [socket.remoteAddress, socket.remotePort];
  },
});
const app = new Hono();
app.mount("/mounted", site);
app.all("*", (context) => site(context.req.raw, context.env));

serve({ port: 0, hostname: "127.0.0.1", fetch: app.fetch }, ({ port }) => {
  console.log(`port ${port}`);
});
