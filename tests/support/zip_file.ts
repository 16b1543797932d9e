// Copyright 2026 the pystd authors. MIT license.

/**
 * Zip files, made by Python: a program of somebody else.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { isInstalled } from "./command.ts";
import type { TemporaryTree } from "./tree.ts";

/** Whether {@linkcode zip} can run. */
export const HAS_PYTHON: boolean = isInstalled("python3");

/**
 * Makes `all.zip` of the files of a tree, beside them.
 *
 * @param tree The tree.
 * @param method How files are compressed.
 * @param more A program in Python that adds more to the zip file `z`.
 * @returns The path of the zip file.
 */
export async function zip(
  tree: TemporaryTree,
  method: "ZIP_STORED" | "ZIP_DEFLATED",
  more = "",
): Promise<string> {
  const path = tree.path("all.zip");
  const program = `
import os, sys, zipfile
os.chdir(sys.argv[1])
names = [os.path.relpath(os.path.join(d, f)) for d, _, fs in os.walk(".") for f in fs]
with zipfile.ZipFile("all.zip", "w", zipfile.${method}) as z:
    for name in names:
        if name != "all.zip": z.write(name)
${more.replaceAll(/^/gm, "    ")}
`;
  const { success, stderr } = await new Deno.Command("python3", {
    args: ["-c", program, tree.root],
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  return path;
}
