// Copyright 2026 the pystd authors. MIT license.

import { renderUnicodeCompact } from "uqr";

/** White on black, on terminals of any colour. */
const WHITE_ON_BLACK = "\x1b[97;40m";
const RESET = "\x1b[0m";

/**
 * Draws a QR code with block characters.
 *
 * @param text The text to encode.
 * @param coloured Whether to set colours; without them the code is readable on
 * a dark terminal only.
 */
export function qrLines(text: string, coloured: boolean): string[] {
  const lines = renderUnicodeCompact(text, { border: 2 }).split("\n");
  if (!coloured) return lines;
  return lines.map((line) => `${WHITE_ON_BLACK}${line}${RESET}`);
}
