// Copyright 2026 the pystd authors. MIT license.

/**
 * Hidden names: those that start with a dot, except `.well-known` at the top
 * (RFC 8615), and those that an operator chooses.
 *
 * Both the requested path and its real path are checked. So hidden files cannot be
 * reached by a link, nor on a file system that ignores case or zero-width
 * characters.
 *
 * @module
 */

import type { Platform } from "../protocol/path_segment.ts";

const HIDDEN = { posix: /(?:^|\/)\./, windows: /(?:^|[\\/])\./ };
const WELL_KNOWN = {
  posix: /^\/?\.well-known(?=\/|$)/,
  windows: /^[\\/]?\.well-known(?=[\\/]|$)/,
};

/**
 * Tells whether a path contains a hidden name.
 *
 * @param path A path below the served directory.
 * @param platform The platform of its separators.
 * @returns `true` if it does.
 */
export function hasHiddenName(path: string, platform: Platform): boolean {
  return HIDDEN[platform].test(path) &&
    HIDDEN[platform].test(path.replace(WELL_KNOWN[platform], ""));
}

/**
 * Tells whether a name is hidden.
 *
 * @param name The name of a file or folder, without its path.
 * @returns Whether it is.
 */
export type NameFilter = (name: string) => boolean;

/**
 * Combines the rules for hidden names.
 *
 * @param dotfiles Whether names that start with a dot are visible.
 * @param hide Further hidden names.
 * @param platform The platform of the separators.
 * @returns Tells whether a path below the served directory has a hidden name;
 * `undefined` if no name is hidden.
 */
export function hiddenPaths(
  dotfiles: boolean,
  hide: NameFilter | undefined,
  platform: Platform,
): ((path: string) => boolean) | undefined {
  if (hide === undefined) {
    return dotfiles ? undefined : (path) => hasHiddenName(path, platform);
  }
  const separator = platform === "windows" ? /[\\/]+/ : /\/+/;
  return (path) =>
    (!dotfiles && hasHiddenName(path, platform)) ||
    path.split(separator).some((name) => name !== "" && hide(name));
}
