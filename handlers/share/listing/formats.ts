// Copyright 2026 the pystd authors. MIT license.

/**
 * Listings in their three forms, each made of a head, rows and a tail.
 *
 * @module
 */

import type { ShareEntry } from "./entries.ts";
import {
  pageHead,
  pageRows,
  pageTail,
  type Readme,
  type Totals,
  type View,
} from "./page.ts";

/** The forms of a listing, by media type; the first is the usual one. */
export const LISTING_TYPES = [
  "text/html",
  "application/json",
  "text/plain",
] as const;

/** The media type of a listing. */
export type ListingType = typeof LISTING_TYPES[number];

/** What `?format=` calls them. */
export const FORMATS: ReadonlyMap<string, ListingType> = new Map([
  ["html", "text/html"],
  ["json", "application/json"],
  ["text", "text/plain"],
]);

/** A listing that is made piece by piece. */
export interface ListingWriter {
  /** What comes before the entries. */
  head(): string;
  /**
   * Entries, the next in order.
   *
   * @param entries The entries.
   * @returns What stands for them.
   */
  rows(entries: readonly ShareEntry[]): string;
  /**
   * What comes after the entries.
   *
   * @param readme What to show below them.
   * @returns The end of the listing.
   */
  tail(readme?: Readme): string;
}

/**
 * Begins a listing.
 *
 * @param type Its media type.
 * @param view What it is about.
 * @returns What makes its pieces.
 */
export function listingWriter(type: ListingType, view: View): ListingWriter {
  if (type === "application/json") return jsonWriter(view);
  return type === "text/plain" ? textWriter() : pageWriter(view);
}

function pageWriter(view: View): ListingWriter {
  const totals: Totals = { folders: 0, files: 0, bytes: 0 };
  return {
    head: () => pageHead(view),
    rows: (entries) => {
      for (const { kind, size } of entries) {
        if (kind === "directory") totals.folders++;
        else totals.files++;
        if (size > 0) totals.bytes += size;
      }
      return pageRows(entries, view);
    },
    tail: (readme) => pageTail(view, totals, readme),
  };
}

function jsonWriter({ names }: View): ListingWriter {
  const path = names.length === 0 ? "/" : `/${names.join("/")}/`;
  let separator = "\n";
  return {
    head: () => `{"path":${JSON.stringify(path)},"entries":[`,
    rows: (entries) => {
      let rows = "";
      for (const entry of entries) {
        rows += separator + JSON.stringify(jsonEntry(entry));
        separator = ",\n";
      }
      return rows;
    },
    tail: () => "\n]}\n",
  };
}

function jsonEntry(entry: ShareEntry): Record<string, unknown> {
  const { name, kind, isSymlink, size, mtime } = entry;
  return {
    name,
    type: kind,
    size: size < 0 ? null : size,
    modified: isNaN(mtime) ? null : new Date(mtime).toISOString(),
    ...(isSymlink ? { link: true } : undefined),
  };
}

/** A name a line, as of `ls -p`; a line end in a name does not end it. */
function textWriter(): ListingWriter {
  return {
    head: () => "",
    rows: (entries) => {
      let rows = "";
      for (const { name, kind } of entries) {
        const line = kind === "directory" ? `${name}/` : name;
        rows += `${line.replace(/[\x00-\x1f\x7f-\x9f]/g, "?")}\n`;
      }
      return rows;
    },
    tail: () => "",
  };
}
