// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { findInOtherNormalForm } from "../../files/normal_form.ts";
import { FILE_SYSTEM, ServedDirectory } from "../../files/served_directory.ts";
import { systemError } from "../support/stub.ts";
import { makeFiles } from "../support/tree.ts";

Deno.test("findInOtherNormalForm finds nothing in a folder that cannot be read", async () => {
  const composed = "caf\u00e9.txt";
  const decomposed = "cafe\u0301.txt";
  await using tree = await makeFiles({ [decomposed]: "x" });
  const find = (system = FILE_SYSTEM): string | undefined =>
    findInOtherNormalForm(
      new ServedDirectory(tree.root, {}, system),
      tree.path(composed),
    );
  assertEquals(find(), tree.path(decomposed));
  const list = (): never => {
    throw systemError("EACCES");
  };
  assertEquals(find({ ...FILE_SYSTEM, list }), undefined);
});
