// Copyright 2026 the pystd authors. MIT license.

import { Branded, Methods } from "../support/handlers.ts";
import { checkGroup } from "../support/vectors.ts";

Deno.test("BaseHTTPRequestHandler offers CPython's handler API", async (t) => {
  await checkGroup(t, "base", { Branded, Methods });
});
