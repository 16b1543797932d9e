// Copyright 2026 the pystd authors. MIT license.

/**
 * The listing of a directory as a page, in three parts: the head, the rows and
 * the tail. So it can be sent while it is made.
 *
 * Text from the file system or from the client is escaped by `shown()` or
 * `quote()`. Query parameters are only compared, never shown.
 *
 * @module
 */

import { escapeHtml } from "../../../python/html_escape.ts";
import { quote } from "../../../protocol/percent_encoding.ts";
import type { ShareEntry, SortBy } from "./entries.ts";
import { fileIcon, icon, ICON_SYMBOLS } from "./icons.ts";
import { LISTING_SCRIPT, UPLOADING_SCRIPT } from "./page_script.ts";
import { LISTING_STYLE } from "./page_style.ts";

/** The content and order of a listing. */
export interface View {
  /** Names in the path of the directory; none for the root. */
  names: readonly string[];
  /** Name of the root. */
  title: string;
  /** Sort order of the entries. */
  sort: SortBy;
  /** Whether the order is reversed. */
  descending: boolean;
  /** Whether the reader may upload into the directory. */
  uploads: boolean;
  /** Formats of archives of the directory. */
  archives: readonly string[];
}

/** The README below the entries. */
export interface Readme {
  /** The file's name. */
  name: string;
  /** The start of its text. */
  text: string;
  /** Whether the text is cut. */
  cut: boolean;
}

/** Counts of a listing. */
export interface Totals {
  /** Number of folders. */
  folders: number;
  /** Number of files, and of entries that cannot be opened. */
  files: number;
  /** Total size of the files, in bytes. */
  bytes: number;
}

/** Icon of the page, inline so that browsers do not request `/favicon.ico`. */
const FAVICON = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'" +
  " viewBox='0 0 24 24'%3E%3Cpath d='M2 5h7l2 2h11v13H2z' fill='%23d69e2e'/%3E" +
  "%3C/svg%3E";

/**
 * Formats the page up to its rows.
 *
 * @param view The content and order of the listing.
 * @returns The markup.
 */
export function pageHead(view: View): string {
  const { names, title, uploads, archives } = view;
  const here = names.length === 0 ? title : `${names.at(-1)} - ${title}`;
  const query = sortQuery(view.sort, view.descending);
  const up = names.length === 0
    ? ""
    : `<tr class="up"><td class="n">${
      icon("u")
    }<a href="../${query}">Parent folder</a><td class="s"><td class="m">\n`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${shown(here)}</title>
<link rel="icon" href="${FAVICON}">
<style>${LISTING_STYLE}</style>
</head>
<body>
${ICON_SYMBOLS}
<header>
<nav aria-label="Folders"><ol>${crumbs(view, query)}</ol></nav>
<div class="bar">${archives.map(archiveForm).join("")}${
    uploads ? UPLOAD_FORMS : ""
  }</div>
${uploads ? '<ul id="queue" aria-label="Uploads"></ul>\n' : ""}</header>
<main>
<table id="list">
<thead><tr>${heading(view, "name", "Name", "n")}${
    heading(view, "size", "Size", "s")
  }${heading(view, "date", "Modified", "m")}</thead>
<tbody>
${up}`;
}

/**
 * Formats rows of the page.
 *
 * @param entries The entries, in order.
 * @param view The content and order of the listing.
 * @returns The markup.
 */
export function pageRows(entries: readonly ShareEntry[], view: View): string {
  const query = sortQuery(view.sort, view.descending);
  let rows = "";
  for (const entry of entries) rows += row(entry, query);
  return rows;
}

/**
 * Formats the page after its rows.
 *
 * @param view The content and order of the listing.
 * @param totals The counts of the listing.
 * @param readme The README, if there is one.
 * @returns The markup.
 */
export function pageTail(
  view: View,
  totals: Totals,
  readme: Readme | undefined,
): string {
  const count = totals.folders + totals.files;
  const hint = view.uploads ? " Drop files here, or choose some above." : "";
  return `</tbody>
</table>
${count === 0 ? `<p class="empty">This folder is empty.${hint}</p>\n` : ""}${
    readme === undefined ? "" : readmeSection(readme)
  }</main>
<footer><span id="count" role="status">${summary(totals)}</span></footer>
<script>${view.uploads ? UPLOADING_SCRIPT : LISTING_SCRIPT}</script>
</body>
</html>
`;
}

/** Formats the path as links; the current folder comes last. */
function crumbs({ names, title }: View, query: string): string {
  const all = [title, ...names];
  return all.map((name, i) => {
    const ups = all.length - 1 - i;
    return ups === 0
      ? `<li><h1 aria-current="page"><bdi>${shown(name)}</bdi></h1>`
      : `<li><a href="${"../".repeat(ups)}${query}"><bdi>${
        shown(name)
      }</bdi></a>`;
  }).join("");
}

/** Formats a button, since crawlers that follow links would fetch archives. */
function archiveForm(format: string): string {
  const text = shown(format);
  return `<form><button name="archive" value="${
    quote(format)
  }">Download as .${text}</button></form>`;
}

