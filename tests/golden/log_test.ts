// Copyright 2026 the pystd authors. MIT license.

import { Methods } from "../support/handlers.ts";
import { checkGroup } from "../support/vectors.ts";

Deno.test("logMessage writes CPython's lines", async (t) => {
  await checkGroup(t, "log", { Methods });
});
