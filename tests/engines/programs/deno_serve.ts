// Copyright 2026 the pystd authors. MIT license.

import { openFiles } from "./files.ts";
import { createSite } from "./site.ts";

const [kind, where] = Deno.args;
const site = await createSite(await openFiles(kind, where));

export default {
  fetch: site,
  onListen({ port }: Deno.NetAddr): void {
    console.log(`port ${port}`);
  },
};
