// Copyright 2026 the pystd authors. MIT license.

/**
 * The icons of the listing: SVG symbols, which rows use by name.
 *
 * @module
 */

import { type Kind, kindOf } from "./kinds.ts";

/** The symbols' shapes, on a square of 24, in the colour of the text. */
const SHAPES: Readonly<Record<string, string>> = {
  // A folder
  d: '<path d="M3 6h6l2 2h10v11H3z" fill="currentColor" fill-opacity=".18"/>',
  // A sheet: empty, with text, with code, with a title, of an office
  f: '<path d="M6 3h8l4 4v14H6zM14 3v4h4"/>',
  t: '<path d="M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 15h6M9 18h4"/>',
  c: '<path d="M6 3h8l4 4v14H6zM14 3v4h4M11 12l-2 2.5 2 2.5M13 12l2 2.5-2 2.5"/>',
  p: '<path d="M6 3h8l4 4v14H6zM14 3v4h4M9 11h6v3H9zM9 18h6"/>',
  w: '<path d="M6 3h8l4 4v14H6zM14 3v4h4M9 11h6M9 14h6M9 17h6"/>',
  // A picture, a film, a note, a box
  i: '<path d="M4 5h16v14H4zM4 16l5-5 4 4 2-2 5 4"/><circle cx="15" cy="9" r="1.5"/>',
  v: '<path d="M4 5h16v14H4zM10 9v6l5-3z"/>',
  a: '<path d="M9 18V5l10-2v13"/><circle cx="6.5" cy="18" r="2.5"/><circle cx="16.5" cy="16" r="2.5"/>',
  z: '<path d="M4 8h16v12H4zM3 4h18v4H3zM10 12h4"/>',
  // An entry that cannot be opened, and the parent folder
  o: '<circle cx="12" cy="12" r="8"/><path d="M6.5 6.5l11 11"/>',
  u: '<path d="M12 20V6M6 11l6-6 6 6"/>',
};

/** Icons by kind. */
const ICONS: Readonly<Record<Kind, string>> = {
  picture: "i",
  video: "v",
  audio: "a",
  pdf: "p",
  markdown: "t",
  text: "t",
  code: "c",
  document: "w",
  archive: "z",
  other: "f",
};

/** The symbols, for the start of the page. */
export const ICON_SYMBOLS: string =
  `<svg width="0" height="0" aria-hidden="true" class="symbols">${
    Object.entries(SHAPES).map(([id, shape]) =>
      `<symbol id="i-${id}" viewBox="0 0 24 24">${shape}</symbol>`
    ).join("")
  }</svg>`;

/** Markup of each icon in a row. */
const USES: ReadonlyMap<string, string> = new Map(
  Object.keys(SHAPES).map((id) => [
    id,
    `<svg aria-hidden="true" class="${id}"><use href="#i-${id}"/></svg>`,
  ]),
);

/**
 * Returns an icon.
 *
 * @param id Its symbol, a key of `SHAPES`.
 * @returns Its markup.
 */
export function icon(id: string): string {
  return USES.get(id)!;
}

/**
 * Returns the icon of a file.
 *
 * @param name The file's name.
 * @returns Its markup.
 */
export function fileIcon(name: string): string {
  return icon(ICONS[kindOf(name)]);
}
