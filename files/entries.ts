// Copyright 2026 the pystd authors. MIT license.

/**
 * The entries of a listing, and their order.
 *
 * @module
 */

/** An entry of a listing. */
export interface ListingEntry {
  /** Its name. */
  name: string;
  /** Its kind, or that of a link's target; `"other"` cannot be opened. */
  kind: "directory" | "file" | "other";
  /** Whether it is a symbolic link. */
  isSymlink: boolean;
  /** Its size in bytes; -1 if it has none. */
  size: number;
  /** When it was modified, in epoch ms; NaN if unknown. */
  mtime: number;
  /** Sort key of the name. */
  key: string;
}

/** Sort order of a listing. */
export type SortBy = "name" | "size" | "date";

/** Compares two entries. */
export type Compare = (a: ListingEntry, b: ListingEntry) => number;

/**
 * Returns a key for natural order: ignores case and accents, and sorts numbers
 * by value. `Intl.Collator` does the same in ten times the time.
 *
 * @param name A name.
 * @returns Its key.
 */
export function sortKey(name: string): string {
  let key = name.toLowerCase();
  if (/[^\0-\x7f]/.test(key)) {
    key = key.normalize("NFKD").replace(/\p{M}/gu, "");
  }
  return /[0-9]/.test(key)
    ? key.replace(/[0-9]+/g, (digits) => digits.padStart(12, "0"))
    : key;
}

/**
 * Returns the order of a listing: folders first in any case.
 *
 * @param by The property to sort by.
 * @param descending Whether the order is reversed.
 * @returns The comparison.
 */
export function entryOrder(by: SortBy, descending: boolean): Compare {
  const sign = descending ? -1 : 1;
  return (a, b) => {
    if ((a.kind === "directory") !== (b.kind === "directory")) {
      return a.kind === "directory" ? -1 : 1;
    }
    let difference = 0;
    if (by === "size") difference = a.size - b.size;
    else if (by === "date") difference = (a.mtime || 0) - (b.mtime || 0);
    if (difference === 0) {
      difference = compareText(a.key, b.key) || compareText(a.name, b.name);
    }
    return sign * difference;
  };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
