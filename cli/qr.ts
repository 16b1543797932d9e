// Copyright 2026 the pystd authors. MIT license.

import { renderUnicodeCompact } from "uqr";

/** White on black, whatever the colours of the terminal are. */
const WHITE_ON_BLACK = "\x1b[97;40m";
const RESET = "\x1b[0m";

/**
 * Draws a QR code with characters.
 *
 * @param text What it says.
 * @param coloured Whether to set colours; without them it is the right way
 * round on a dark terminal.
 * @returns The lines.
 */
export function qrLines(text: string, coloured: boolean): string[] {
  const lines = renderUnicodeCompact(text, { border: 2 }).split("\n");
  if (!coloured) return lines;
  return lines.map((line) => `${WHITE_ON_BLACK}${line}${RESET}`);
}
