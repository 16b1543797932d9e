// Copyright 2026 the pystd authors. MIT license.

/**
 * Removes the indentation and the comments of scripts and styles, which are sent
 * with every page.
 *
 * @module
 */

/**
 * Compacts a script. A comment is a line of its own, or several.
 *
 * @param script The script; no text in it spans several lines.
 * @returns The same script, shorter.
 */
export function compactScript(script: string): string {
  return script.replace(/^ *\/\/.*\n|^ *\/\*\*[^]*?\*\/\n/gm, "")
    .replace(/\n\s+/g, "\n");
}

/**
 * Compacts a style.
 *
 * @param style The style.
 * @returns The same style, shorter.
 */
export function compactStyle(style: string): string {
  return style.replace(/\s*\n\s*/g, "\n");
}
