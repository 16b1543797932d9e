// Copyright 2026 the pystd authors. MIT license.

import { SimpleHTTPRequestHandler } from "../../handlers/simple.ts";
import { makeTree } from "../support/tree.ts";
import { checkGroup, readTree } from "../support/vectors.ts";

Deno.test({
  name: "SimpleHTTPRequestHandler serves a tree as CPython does",
  // The names of the tree need a file system that takes any byte.
  ignore: Deno.build.os !== "linux",
  async fn(t) {
    await using tree = await makeTree(readTree("static"));
    const Simple = SimpleHTTPRequestHandler.with({ directory: tree.root });
    await checkGroup(t, "static", { Simple }, tree.root);
  },
});
