// Copyright 2026 the pystd authors. MIT license.

import { Methods, Reject } from "../support/handlers.ts";
import { checkGroup } from "../support/vectors.ts";

Deno.test("BaseHTTPRequestHandler reads headers as CPython does", async (t) => {
  await checkGroup(t, "headers", { Methods, Reject });
});
