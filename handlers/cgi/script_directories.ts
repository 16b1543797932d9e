// Copyright 2026 the pystd authors. MIT license.

/**
 * What stands in the folders of scripts, seen past links.
 *
 * @module
 */

import { join, SEPARATOR } from "../../files/paths.ts";
import type { ServedDirectory } from "../../files/served_directory.ts";

/**
 * Whether a path that is not that of a script leads to one all the same, by
 * a link or by another spelling where case does not matter.
 *
 * @param path The path.
 * @param root The directory that is served.
 * @param directories Those of scripts, as paths on the server.
 * @returns Whether it does.
 */
export function leadsToScripts(
  path: string,
  root: string,
  directories: readonly string[],
): boolean {
  const real = realPath(path);
  return real !== undefined && directories.some((directory) => {
    // The root holds other directories too, that are none of scripts.
    if (directory === "/") return false;
    const scripts = realPath(join(root, directory));
    return scripts !== undefined &&
      (real === scripts || real.startsWith(scripts + SEPARATOR));
  });
}

/**
 * Whether something is at a path that is no file: a FIFO or a device, say.
 *
 * @param path The path; empty if there is none.
 * @param servedDirectory What may be reached.
 * @returns Whether there is such a thing that may be reached.
 */
export function isSomethingElse(
  path: string,
  servedDirectory: ServedDirectory,
): boolean {
  if (path === "") return false;
  try {
    const real = Deno.realPathSync(path);
    return !Deno.lstatSync(real).isFile &&
      (servedDirectory.followSymlinks || servedDirectory.contains(real));
  } catch {
    return false;
  }
}

function realPath(path: string): string | undefined {
  try {
    return Deno.realPathSync(path);
  } catch {
    return undefined;
  }
}
