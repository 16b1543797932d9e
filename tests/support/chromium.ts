// Copyright 2026 the pystd authors. MIT license.

/**
 * The browser that the tests drive.
 *
 * @module
 */

/** The path of Debian's Chromium. */
export const CHROMIUM = "/usr/bin/chromium";

/** Why no browser is available; `undefined` if one is. */
export const NO_BROWSER: string | undefined = isThere(CHROMIUM)
  ? undefined
  : `${CHROMIUM} is missing (Debian: apt install chromium)`;

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
