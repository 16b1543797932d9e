// Copyright 2026 the pystd authors. MIT license.

/**
 * CPython's directory listing, byte for byte.
 *
 * @module
 */

import type { ListedEntry } from "../files/file_store.ts";
import type { MaybePromise } from "../files/maybe_promise.ts";
import { sortInSlices, TimeSlices } from "../files/time_slices.ts";
import { escapeHtml } from "../python/html_escape.ts";
import { quote, unquotePath } from "../protocol/percent_encoding.ts";
import { RequestError } from "../protocol/request_error.ts";
import { splitTarget } from "../protocol/request_target.ts";

/** Rows that are formatted at a time: a millisecond's work, some 64 KiB. */
const ROWS = 1024;

const encoder = new TextEncoder();

/** The members of a handler that send a listing. */
export interface ListingHandler {
  /** The request target, whose path is shown. */
  readonly path: string;
  /** Starts a response. */
  sendResponse(code: number): void;
  /** Adds a header field. */
  sendHeader(keyword: string, value: string | number): void;
  /** Ends the header block. */
  endHeaders(): void;
  /** Sends an error page. */
  sendError(code: number, message: string): void;
}

/**
 * Sends the head of a listing.
 *
 * @param handler The handler.
 * @param list Reads the directory; returns a promise if it is large.
 * @returns The page, in pieces if the directory is large; `null` if an error was
 * sent, because it cannot be read.
 * @throws {RequestError} If it must not be read.
 */
export function sendListing(
  handler: ListingHandler,
  list: () => MaybePromise<ListedEntry[]>,
): MaybePromise<Uint8Array | Uint8Array[] | null> {
  let entries: MaybePromise<ListedEntry[]>;
  try {
    entries = list();
  } catch {
    return sendListingError(handler);
  }
  if (entries instanceof Promise) return sendLargeListing(handler, entries);
  const page = plainListing(shownPath(handler), entries);
  sendListingHead(handler, page.length);
  return page;
}

async function sendLargeListing(
  handler: ListingHandler,
  listed: Promise<ListedEntry[]>,
): Promise<Uint8Array[] | null> {
  let entries: ListedEntry[];
  try {
    entries = await listed;
  } catch (error) {
    if (error instanceof RequestError) throw error;
    return sendListingError(handler);
  }
  const page = await largePlainListing(shownPath(handler), entries);
  sendListingHead(handler, page.reduce((sum, { length }) => sum + length, 0));
  return page;
}

function sendListingHead(handler: ListingHandler, length: number): void {
  handler.sendResponse(200);
  handler.sendHeader("Content-type", "text/html; charset=utf-8");
  handler.sendHeader("Content-Length", length);
  handler.endHeaders();
}

function sendListingError(handler: ListingHandler): null {
  handler.sendError(404, "No permission to list directory");
  return null;
}

/** The request's path, unescaped for a page. */
function shownPath({ path }: ListingHandler): string {
  return unquotePath(splitTarget(path).path);
}

/**
 * Formats the listing of a directory.
 *
 * @param displayPath The path to show.
 * @param entries The entries, in any order.
 * @returns The page.
 */
export function plainListing(
  displayPath: string,
  entries: ListedEntry[],
): Uint8Array {
  const keyed = entries.map(keyOf);
  const lines = keyed.sort(orderOf(keyed.some(hasSurrogate))).map(listItem);
  return encoder.encode(pageHead(displayPath) + lines.join("") + PAGE_TAIL);
}

/**
 * Formats the listing of a large directory in slices, so that other requests
 * are served meanwhile. Encodes each slice, since text takes more memory.
 *
 * @param displayPath The path to show.
 * @param entries The entries, in any order.
 * @returns The page, in pieces.
 */
export async function largePlainListing(
  displayPath: string,
  entries: ListedEntry[],
): Promise<Uint8Array[]> {
  using slices = new TimeSlices();
  const keyed: Keyed[] = [];
  let surrogates = false;
  for (const entry of entries) {
    const one = keyOf(entry);
    surrogates ||= hasSurrogate(one);
    if (keyed.push(one) % ROWS === 0 && slices.over) await slices.pause();
  }
  const sorted = await sortInSlices(keyed, orderOf(surrogates));
  const pieces = [encoder.encode(pageHead(displayPath))];
  for (let i = 0; i < sorted.length; i += ROWS) {
    const lines = sorted.slice(i, i + ROWS).map(listItem);
    pieces.push(encoder.encode(lines.join("")));
    if (slices.over) await slices.pause();
  }
  pieces.push(encoder.encode(PAGE_TAIL));
  return pieces;
}

function pageHead(displayPath: string): string {
  const title = `Directory listing for ${escapeHtml(displayPath)}`;
  return `<!DOCTYPE HTML>
<html lang="en">
<head>
<meta charset="utf-8">
<style type="text/css">
:root {
color-scheme: light dark;
}
</style>
<title>${title}</title>
</head>
<body>
<h1>${title}</h1>
<hr>
<ul>
`;
}

const PAGE_TAIL = `</ul>
<hr>
</body>
</html>
`;

/** An entry, and its sort key. */
interface Keyed {
  entry: ListedEntry;
  key: string;
}

function keyOf(entry: ListedEntry): Keyed {
  return { entry, key: entry.name.toLowerCase() };
}

function hasSurrogate({ key }: Keyed): boolean {
  return SURROGATE.test(key);
}

function listItem({ entry }: Keyed): string {
  const { name, isDirectory, isSymlink } = entry;
  const link = isDirectory ? `${name}/` : name;
  const shown = isSymlink ? `${name}@` : link;
  return `<li><a href="${quote(link)}">${escapeHtml(shown)}</a></li>\n`;
}

/** Returns Python's order: by the code points of the lower-case names. */
function orderOf(surrogates: boolean): (a: Keyed, b: Keyed) => number {
  return surrogates ? (a, b) => compareCodePoints(a.key, b.key) : compareKeys;
}

const SURROGATE = /[\ud800-\udfff]/;

/** Compares by code units: the same order for keys without surrogates. */
function compareKeys(a: Keyed, b: Keyed): number {
  return a.key < b.key ? -1 : a.key === b.key ? 0 : 1;
}

function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = rank(a.charCodeAt(i)) - rank(b.charCodeAt(i));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Ranks surrogates above all other code units. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
