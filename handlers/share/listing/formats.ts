// Copyright 2026 the pystd authors. MIT license.

/**
 * The three formats of a listing, each with a head, rows and a tail.
 *
 * @module
 */

import type { ListingEntry } from "../../../files/entries.ts";
import type { Layout } from "./layout.ts";
import { pageHead, pageTail } from "./page.ts";
import type { Readme, Totals, View } from "./view.ts";

/** Media types of listings; the first is the default. */
export const LISTING_TYPES = [
  "text/html",
  "application/json",
  "text/plain",
] as const;

/** The media type of a listing. */
export type ListingType = typeof LISTING_TYPES[number];

/** Media types by the value of `?format=`. */
export const FORMATS: ReadonlyMap<string, ListingType> = new Map([
  ["html", "text/html"],
  ["json", "application/json"],
  ["text", "text/plain"],
]);

/** Formats a listing piece by piece. */
export interface ListingWriter {
  /** Formats the start of the listing. */
  head(): string;
  /**
   * Formats the next entries.
   *
   * @param entries The entries, in order.
   * @returns The rows.
   */
  rows(entries: readonly ListingEntry[]): string;
  /**
   * Formats the end of the listing.
   *
   * @param readme The README to show below the entries.
   * @returns The end.
   */
  tail(readme?: Readme): string;
}

/**
 * Creates the writer of a listing.
 *
 * @param type The media type.
 * @param view The content and order of the listing.
 * @param layout The layout of its page.
 * @returns The writer.
 */
export function listingWriter(
  type: ListingType,
  view: View,
  layout: Layout,
): ListingWriter {
  if (type === "application/json") {
    return {
      head: () => jsonHead(view.names),
      rows: jsonRows(),
      tail: () => jsonTail(),
    };
  }
  return type === "text/plain" ? textWriter() : pageWriter(view, layout);
}

function pageWriter(view: View, layout: Layout): ListingWriter {
  const totals: Totals = { folders: 0, files: 0, bytes: 0 };
  return {
    head: () => pageHead(view, layout),
    rows: (entries) => {
      for (const { kind, size } of entries) {
        if (kind === "directory") totals.folders++;
        else totals.files++;
        if (size > 0) totals.bytes += size;
      }
      return layout.rows(entries, view);
    },
    tail: (readme) => pageTail(view, layout, totals, readme),
  };
}

/**
 * Formats the start of a listing as JSON.
 *
 * @param names The names in the path of the folder.
 * @param more Members besides `path` and `entries`.
 * @returns The text up to the first entry.
 */
export function jsonHead(names: readonly string[], more: object = {}): string {
  const path = names.length === 0 ? "/" : `/${names.join("/")}/`;
  const members = JSON.stringify({ path, ...more }).slice(0, -1);
  return `${members},"entries":[`;
}

/**
 * Creates a formatter of entries as JSON, one in each line.
 *
 * @returns The formatter; it separates an entry from those before.
 */
export function jsonRows(): (entries: readonly ListingEntry[]) => string {
  let separator = "\n";
  return (entries) => {
    let rows = "";
    for (const entry of entries) {
      rows += separator + JSON.stringify(jsonEntry(entry));
      separator = ",\n";
    }
    return rows;
  };
}

/**
 * Formats the end of a listing as JSON.
 *
 * @param more Members behind `entries`.
 * @returns The text behind the last entry.
 */
export function jsonTail(more: object = {}): string {
  const members = JSON.stringify(more).slice(1, -1);
  return `\n]${members === "" ? "" : `,${members}`}}\n`;
}

function jsonEntry(entry: ListingEntry): Record<string, unknown> {
  const { name, kind, isSymlink, size, mtime } = entry;
  return {
    name,
    type: kind,
    size: size < 0 ? null : size,
    modified: isNaN(mtime) ? null : new Date(mtime).toISOString(),
    ...(isSymlink ? { link: true } : undefined),
  };
}

function textWriter(): ListingWriter {
  return {
    head: () => "",
    rows: (entries) => entries.map(textLine).join(""),
    tail: () => "",
  };
}

/**
 * Formats a name as a line, like `ls -p`; a line end in it becomes `?`.
 *
 * @param entry The entry.
 * @returns The line, with its end.
 */
export function textLine({ name, kind }: ListingEntry): string {
  const line = kind === "directory" ? `${name}/` : name;
  return `${line.replace(/[\x00-\x1f\x7f-\x9f]/g, "?")}\n`;
}