const UPLOAD_FORMS = `
<form id="upload" method="post" enctype="multipart/form-data"><input
type="file" name="file" multiple required aria-label="Files to upload"><button>Upload</button></form>
<form id="mkdir" method="post" enctype="multipart/form-data"><input
name="mkdir" placeholder="New folder" required size="12" aria-label="Name of a new folder"><button>Create</button></form>
`;

function heading(
  { sort, descending }: View,
  by: SortBy,
  label: string,
  column: string,
): string {
  // The first click sorts sizes and dates in descending order.
  const next = sort === by ? !descending : by !== "name";
  const state = sort !== by
    ? ""
    : ` aria-sort="${descending ? "descending" : "ascending"}"`;
  return `<th scope="col" class="${column}"${state}><a href="${
    sortQuery(by, next) || "?"
  }">${label}</a>`;
}

/** Returns the query for a sort order; none for the default. */
function sortQuery(sort: SortBy, descending: boolean): string {
  if (sort === "name" && !descending) return "";
  return `?sort=${sort}&amp;order=${descending ? "desc" : "asc"}`;
}

/** Deno cannot open files whose names are not UTF-8. */
const NOT_UTF8 = "Not available: the name is not UTF-8";

/**
 * Formats a row. The link contains only the name: players and crawlers that
 * read listings look for `<a href="name">name</a>`.
 */
function row(entry: ShareEntry, query: string): string {
  const { name, kind, size, mtime } = entry;
  const time = isNaN(mtime) ? "" : timeElement(mtime);
  const text = shown(name);
  if (kind === "directory") {
    return `<tr><td class="n">${icon("d")}<bdi><a href="${
      quote(name)
    }/${query}">${text}</a></bdi><td class="s"><td class="m">${time}\n`;
  }
  if (kind === "other") {
    return `<tr class="o"><td class="n">${icon("o")}<span title="${
      name.includes("\ufffd") ? NOT_UTF8 : "Not available"
    }"><bdi>${text}</bdi></span><td class="s"><td class="m">${time}\n`;
  }
  return `<tr><td class="n">${fileIcon(name)}<bdi><a href="${
    quote(name)
  }">${text}</a></bdi><td class="s" title="${counted(size, "byte")}">${
    humanSize(size)
  }<td class="m">${time}\n`;
}

function timeElement(mtime: number): string {
  const iso = new Date(mtime).toISOString();
  // A year beyond 9999 has more digits.
  const [day, time] = iso.split("T");
  return `<time datetime="${iso}">${day} ${time.slice(0, 5)} UTC</time>`;
}

function readmeSection({ name, text, cut }: Readme): string {
  const more = cut
    ? `\n\n[See the rest in <a href="${quote(name)}">the file</a>.]`
    : "";
  return `<section class="readme"><h2><bdi>${
    shown(name)
  }</bdi></h2><pre dir="auto">${escapeHtml(text)}${more}</pre></section>\n`;
}

function summary({ folders, files, bytes }: Totals): string {
  const parts: string[] = [];
  if (folders > 0) parts.push(counted(folders, "folder"));
  if (files > 0) parts.push(`${counted(files, "file")}, ${humanSize(bytes)}`);
  return parts.join(", ");
}

function counted(count: number, what: string): string {
  return `${grouped(count)} ${what}${count === 1 ? "" : "s"}`;
}

/**
 * Escapes a name for the page: markup, control characters, and overrides of the
 * text direction, with which `\u202egpj.exe` would look like an image.
 */
function shown(name: string): string {
  const text = escapeHtml(name);
  if (!UNSEEN.test(text)) return text;
  return text.replaceAll(UNSEEN_ALL, (character) => {
    const code = character.charCodeAt(0);
    if (code === 0x7f) return "\u2421";
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : "\ufffd";
  });
}

/** Control characters, and overrides of the text direction. */
const UNSEEN = /[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;
const UNSEEN_ALL = new RegExp(UNSEEN, "g");

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/**
 * Formats a size for people. `@std/fmt/bytes` is not used: its
 * `toLocaleString()` would double the time that a page takes.
 *
 * @param bytes The size in bytes.
 * @returns Three digits and a unit: `1.23 MB`.
 */
export function humanSize(bytes: number): string {
  let unit = 0;
  let value = bytes;
  // `toFixed()` would round 999.5 to 1000.
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  if (unit === 0) return `${bytes} B`;
  const digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** Formats a number with thousands separators. */
function grouped(value: number): string {
  const digits = `${value}`;
  return value < 1000 ? digits : digits.replace(/\B(?=(?:\d{3})+$)/g, ",");
}
