// Copyright 2026 the pystd authors. MIT license.

/**
 * The page that shows a new link to the user who made it. Without scripts, the
 * link can be opened, and its address copied; its QR code is a picture.
 *
 * Loaded with the first link that a user makes.
 *
 * @module
 */

import { escapeHtml } from "../../../python/html_escape.ts";
import { quote } from "../../../protocol/percent_encoding.ts";
import { compactScript } from "../listing/compact.ts";
import { documentHead } from "../listing/page.ts";
import { BASE_STYLE } from "../listing/page_style.ts";
import { listingPolicy } from "../listing/security_policy.ts";
import { sendPageFields } from "../listing/send_page.ts";
import { shown, timeElement } from "../listing/text.ts";
import type { ShareRequest } from "../request.ts";
import { responseForm, sendShortResponse } from "../short_response.ts";

/** A new link. */
export interface NewLink {
  /** The names of its path. */
  readonly names: readonly string[];
  /** Whether it is a folder. */
  readonly isFolder: boolean;
  /** When it ends, in epoch ms. */
  readonly end: number;
  /** The path with the token. */
  readonly link: string;
}

const STYLE = `${BASE_STYLE}
main { max-width: 40rem; overflow-wrap: anywhere }
h1 { font-size: 1.4rem; display: block }
main input { width: 100%; margin-bottom: .6rem }
main img { background: #fff; border-radius: .5rem; margin-top: 1rem }
`;

/** Shows the address itself, and copies it. */
const SCRIPT = compactScript(`(() => {
"use strict";
const link = document.querySelector("#link");
const address = document.createElement("input");
address.readOnly = true;
address.value = link.href;
address.setAttribute("aria-label", "Address of the link");
const copy = document.createElement("button");
copy.textContent = "Copy link";
copy.addEventListener("click", async () => {
  address.select();
  try {
    if (navigator.clipboard) await navigator.clipboard.writeText(address.value);
    else document.execCommand("copy");
    copy.textContent = "Copied";
  } catch {
    copy.textContent = "Press Ctrl+C";
  }
});
link.before(address, copy, " ");
const time = document.querySelector("time");
time.textContent = new Intl.DateTimeFormat(undefined,
  { dateStyle: "medium", timeStyle: "short" }).format(new Date(time.dateTime));
})();
`);

const POLICY = await listingPolicy(STYLE, SCRIPT);
const NO_STORE = ["Cache-Control", "no-store"] as const;

/**
 * Sends the page, or the link as JSON or text.
 *
 * @param request The request.
 * @param created The new link.
 */
export function sendLinkPage(request: ShareRequest, created: NewLink): void {
  const link = request.prefix + created.link;
  const until = new Date(created.end).toISOString();
  switch (responseForm(request)) {
    case "json":
      return sendShortResponse(request, 200, { link, until }, [NO_STORE]);
    case "text":
      return sendShortResponse(request, 200, `${link}\n`, [NO_STORE]);
  }
  const bytes = new TextEncoder().encode(linkPage(created));
  request.sendResponse(200);
  request.sendHeader("Content-Type", "text/html; charset=utf-8");
  request.sendHeader(...NO_STORE);
  sendPageFields(request, POLICY);
  request.sendHeader("Content-Length", bytes.length);
  request.endHeaders();
  if (request.command !== "HEAD") request.wfile.write(bytes);
}

function linkPage({ names, isFolder, end, link }: NewLink): string {
  const name = names.at(-1);
  const what = name === undefined ? "All files" : shown(name);
  // Relative, so that it works behind a proxy that adds a prefix.
  const path = isFolder || name === undefined ? "./" : quote(name);
  const token = link.slice(link.indexOf("?link=") + 1);
  return `${documentHead(`Link to ${name ?? "all files"}`, STYLE)}<main>
<h1>Link to <bdi>${what}</bdi></h1>
<p>Anyone with this link can read ${
    isFolder ? "this folder and all that is in it" : "this file"
  }, without a password, until ${timeElement(end)}.</p>
<p><a id="link" class="button" href="${path}?${
    escapeHtml(token)
  }">Open the link</a></p>
<img src="${path}?qr&amp;${
    escapeHtml(token)
  }" alt="QR code of the link" width="200" height="200">
<p><a href="./">Back to the folder</a></p>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}
