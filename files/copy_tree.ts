// Copyright 2026 the pystd authors. MIT license.

/**
 * Copies a file or folder to another disk, with hidden files and times, for a
 * move. Links and special files cannot be copied (Deno creates links only with
 * permission for all files), so a tree with one of them is refused.
 *
 * The tree is in a hidden folder that only this process may look into.
 *
 * @module
 */

import { RequestError } from "../protocol/request_error.ts";
import { joinName } from "./paths.ts";

/**
 * Copies a tree.
 *
 * @param source Its path, in a hidden folder
 * @param target The path of the copy, which does not exist
 * @throws {RequestError} 409 if it holds a link or a special file
 * @throws {Error} If it cannot be copied
 */
export async function copyTree(source: string, target: string): Promise<void> {
  const { isFile, isDirectory, atime, mtime, mode } = await Deno.lstat(source);
  if (isDirectory) {
    await Deno.mkdir(target);
    for await (const { name } of Deno.readDir(source)) {
      await copyTree(joinName(source, name), joinName(target, name));
    }
  } else if (isFile) {
    await Deno.copyFile(source, target);
    using file = await Deno.open(target, { write: true });
    await file.sync();
  } else {
    throw new RequestError(409, "A link cannot be moved to another disk");
  }
  if (mtime !== null) await Deno.utime(target, atime ?? mtime, mtime);
  if (isDirectory && mode !== null && Deno.build.os !== "windows") {
    await Deno.chmod(target, mode & 0o777);
  }
}
