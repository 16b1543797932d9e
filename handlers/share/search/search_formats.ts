// Copyright 2026 the pystd authors. MIT license.

/**
 * The formats of search results: those of a listing, with paths in place of
 * names.
 *
 * @module
 */

import type { ListingEntry } from "../../../files/entries.ts";
import {
  jsonHead,
  jsonRows,
  jsonTail,
  type ListingType,
  textLine,
} from "../listing/formats.ts";
import { breadcrumbs, documentHead, searchForm } from "../listing/page.ts";
import { LISTING_SCRIPT } from "../listing/page_script.ts";
import { TABLE, tableRows } from "../listing/table.ts";
import { counted } from "../listing/text.ts";

/** Why a search ended. */
export type SearchEnd = "complete" | "results" | "time";

/** What the results show besides the entries. */
export interface SearchView {
  /** The words, as the reader typed them. */
  text: string;
  /** Name of the root. */
  title: string;
  /** Names in the path of the folder. */
  names: readonly string[];
  /** The format. */
  type: ListingType;
}

/** Formats results piece by piece. */
export interface SearchWriter {
  /** Formats the start. */
  head(): string;
  /**
   * Formats results.
   *
   * @param entries The results; each name is a path.
   * @returns The rows.
   */
  rows(entries: readonly ListingEntry[]): string;
  /**
   * Formats the end.
   *
   * @param end Why the search ended.
   * @returns The text.
   */
  tail(end: SearchEnd): string;
}

/**
 * Creates the writer of search results.
 *
 * @param view What they show.
 * @returns The writer.
 */
export function searchWriter(view: SearchView): SearchWriter {
  if (view.type === "application/json") return jsonWriter(view);
  return view.type === "text/plain" ? textWriter() : pageWriter(view);
}

function pageWriter({ text, title, names }: SearchView): SearchWriter {
  let count = 0;
  return {
    head: () => {
      const all = [title, ...names];
      return `${documentHead(`Search in ${all.at(-1)}`, TABLE.style)}<header>
${breadcrumbs(all, "", "")}
<div class="bar">${
        searchForm(text)
      }<a class="button" href="./">Leave the search</a></div>
</header>
<main>
<table id="list">
<thead><tr><th scope="col" class="n">Name<th scope="col" class="s">Size<th scope="col" class="m">Modified</thead>
<tbody>
`;
    },
    rows: (entries) => {
      count += entries.length;
      return tableRows(entries, "");
    },
    tail: (end) =>
      `</tbody>
</table>
${count === 0 ? '<p class="empty">No name matches.</p>\n' : ""}</main>
<footer><span id="count" role="status">${counted(count, "item")}${
        ENDS[end]
      }</span></footer>
<script>${LISTING_SCRIPT}</script>
</body>
</html>
`,
  };
}

const ENDS: Readonly<Record<SearchEnd, string>> = {
  complete: "",
  results: ", and more: the search found too many",
  time: ", and perhaps more: the search took too long",
};

function jsonWriter({ names, text }: SearchView): SearchWriter {
  return {
    head: () => jsonHead(names, { search: text }),
    rows: jsonRows(),
    tail: (end) => jsonTail({ complete: end === "complete" }),
  };
}

function textWriter(): SearchWriter {
  return {
    head: () => "",
    rows: (entries) => entries.map(textLine).join(""),
    tail: () => "",
  };
}
