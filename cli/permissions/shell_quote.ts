// Copyright 2026 the pystd authors. MIT license.

import type { Platform } from "../../protocol/path_segment.ts";

/** What needs no quotes; a comma makes a list in PowerShell. */
const PLAIN: Readonly<Record<Platform, RegExp>> = {
  posix: /^[\w@%+=:,./-]+$/,
  windows: /^[\w+=:./\\-]+$/,
};

/**
 * A word as it is typed into a shell: quoted, if it has to be.
 *
 * On Windows the quotes are those that both cmd and PowerShell know, and that
 * programs take away as C does: there a backslash counts before a quote only.
 *
 * @param word The word.
 * @param platform Whose shells it is for.
 * @returns What to type.
 */
export function quoteForShell(word: string, platform: Platform): string {
  if (PLAIN[platform].test(word)) return word;
  if (platform === "posix") return `'${word.replaceAll("'", `'\\''`)}'`;
  const inner = word.replace(/(\\*)"/g, '$1$1\\"').replace(/\\+$/, "$&$&");
  return `"${inner}"`;
}
