// Copyright 2026 the pystd authors. MIT license.

/**
 * The entries of a listing as a table.
 *
 * @module
 */

import { quote } from "../../../protocol/percent_encoding.ts";
import { compactStyle } from "./compact.ts";
import type { ListingEntry, SortBy } from "../../../files/entries.ts";
import { fileIcon, icon } from "./icons.ts";
import type { Layout } from "./layout.ts";
import type { View } from "./view.ts";
import { BASE_STYLE, TABLE_STYLE } from "./page_style.ts";
import { listingPolicies } from "./security_policy.ts";
import { checkbox } from "./page.ts";
import { sortQuery, viewQuery } from "./query.ts";
import { counted, humanSize, shown, timeElement } from "./text.ts";

const STYLE = compactStyle(BASE_STYLE + TABLE_STYLE);

/** The entries as a table. */
export const TABLE: Layout = {
  style: STYLE,
  policies: await listingPolicies(STYLE),
  start(view) {
    return `<table id="list">
<thead><tr>${heading(view, "name", "Name", "n")}${
      heading(view, "size", "Size", "s")
    }${heading(view, "date", "Modified", "m")}</thead>
<tbody>
${
      view.names.length === 0
        ? ""
        : `<tr class="up"><td class="n">${icon("u")}<a href="../${
          viewQuery(view)
        }">Parent folder</a><td class="s"><td class="m">\n`
    }`;
  },
  rows: (entries, view) => tableRows(entries, viewQuery(view), view.manages),
  end: "</tbody>\n</table>\n",
};

function heading(
  view: View,
  by: SortBy,
  label: string,
  column: string,
): string {
  const { sort, descending } = view;
  const state = sort !== by
    ? ""
    : ` aria-sort="${descending ? "descending" : "ascending"}"`;
  return `<th scope="col" class="${column}"${state}><a href="${
    sortQuery(view, by)
  }">${label}</a>`;
}

/**
 * Formats rows.
 *
 * @param entries The entries; a name may be a path.
 * @param query The query of links to folders.
 * @param manages Whether entries can be selected.
 * @returns The markup.
 */
export function tableRows(
  entries: readonly ListingEntry[],
  query: string,
  manages = false,
): string {
  let rows = "";
  for (const entry of entries) {
    rows += row(entry, query, manages ? checkbox(entry.name) : "");
  }
  return rows;
}

/** Deno cannot open files whose names are not UTF-8. */
const NOT_UTF8 = "Not available: the name is not UTF-8";

/**
 * Formats a row. The link contains only the name: players and crawlers that
 * read listings look for `<a href="name">name</a>`.
 */
function row(entry: ListingEntry, query: string, before: string): string {
  const { name, kind, size, mtime } = entry;
  const time = timeElement(mtime);
  const text = shown(name);
  if (kind === "directory") {
    return `<tr><td class="n">${before}${icon("d")}<bdi><a href="${
      quote(name)
    }/${query}">${text}</a></bdi><td class="s"><td class="m">${time}\n`;
  }
  if (kind === "other") {
    return `<tr class="o"><td class="n">${before}${icon("o")}<span title="${
      name.includes("\ufffd") ? NOT_UTF8 : "Not available"
    }"><bdi>${text}</bdi></span><td class="s"><td class="m">${time}\n`;
  }
  return `<tr><td class="n">${before}${fileIcon(name)}<bdi><a href="${
    quote(name)
  }">${text}</a></bdi><td class="s" title="${counted(size, "byte")}">${
    humanSize(size)
  }<td class="m">${time}\n`;
}
