// Copyright 2026 the pystd authors. MIT license.

import type { ListingEntry } from "../../../files/entries.ts";
import type { View } from "./view.ts";

/** Policies of a page. */
export interface Policies {
  /** The reader may only read. */
  readonly reading: string;
  /** The reader may upload. */
  readonly uploading: string;
  /** The reader may delete, move and copy. */
  readonly managing: string;
}

/** How a page shows the entries of a listing: as a table, or as a grid. */
export interface Layout {
  /** The style of the page. */
  readonly style: string;
  /** The `Content-Security-Policy` of the page, by what the reader may do. */
  readonly policies: Policies;
  /**
   * Formats what comes before the entries.
   *
   * @param view The content and order of the listing.
   * @returns The markup.
   */
  start(view: View): string;
  /**
   * Formats entries.
   *
   * @param entries The entries, in order.
   * @param view The content and order of the listing.
   * @returns The markup.
   */
  rows(entries: readonly ListingEntry[], view: View): string;
  /** What comes after the entries. */
  readonly end: string;
}
