// Copyright 2026 the pystd authors. MIT license.

import { createSite } from "./site.ts";

const site = createSite();
const onListen = ({ port }: { port: number }): void =>
  console.log(`port ${port}`);
Deno.serve({ hostname: "127.0.0.1", port: 0, onListen }, site);
