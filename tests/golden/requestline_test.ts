// Copyright 2026 the pystd authors. MIT license.

import { Default11, Methods } from "../support/handlers.ts";
import { checkGroup } from "../support/vectors.ts";

Deno.test("BaseHTTPRequestHandler reads request lines as CPython does", async (t) => {
  await checkGroup(t, "requestline", { Default11, Methods });
});
