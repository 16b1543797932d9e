// Copyright 2026 the pystd authors. MIT license.

/**
 * The query of a listing and of the viewer: the order, and list or grid. Links
 * keep both, so that the reader's choice is in the address.
 *
 * @module
 */

import type { SortBy } from "../../../files/entries.ts";

/** The reader's choice. */
export interface Choice {
  /** Sort order of the entries. */
  sort: SortBy;
  /** Whether the order is reversed. */
  descending: boolean;
  /** Whether the entries are shown as a grid. */
  grid: boolean;
}

/**
 * Reads the choice from a query.
 *
 * @param query The query.
 * @returns The choice; unknown values are ignored.
 */
export function readChoice(query: URLSearchParams): Choice {
  const sort = query.get("sort");
  return {
    sort: sort === "size" || sort === "date" ? sort : "name",
    descending: query.get("order") === "desc",
    grid: query.has("grid"),
  };
}

/**
 * Formats a choice for a link.
 *
 * @param choice The choice.
 * @param first Further parameters, which come first: `view`.
 * @returns The query, for an attribute; empty for the default.
 */
export function viewQuery(choice: Choice, first = ""): string {
  const parts = first === "" ? [] : [first];
  if (choice.grid) parts.push("grid");
  if (choice.sort !== "name" || choice.descending) {
    parts.push(
      `sort=${choice.sort}`,
      `order=${choice.descending ? "desc" : "asc"}`,
    );
  }
  return parts.length === 0 ? "" : `?${parts.join("&amp;")}`;
}

/**
 * Returns the link that sorts a listing. The first click sorts sizes and dates
 * in descending order; the next one reverses.
 *
 * @param choice The present choice.
 * @param by The property to sort by.
 * @returns The query, for an attribute.
 */
export function sortQuery(choice: Choice, by: SortBy): string {
  const descending = choice.sort === by ? !choice.descending : by !== "name";
  return viewQuery({ ...choice, sort: by, descending }) || "?";
}
