// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { assertThrows } from "@std/assert/throws";
import { UploadFolder } from "../../files/upload_folder.ts";
import { stub } from "../support/stub.ts";
import { makeFiles } from "../support/tree.ts";

Deno.test("UploadFolder creates no folder behind a link that replaces a parent", async () => {
  await using tree = await makeFiles({ "share/in/": "", "outside/": "" });
  const folder = new UploadFolder(tree.path("share"));
  using _ = stub(Deno, "mkdirSync", (mkdir) => (path) => {
    Deno.renameSync(tree.path("share/in"), tree.path("share/before"));
    Deno.symlinkSync(tree.path("outside"), tree.path("share/in"));
    mkdir(path);
  });
  assertThrows(
    () => folder.find(["in", "new"], true),
    Error,
    "The folder does not exist",
  );
  assertEquals([...Deno.readDirSync(tree.path("outside"))], []);
  assertEquals([...Deno.readDirSync(tree.path("share/before"))], []);
});
