// Copyright 2026 the pystd authors. MIT license.

/**
 * Hidden names: those that start with a dot, except `.well-known` at the top
 * (RFC 8615).
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
