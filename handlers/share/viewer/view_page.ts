// Copyright 2026 the pystd authors. MIT license.

/**
 * The page of a file in the viewer. Text and names are escaped, and a file is
 * never part of the page: pictures, videos and music are elements that run no
 * script, HTML is shown as its source.
 *
 * @module
 */

import { quote } from "../../../protocol/percent_encoding.ts";
import { escapeHtml } from "../../../python/html_escape.ts";
import { breadcrumbs, documentHead, shareMenu } from "../listing/page.ts";
import { MARKDOWN_STYLE } from "../listing/page_style.ts";
import { type Choice, viewQuery } from "../listing/query.ts";
import {
  attribute,
  counted,
  humanSize,
  shown,
  withoutOverrides,
} from "../listing/text.ts";
import type { Neighbours } from "./neighbours.ts";
import { VIEW_SCRIPT } from "./view_script.ts";
import { VIEW_STYLE } from "./view_style.ts";

/** What the viewer shows of a file. */
export type Content =
  | { kind: "picture" | "video" | "audio" | "pdf" | "none" }
  | { kind: "text"; text: string; cut: boolean }
  | { kind: "markdown"; markup: string };

/** A file in the viewer. */
export interface ViewedFile {
  /** Names in the path of the file. */
  names: readonly string[];
  /** Name of the root. */
  title: string;
  /** Size of the file, in bytes. */
  size: number;
  /** The order of the listing. */
  choice: Choice;
  /** The files before and after it. */
  neighbours: Neighbours;
  /** Whether the reader may make links that need no password. */
  mayLink: boolean;
  /** What is shown. */
  content: Content;
}

/** Most lines that get a number. */
const MAX_LINES = 20_000;
/** Most tracks in the list below a player. */
const MAX_TRACKS = 1000;

/**
 * Formats the page.
 *
 * @param file The file.
 * @returns The markup.
 */
export function viewPage(file: ViewedFile): string {
  const { names, title, choice } = file;
  const name = names.at(-1)!;
  const crumbs = breadcrumbs([title, ...names], viewQuery(choice), "./");
  return `${documentHead(`${name} - ${title}`, VIEW_STYLE)}<header>
${crumbs}
${bar(file, name)}</header>
<main>
${content(file, name)}</main>
<script>${VIEW_SCRIPT}</script>
</body>
</html>
`;
}

function bar(file: ViewedFile, name: string): string {
  const { neighbours, choice, size } = file;
  const { names, index } = neighbours;
  const query = viewQuery(choice, "view");
  const step = (at: number, rel: string, label: string): string =>
    names[at] === undefined
      ? ""
      : `<a class="button step" rel="${rel}" href="${
        quote(names[at]) + query
      }">${label}</a>`;
  const place = names.length > 1
    ? `${index + 1} of ${counted(names.length, "file")}, `
    : "";
  return `<div class="bar">${
    step(index - 1, "prev", "\u2039 <b>Previous</b>")
  }${
    step(index + 1, "next", "<b>Next</b> \u203a")
  }<span class="rest">${place}<span title="${counted(size, "byte")}">${
    humanSize(size)
  }</span></span>${
    shareMenu(quote(name), file.mayLink)
  }<a class="button file" href="${
    quote(name)
  }">Open</a><a class="button file" href="${
    quote(name)
  }" download>Download</a></div>
`;
}

function content(file: ViewedFile, name: string): string {
  const link = quote(name);
  switch (file.content.kind) {
    case "picture":
      return `<a class="stage" href="${link}"><img src="${link}" alt="${
        attribute(name)
      }"></a>\n`;
    case "video":
      return `<div class="stage"><video src="${link}" controls playsinline preload="metadata" aria-label="${
        attribute(name)
      }"></video></div>\n`;
    case "audio":
      return `<audio src="${link}" controls preload="metadata" aria-label="Player"></audio>\n${
        tracks(file)
      }`;
    case "pdf":
      return `<object data="${link}" type="application/pdf" aria-label="${
        attribute(name)
      }"><p class="empty">This browser shows PDF files only by themselves: <a href="${link}">open the file</a>.</p></object>\n`;
    case "text":
      return code(file.content, link);
    case "markdown":
      return `<div class="markdown" dir="auto">${file.content.markup}</div><style>${MARKDOWN_STYLE}</style>\n`;
    case "none":
      return `<p class="empty">There is no preview of this kind of file.</p>\n`;
  }
}

function tracks({ neighbours, choice }: ViewedFile): string {
  const { names, index } = neighbours;
  const first = Math.max(0, index - MAX_TRACKS / 2);
  const query = viewQuery(choice, "view");
  const items = names.slice(first, first + MAX_TRACKS).map((name, i) =>
    `<li><a href="${quote(name) + query}"${
      first + i === index ? ' aria-current="true"' : ""
    }>${shown(name)}</a>\n`
  );
  return items.length < 2
    ? ""
    : `<ol class="tracks" start="${first + 1}">\n${items.join("")}</ol>\n`;
}

function code(
  { text, cut }: { text: string; cut: boolean },
  link: string,
): string {
  const lines = withoutOverrides(text).split(/\r\n|\n|\r/);
  if (lines.at(-1) === "") lines.pop();
  const isLong = lines.length > MAX_LINES;
  const rows = lines.slice(0, MAX_LINES).map((line, i) =>
    `<span id="L${i + 1}">${escapeHtml(line)}</span>`
  );
  const more = cut || isLong
    ? `<p>This is the start of the file. <a href="${link}">Open it all</a>.\n`
    : "";
  return rows.length === 0
    ? '<p class="empty">This file is empty.</p>\n'
    : `<pre class="code" dir="auto"><code>${
      rows.join("")
    }</code></pre>\n${more}`;
}
