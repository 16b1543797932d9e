// Copyright 2026 the pystd authors. MIT license.

/**
 * The search: `FOLDER/?search=WORDS` finds names that contain all words, in the
 * folder and in all folders below it. The results are sent as they are found,
 * in the formats of a listing.
 *
 * Loaded with the first search.
 *
 * @module
 */

import type { SearchMatch } from "../../../files/file_store.ts";
import type { Found } from "../../../files/served_directory.ts";
import type { BodyStream } from "../../../io/body_stream.ts";
import { isCrossSite, isNavigation } from "../cross_site.ts";
import type { ListingEntry } from "../../../files/entries.ts";
import { sendPageFields } from "../listing/send_page.ts";
import { TABLE } from "../listing/table.ts";
import type { ShareRequest } from "../request.ts";
import {
  type SearchEnd,
  type SearchView,
  searchWriter,
} from "./search_formats.ts";
import type { SearchLimits } from "./search_limits.ts";

/** Limits of a search, and what its results show. */
export interface SearchContext extends SearchView {
  /** The limits. */
  limits: SearchLimits;
  /** Other origins whose pages may search. */
  origins: readonly string[];
}

let searching = 0;

/**
 * Sends the results of a search.
 *
 * @param request The request.
 * @param folder The folder to search.
 * @param context See {@linkcode SearchContext}.
 * @returns A promise that resolves when the response has been sent.
 * @throws {Error} If the client disconnects.
 */
export async function sendSearch(
  request: ShareRequest,
  folder: Found,
  context: SearchContext,
): Promise<null> {
  if (isCrossSite(request, context.origins) && !isNavigation(request)) {
    request.sendError(403, "Searches for other sites are not allowed");
    return null;
  }
  if (searching >= context.limits.maxSearches && request.command === "GET") {
    request.sendBusy("Too many searches at once");
    return null;
  }
  request.sendResponse(200);
  request.sendHeader("Content-Type", `${context.type}; charset=utf-8`);
  request.sendHeader("Cache-Control", "no-store");
  request.sendHeader("Vary", "Accept");
  if (context.type === "text/html") {
    sendPageFields(request, TABLE.policies.reading);
  }
  const body = request.endHeadersOfStream();
  if (request.command === "HEAD") return null;
  searching++;
  try {
    await request.observePart(
      "search",
      () => sendResults(request, folder, context, body),
    );
  } finally {
    searching--;
  }
  await body.end();
  return null;
}

async function sendResults(
  { files }: ShareRequest,
  folder: Found,
  context: SearchContext,
  body: BodyStream,
): Promise<void> {
  const writer = searchWriter(context);
  await body.write(writer.head());
  const latest = Date.now() + context.limits.maxSearchTime;
  let left = context.limits.maxSearchResults;
  let end: SearchEnd = "complete";
  const batches = files.search(folder, matcher(context.text));
  for await (const batch of batches) {
    if (batch.length > left) end = "results";
    const results = batch.slice(0, left).map(entryOf);
    left -= results.length;
    if (results.length > 0) await body.write(writer.rows(results));
    if (end === "complete" && Date.now() >= latest) end = "time";
    if (end !== "complete") break;
  }
  await body.write(writer.tail(end));
}

/** Ignores case, and the two forms in which Unicode writes accents. */
function matcher(text: string): (name: string) => boolean {
  const words = plain(text).split(/\s+/).filter((word) => word !== "");
  return (name) => {
    const folded = plain(name);
    return words.every((word) => folded.includes(word));
  };
}

function plain(text: string): string {
  const lower = text.toLowerCase();
  return /[^\0-\x7f]/.test(lower) ? lower.normalize("NFC") : lower;
}

function entryOf({ path, isSymlink, found }: SearchMatch): ListingEntry {
  const { kind, info } = found;
  return {
    name: path,
    kind,
    isSymlink,
    size: kind === "file" ? info.size : -1,
    mtime: info.mtime?.getTime() ?? NaN,
    key: "",
  };
}
