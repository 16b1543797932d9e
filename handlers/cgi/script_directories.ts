// Copyright 2026 the pystd authors. MIT license.

/**
 * Checks on paths of scripts, after resolving links.
 *
 * @module
 */

import { join, SEPARATOR } from "../../files/paths.ts";
import type { ServedDirectory } from "../../files/served_directory.ts";

/**
 * Tells whether a path leads to a script through a link, or through another
 * spelling on a file system that ignores case.
 *
 * @param path The path.
 * @param root The directory that is served.
 * @param directories The directories of scripts, as paths in URLs.
 * @returns Whether it does.
 */
export function leadsToScripts(
  path: string,
  root: string,
  directories: readonly string[],
): boolean {
  const real = realPath(path);
  return real !== undefined && directories.some((directory) => {
    // The root has other directories, too.
    if (directory === "/") return false;
    const scripts = realPath(join(root, directory));
    return scripts !== undefined &&
      (real === scripts || real.startsWith(scripts + SEPARATOR));
  });
}

/**
 * Tells whether a path leads to something other than a file, such as a FIFO or
 * a device.
 *
 * @param path The path; empty if there is none.
 * @param servedDirectory The directory that is served.
 * @returns Whether it does, and the rules for links allow it.
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
