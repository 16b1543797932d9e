// Copyright 2026 the pystd authors. MIT license.

// Bytes that are deployed with the worker, as an `ArrayBuffer`.
// @ts-ignore: the worker is deployed with it
import zip from "./files.zip";
import { R2Source } from "@pystd/http-server/sources/r2";
import { openFiles } from "./files.ts";
import { createSite } from "./site.ts";

async function openSite({ BUCKET, MANAGED, KIND, WHERE }) {
  const files = KIND === "R2"
    ? { source: new R2Source(BUCKET), managed: new R2Source(MANAGED) }
    : await openFiles(KIND, KIND === "zip" ? zip : WHERE);
  return await createSite(files);
}

let site;

export default {
  async fetch(request, env) {
    site ??= openSite(env);
    return (await site)(request);
  },
};
