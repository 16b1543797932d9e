// Copyright 2026 the pystd authors. MIT license.

import { CGIHTTPRequestHandler } from "../../handlers/cgi.ts";
import { makeTree } from "../support/tree.ts";
import { checkGroup, readTree } from "../support/vectors.ts";

Deno.test({
  name: "CGIHTTPRequestHandler runs scripts as CPython does",
  // The scripts of the tree are for /bin/sh, and need their execute bits.
  ignore: Deno.build.os !== "linux",
  async fn(t) {
    await using tree = await makeTree(readTree("cgi"));
    const Cgi = CGIHTTPRequestHandler.with({ directory: tree.root });
    await checkGroup(t, "cgi", { Cgi }, tree.root);
  },
});
