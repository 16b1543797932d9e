// Copyright 2026 the pystd authors. MIT license.

import type { Platform } from "../../protocol/path_segment.ts";

/** Words without quotes; in PowerShell a comma makes a list. */
const PLAIN: Readonly<Record<Platform, RegExp>> = {
  posix: /^[\w@%+=:,./-]+$/,
  windows: /^[\w+=:./\\-]+$/,
};

/**
 * Quotes a word for a shell, if necessary.
 *
 * On Windows, the quotes work in cmd and PowerShell, and programs remove them
 * by the rules of C: a backslash escapes only before a quote.
 *
 * @param platform The platform of the shell.
 */
export function quoteForShell(word: string, platform: Platform): string {
  if (PLAIN[platform].test(word)) return word;
  if (platform === "posix") return `'${word.replaceAll("'", `'\\''`)}'`;
  const inner = word.replace(/(\\*)"/g, '$1$1\\"').replace(/\\+$/, "$&$&");
  return `"${inner}"`;
}
