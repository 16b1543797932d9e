// Copyright 2026 the pystd authors. MIT license.

/**
 * Which names are hidden: those that start with a dot, but for `.well-known`
 * at the top (RFC 8615).
 *
 * A path is looked at twice: as it was asked for, and as it really is. So
 * neither a link nor a file system that takes several spellings for one name
 * (of case, of characters without width) leads to a hidden file.
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
 * Whether a name in a path is hidden.
 *
 * @param path A path below the directory that is served.
 * @param platform Whose separators it has.
 * @returns Whether a name in it starts with a dot.
 */
export function hasHiddenName(path: string, platform: Platform): boolean {
  return HIDDEN[platform].test(path) &&
    HIDDEN[platform].test(path.replace(WELL_KNOWN[platform], ""));
}
