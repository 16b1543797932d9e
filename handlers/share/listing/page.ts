// Copyright 2026 the pystd authors. MIT license.

/**
 * The listing of a directory as a page, in three parts: the head, the rows and
 * the tail. So it can be sent while it is made.
 *
 * Text from the file system or from the client is escaped by the functions of
 * `text.ts`. Query parameters are only compared, never shown.
 *
 * @module
 */

import { escapeHtml } from "../../../python/html_escape.ts";
import { quote } from "../../../protocol/percent_encoding.ts";
import { LINK_TIMES } from "../link/link_time.ts";
import { ICON_SYMBOLS } from "./icons.ts";
import type { Layout } from "./layout.ts";
import {
  LISTING_SCRIPT,
  MANAGING_SCRIPT,
  UPLOADING_SCRIPT,
} from "./page_script.ts";
import { MARKDOWN_STYLE, UPLOAD_STYLE } from "./page_style.ts";
import { viewQuery } from "./query.ts";
import { attribute, counted, humanSize, shown } from "./text.ts";
import type { Readme, Totals, View } from "./view.ts";

/** Icon of the page, inline so that browsers do not request `/favicon.ico`. */
const FAVICON = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'" +
  " viewBox='0 0 24 24'%3E%3Cpath d='M2 5h7l2 2h11v13H2z' fill='%23d69e2e'/%3E" +
  "%3C/svg%3E";

/**
 * Formats the start of a page.
 *
 * @param title The title, as text.
 * @param style The style.
 * @returns The markup, up to the start of the body.
 */
export function documentHead(title: string, style: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${shown(title)}</title>
<link rel="icon" href="${FAVICON}">
<style>${style}</style>
</head>
<body>
${ICON_SYMBOLS}
`;
}

/**
 * Formats the page up to its rows.
 *
 * @param view The content and order of the listing.
 * @param layout The layout of its entries.
 * @returns The markup.
 */
export function pageHead(view: View, layout: Layout): string {
  const { names, title, uploads } = view;
  const here = names.length === 0 ? title : `${names.at(-1)} - ${title}`;
  return `${documentHead(here, layout.style)}<header>
${breadcrumbs([title, ...names], viewQuery(view), "")}
<div class="bar">${searchForm("")}${uploads ? ADD_MENU : ""}${
    view.signIn === "" ? "" : signInForm(names, view.signIn)
  }${view.manages ? manageMenu(view) : ""}${downloadMenu(view)}${
    shareMenu("", view.links)
  }${layoutForm(view)}</div>
</header>
<main>
${uploads ? `<style>${UPLOAD_STYLE}</style>\n` : ""}${layout.start(view)}`;
}

/**
 * Formats the page after its rows.
 *
 * @param view The content and order of the listing.
 * @param layout The layout of its entries.
 * @param totals The counts of the listing.
 * @param readme The README, if there is one.
 * @returns The markup.
 */
export function pageTail(
  view: View,
  layout: Layout,
  totals: Totals,
  readme: Readme | undefined,
): string {
  const count = totals.folders + totals.files;
  const hint = view.uploads ? " Drop files here, or choose some above." : "";
  return `${layout.end}${
    count === 0 ? `<p class="empty">This folder is empty.${hint}</p>\n` : ""
  }${readme === undefined ? "" : readmeSection(readme)}</main>
<footer><span id="count" role="status">${summary(totals)}</span>${
    view.freeBytes === undefined
      ? ""
      : ` <span>(${humanSize(view.freeBytes)} free)</span>`
  }</footer>
<script>${scriptOf(view)}</script>
</body>
</html>
`;
}

function scriptOf({ uploads, manages }: View): string {
  if (manages) return MANAGING_SCRIPT;
  return uploads ? UPLOADING_SCRIPT : LISTING_SCRIPT;
}

/**
 * Formats a path as links; the last name is the heading of the page.
 *
 * @param names The names, that of the root first.
 * @param query The query of the links.
 * @param here The reference to the last name's folder: `""` if the last name is
 * a folder itself, `"./"` if it is a file.
 * @returns The markup.
 */
export function breadcrumbs(
  names: readonly string[],
  query: string,
  here: "" | "./",
): string {
  const items = names.map((name, i) => {
    const ups = names.length - 1 - i;
    if (ups === 0) {
      return `<li><h1 aria-current="page"><bdi>${shown(name)}</bdi></h1>`;
    }
    const link = here === "" ? "../".repeat(ups) : "../".repeat(ups - 1);
    return `<li><a href="${(link || here) + query}"><bdi>${
      shown(name)
    }</bdi></a>`;
  });
  return `<nav aria-label="Folders"><ol>${items.join("")}</ol></nav>`;
}

/**
 * Formats the form that searches; with scripts it filters, too.
 *
 * @param text The words that are searched.
 * @returns The markup.
 */
export function searchForm(text: string): string {
  return `<form role="search"><input type="search" name="search" value="${
    attribute(text)
  }" placeholder="Filter, or search all folders" autocomplete="off" spellcheck="false" aria-label="Filter this folder, or search all folders below it"><button>Search</button></form>`;
}

