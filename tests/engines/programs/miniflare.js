// Copyright 2026 the pystd authors. MIT license.

import { readFileSync } from "node:fs";
import process from "node:process";
// @ts-ignore: not a package of deno.json
import { Miniflare } from "miniflare";
import { FILES } from "../../sources/files.ts";

const withBucket = process.argv[2] === "--r2";
const worker = new Miniflare({
  host: "127.0.0.1",
  port: 0,
  modules: true,
  script: readFileSync("worker.bundle.js", "utf8"),
  compatibilityDate: "2026-07-01",
  compatibilityFlags: ["nodejs_compat", "enable_request_signal"],
  r2Buckets: withBucket ? ["FILES"] : [],
});
process.on("SIGTERM", () => worker.dispose());
if (withBucket) {
  const bucket = await worker.getR2Bucket("FILES");
  for (const [key, content] of Object.entries(FILES)) {
    await bucket.put(key, content);
  }
}
const { port } = await worker.ready;
console.log(`port ${port}`);
