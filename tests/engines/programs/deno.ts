// Copyright 2026 the pystd authors. MIT license.

import { openFiles } from "./files.ts";
import { createSite } from "./site.ts";

const [kind, where] = Deno.args;
const site = await createSite(await openFiles(kind, where));
const onListen = ({ port }: { port: number }): void =>
  console.log(`port ${port}`);
Deno.serve({ hostname: "127.0.0.1", port: 0, onListen }, site);