/** Buttons in place of links, since crawlers that follow links fetch archives. */
function downloadMenu({ archives }: View): string {
  if (archives.length === 0) return "";
  const buttons = archives.map((format) =>
    `<button name="archive" value="${quote(format)}">This folder as .${
      shown(format)
    }</button>`
  );
  return `<details><summary>Download</summary><div><form>${
    buttons.join("")
  }</form></div></details>`;
}

/** The form that all checkboxes of the entries belong to. */
function manageMenu(view: View): string {
  const action = viewQuery(view, "manage");
  const zip = view.archives.includes("zip")
    ? '<button name="archive" value="zip" formmethod="get" formaction="./">Download as .zip</button>'
    : "";
  return `<details id="manage"><summary>Selected</summary><div><form id="items" method="post" action="${action}"><button name="do" value="move">Rename or move</button><button name="do" value="copy">Copy</button><button name="do" value="delete">Delete</button>${zip}<button name="do" value="size">Size</button></form></div></details>`;
}

/**
 * Formats the checkbox that selects an entry.
 *
 * @param name The entry's name.
 * @returns The markup.
 */
export function checkbox(name: string): string {
  return `<input type="checkbox" form="items" name="item" value="${
    quote(name)
  }" aria-label="Select ${attribute(name)}">`;
}

/**
 * Formats the menu with the address of a page. Its QR code is loaded when the
 * menu is opened.
 *
 * @param link The link to what the page shows: a file, or `""` for the folder.
 * @param mayLink Whether the reader may make links that need no password.
 * @returns The markup.
 */
export function shareMenu(link: string, mayLink: boolean): string {
  return `<details id="share"><summary>Share</summary><div>${
    mayLink ? linkForm(link) : ""
  }<img src="${link}?qr" alt="QR code of this address" width="200" height="200" loading="lazy"></div></details>`;
}

function linkForm(link: string): string {
  const buttons = LINK_TIMES.map(([time, name]) =>
    `<button name="share" value="${time}">${name}</button>`
  );
  return `<form class="times" action="${
    link || "./"
  }"><p>Without a password for</p>${buttons.join("")}</form>`;
}

/** A button in place of a link, since crawlers would fetch every file twice. */
function layoutForm({ grid, sort, descending }: View): string {
  const order = sort === "name" && !descending
    ? ""
    : `<input type="hidden" name="sort" value="${sort}"><input type="hidden" name="order" value="${
      descending ? "desc" : "asc"
    }">`;
  return `<form>${order}${
    grid ? "<button>List</button>" : '<button name="grid">Grid</button>'
  }</form>`;
}

/**
 * A button that asks for the password before anything is sent. It leads to the
 * root, so that browsers send the password to all folders.
 */
function signInForm(names: readonly string[], text: string): string {
  return `<form action="${
    "../".repeat(names.length) || "./"
  }"><button name="login" value="${
    attribute(`/${names.map((name) => `${name}/`).join("")}`)
  }">${text}</button></form>`;
}

const ADD_MENU = `<details id="add"><summary>Add</summary><div>
<form id="upload" method="post" enctype="multipart/form-data"><input
type="file" name="file" multiple required aria-label="Files to upload"><button>Upload</button></form>
<form id="mkdir" method="post" enctype="multipart/form-data"><input
name="mkdir" placeholder="New folder" required size="12" aria-label="Name of a new folder"><button>Create</button></form>
<form id="text" method="post" enctype="multipart/form-data"><input
name="text-name" placeholder="New text file" required size="12" aria-label="Name of a new text file"><button>Save</button><textarea
name="text" rows="3" aria-label="Its text"></textarea></form>
</div></details>`;

function readmeSection({ name, text, cut, markup }: Readme): string {
  const more = cut
    ? `[See the rest in <a href="${quote(name)}">the file</a>.]`
    : "";
  const content = markup === undefined
    ? `<pre dir="auto">${escapeHtml(text)}${cut ? `\n\n${more}` : ""}</pre>`
    : `<div class="markdown" dir="auto">${markup}${
      cut ? `<p>${more}` : ""
    }</div><style>${MARKDOWN_STYLE}</style>`;
  return `<section class="readme"><h2><bdi>${
    shown(name)
  }</bdi></h2>${content}</section>\n`;
}

function summary({ folders, files, bytes }: Totals): string {
  const parts: string[] = [];
  if (folders > 0) parts.push(counted(folders, "folder"));
  if (files > 0) parts.push(`${counted(files, "file")}, ${humanSize(bytes)}`);
  return parts.join(", ");
}
