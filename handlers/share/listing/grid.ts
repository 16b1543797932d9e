// Copyright 2026 the pystd authors. MIT license.

/**
 * The entries of a listing as a grid of pictures. Each tile links to the
 * viewer. The browser loads the pictures themselves, as they come into view:
 * the server makes no thumbnails.
 *
 * Loaded with the first request for a grid.
 *
 * @module
 */

import { quote } from "../../../protocol/percent_encoding.ts";
import { compactStyle } from "./compact.ts";
import type { ListingEntry, SortBy } from "../../../files/entries.ts";
import { fileIcon, icon } from "./icons.ts";
import { isShownPicture } from "./kinds.ts";
import type { Layout } from "./layout.ts";
import type { View } from "./view.ts";
import { BASE_STYLE } from "./page_style.ts";
import { checkbox } from "./page.ts";
import { sortQuery, viewQuery } from "./query.ts";
import { listingPolicies } from "./security_policy.ts";
import { attribute, shown } from "./text.ts";

const STYLE = compactStyle(`${BASE_STYLE}
body { max-width: 90rem }
.sort { display: flex; gap: 1.25rem; margin: 0 0 .6rem;
  font-size: .875rem; color: var(--dim) }
.sort a { color: inherit }
.sort a[aria-current] { color: var(--text); font-weight: 600 }
#list { display: grid; gap: .75rem; margin: 0; padding: 0; list-style: none;
  grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)) }
#list li { position: relative }
#list [type=checkbox] { position: absolute; top: .5rem;
  inset-inline-start: .5rem; z-index: 1 }
#list li { content-visibility: auto; contain-intrinsic-size: auto 11rem;
  min-width: 0 }
#list li > a, #list li > span { display: block; color: inherit;
  font-size: .875rem; border-radius: .5rem }
#list li > a:focus-visible { outline-offset: -2px }
.pic { display: grid; place-items: center; aspect-ratio: 1;
  overflow: hidden; border-radius: .5rem; background: var(--over) }
.pic svg { width: 3rem; height: 3rem; stroke-width: 1 }
.pic img { width: 100%; height: 100%; object-fit: cover }
#list bdi { display: block; padding: .3rem .15rem; overflow: hidden;
  text-overflow: ellipsis; white-space: nowrap }
.o { color: var(--dim) }
`);

/** The entries as a grid. */
export const GRID: Layout = {
  style: STYLE,
  policies: await listingPolicies(STYLE),
  start(view) {
    const up = view.names.length === 0
      ? ""
      : `<li class="up"><a href="../${viewQuery(view)}"><span class="pic">${
        icon("u")
      }</span><bdi>Parent folder</bdi></a>\n`;
    return `<p class="sort">Sort by ${sorting(view, "name", "name")}${
      sorting(view, "size", "size")
    }${sorting(view, "date", "date")}</p>
<ul id="list">
${up}`;
  },
  rows(entries, view) {
    const folders = viewQuery(view);
    const files = viewQuery(view, "view");
    let tiles = "";
    for (const entry of entries) {
      tiles += tile(entry, folders, files, view.manages);
    }
    return tiles;
  },
  end: "</ul>\n",
};

function sorting(view: View, by: SortBy, label: string): string {
  const arrow = view.descending ? "\u2193" : "\u2191";
  return view.sort === by
    ? `<a href="${
      sortQuery(view, by)
    }" aria-current="true">${label} ${arrow}</a>`
    : `<a href="${sortQuery(view, by)}">${label}</a>`;
}

function tile(
  entry: ListingEntry,
  folders: string,
  files: string,
  manages: boolean,
): string {
  const { name, kind } = entry;
  const before = manages ? checkbox(name) : "";
  const link = quote(name);
  const text = `<bdi>${shown(name)}</bdi>`;
  if (kind === "directory") {
    return `<li>${before}<a href="${link}/${folders}"><span class="pic">${
      icon("d")
    }</span>${text}</a>\n`;
  }
  if (kind === "other") {
    return `<li class="o">${before}<span><span class="pic">${
      icon("o")
    }</span>${text}</span>\n`;
  }
  const picture = isShownPicture(name)
    ? `<img src="${link}" alt="" loading="lazy" decoding="async" width="160" height="160">`
    : fileIcon(name);
  return `<li>${before}<a href="${link}${files}" title="${
    attribute(name)
  }"><span class="pic">${picture}</span>${text}</a>\n`;
}
