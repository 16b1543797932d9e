// Copyright 2026 the pystd authors. MIT license.

/**
 * CPython's page that lists a directory, byte for byte.
 *
 * @module
 */

import { escapeText } from "../protocol/html_text.ts";
import { quote } from "../protocol/quoting.ts";

/** An entry of a directory, as a listing shows it. */
export interface ListedEntry {
  /** Its name. */
  name: string;
  /** Whether it is a directory, or a link that leads to one. */
  isDirectory: boolean;
  /** Whether it is a symbolic link. */
  isSymlink: boolean;
}

/**
 * Makes the page.
 *
 * @param displayPath The path of the directory, as it is to be read.
 * @param entries Its entries, in any order.
 * @returns The page.
 */
export function plainListing(
  displayPath: string,
  entries: ListedEntry[],
): string {
  const title = `Directory listing for ${escapeText(displayPath)}`;
  const lines = sortByName(entries).map(listItem);
  return `<!DOCTYPE HTML>
<html lang="en">
<head>
<meta charset="utf-8">
<style type="text/css">
:root {
color-scheme: light dark;
}
</style>
<title>${title}</title>
</head>
<body>
<h1>${title}</h1>
<hr>
<ul>
${lines.join("")}</ul>
<hr>
</body>
</html>
`;
}

function listItem({ name, isDirectory, isSymlink }: ListedEntry): string {
  const link = isDirectory ? `${name}/` : name;
  const shown = isSymlink ? `${name}@` : link;
  return `<li><a href="${quote(link)}">${escapeText(shown)}</a></li>\n`;
}

/** Python's order: by the code points of the lower-case names. */
function sortByName(entries: ListedEntry[]): ListedEntry[] {
  const keyed = entries
    .map((entry) => ({ entry, key: entry.name.toLowerCase() }));
  const compare = keyed.some(({ key }) => SURROGATE.test(key))
    ? compareCodePoints
    : compareCodeUnits;
  return keyed
    .sort((a, b) => compare(a.key, b.key))
    .map(({ entry }) => entry);
}

const SURROGATE = /[\ud800-\udfff]/;

/** What the language does itself: the same order where no unit is a surrogate. */
function compareCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a === b ? 0 : 1;
}

function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = rank(a.charCodeAt(i)) - rank(b.charCodeAt(i));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all others of two bytes. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
