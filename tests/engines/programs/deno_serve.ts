// Copyright 2026 the pystd authors. MIT license.

import { createSite } from "./site.ts";

export default {
  fetch: createSite(),
  onListen({ port }: Deno.NetAddr): void {
    console.log(`port ${port}`);
  },
};
