// Copyright 2026 the pystd authors. MIT license.

// @ts-ignore: not a package of deno.json
import { serve } from "@hono/node-server";
// @ts-ignore: not a package of deno.json
import { Hono } from "hono";
import { createSite } from "./site.ts";

const site = createSite();
const app = new Hono();
app.mount("/mounted", (request) => site(request));
app.all("*", (context) => site(context.req.raw));

serve({ port: 0, hostname: "127.0.0.1", fetch: app.fetch }, ({ port }) => {
  console.log(`port ${port}`);
});
