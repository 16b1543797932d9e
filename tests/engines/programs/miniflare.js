// Copyright 2026 the pystd authors. MIT license.

import { readFileSync } from "node:fs";
import process from "node:process";
// @ts-ignore: not a package of deno.json
import { Miniflare } from "miniflare";
import { FILES } from "../../sources/files.ts";

const [kind, where] = process.argv.slice(2);
const worker = new Miniflare({
  host: "127.0.0.1",
  port: 0,
  modules: [
    {
      type: "ESModule",
      path: "worker.js",
      contents: readFileSync("worker.bundle.js", "utf8"),
    },
    {
      type: "Data",
      path: "files.zip",
      contents: kind === "zip" ? readFileSync(where) : "",
    },
  ],
  compatibilityDate: "2026-07-01",
  compatibilityFlags: ["nodejs_compat", "enable_request_signal"],
  bindings: { KIND: kind, WHERE: where },
  r2Buckets: ["BUCKET", "MANAGED"],
});
process.on("SIGTERM", () => worker.dispose());
if (kind === "R2") {
  for (const name of ["BUCKET", "MANAGED"]) {
    const bucket = await worker.getR2Bucket(name);
    for (const [key, content] of Object.entries(FILES)) {
      await bucket.put(key, content);
    }
  }
}
const { port } = await worker.ready;
console.log(`port ${port}`);
