// Copyright 2026 the pystd authors. MIT license.

import { Methods } from "../support/handlers.ts";
import { checkGroup } from "../support/vectors.ts";

Deno.test("sendError writes CPython's pages", async (t) => {
  await checkGroup(t, "send_error", { Methods });
});
