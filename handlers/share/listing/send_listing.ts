// Copyright 2026 the pystd authors. MIT license.

/**
 * Sends the listing of a directory: a small one at once, a large one piece by
 * piece, with the first bytes before the directory has been read. Simultaneous
 * requests for the same large listing share it.
 *
 * A small listing is cached for `freshFor`, and only while the directory's
 * modification time is the same.
 *
 * @module
 */

import { Freshness } from "../../../files/freshness.ts";
import { SMALL_DIRECTORY_BYTES } from "../../../files/list_directory.ts";
import { sortInSlices, TimeSlices } from "../../../files/time_slices.ts";
import type { BodyStream } from "../../../io/body_stream.ts";
import {
  preferredCoding,
  preferredType,
} from "../../../protocol/negotiation.ts";
import { unquotePath } from "../../../protocol/percent_encoding.ts";
import { collapsePath, splitTarget } from "../../../protocol/request_target.ts";
import type { ShareRequest } from "../request.ts";
import type { OpenFile, ReadyFile } from "../../simple.ts";
import { closeFile } from "../../simple/body.ts";
import {
  compress,
  LIVE_CODINGS,
  type LiveCoding,
  MIN_COMPRESSED_BYTES,
} from "../coding/codings.ts";
import {
  entryOrder,
  type EntrySource,
  openDirectory,
  type OpenedDirectory,
  readEntries,
  readEntriesInSlices,
  type ShareEntry,
  type SortBy,
} from "./entries.ts";
import {
  FORMATS,
  LISTING_TYPES,
  type ListingType,
  listingWriter,
} from "./formats.ts";
import type { ResolvedShareOptions } from "../options.ts";
import type { Readme, View } from "./page.ts";
import { LISTING_POLICY, UPLOADING_POLICY } from "./security_policy.ts";
import type { AddText, PageMaker, SharedPages } from "./shared_page.ts";
import { logUnreadableNames } from "./unreadable_names.ts";

/** Resolution of modification times, in ms, on common systems. */
const TIME_STEP_MS = 50;
/** Size of the cache of listings, in bytes. */
const KEPT_BYTES = 8 * 1024 * 1024;
/** Bytes of a README that are shown. */
const README_BYTES = 64 * 1024;
const README = /^readme(?:\.md|\.txt|\.markdown)?$/i;
/** Rows that are formatted at a time: less than a millisecond's work. */
const ROWS = 256;

/** The options and limits of a listing. */
export interface ListingContext {
  /** The handler's options, with their defaults. */
  resolved: ResolvedShareOptions;
  /** Whether names that start with a dot are shown. */
  dotfiles: boolean;
  /** How long a listing is cached, in ms; 0 for one turn of the event loop. */
  freshFor: number;
  /** Most listings of large directories at once. */
  maxListings: number;
  /** Opens a file under the rules that hold for requests. */
  open(path: string): ReadyFile | undefined;
}

interface KeptListing {
  bytes: Uint8Array<ArrayBuffer>;
  /** When the directory was modified. */
  mtime: number;
  /** When it was read, for `Freshness`. */
  checked: number;
}

interface KeptListings {
  freshness: Freshness;
  pages: Map<string, KeptListing>;
  /** Listings of large directories, which are kept while they are sent. */
  shared?: SharedPages;
}

type Sharing = typeof import("./shared_page.ts");

let sharing: Sharing | undefined;
let loading: Promise<Sharing> | undefined;

/** Loads the module with the first large listing: `node:zlib` takes 40 ms. */
function loadSharing(): Promise<Sharing> {
  return loading ??= import("./shared_page.ts")
    .then((loaded) => sharing = loaded);
}

const kept = new WeakMap<ResolvedShareOptions, KeptListings>();
let keptBytes = 0;

/**
 * Sends a listing.
 *
 * @param request The request.
 * @param path The directory, from `translatePath()`.
 * @param context See {@linkcode ListingContext}.
 * @returns The body to send; `null` if it has been sent.
 */
export function sendListing(
  request: ShareRequest,
  path: string,
  context: ListingContext,
): Uint8Array | null | Promise<Uint8Array | null> {
  const { resolved } = context;
  const target = splitTarget(request.path);
  const query = new URLSearchParams(target.query);
  const type = FORMATS.get(query.get("format") ?? "") ??
    preferredType(request.field("accept"), LISTING_TYPES);
  const view: View = {
    names: collapsePath(unquotePath(target.path)),
    title: resolved.title,
    sort: sortOf(query.get("sort")),
    descending: query.get("order") === "desc",
    uploads: resolved.uploads?.accepts(request, path) ?? false,
    archives: resolved.archives,
  };
  const source: EntrySource = {
    servedDirectory: request.servedDirectory,
    path: path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path,
    dotfiles: context.dotfiles,
  };
  const coding = resolved.compression
    ? preferredCoding(request.field("accept-encoding"), LIVE_CODINGS)
    : undefined;
  const job: Job = { request, type, view, source, context, coding };
  try {
    const info = Deno.statSync(source.path);
    if (info.size > SMALL_DIRECTORY_BYTES) return sendLarge(job);
    const bytes = smallListing(job, info.mtime?.getTime() ?? 0);
    return sendWhole(job, bytes);
  } catch {
    return sendListingError(request);
  }
}

interface Job {
  request: ShareRequest;
  type: ListingType;
  view: View;
  source: EntrySource;
  context: ListingContext;
  coding: LiveCoding | undefined;
}

function sortOf(value: string | null): SortBy {
  return value === "size" || value === "date" ? value : "name";
}

function smallListing(job: Job, mtime: number): Uint8Array<ArrayBuffer> {
  const { type, view, source, context } = job;
  const key = keyOf(job);
  const { freshness, pages } = keptFor(context);
  const before = pages.get(key);
  // The directory's time changes with names, but not with sizes.
  if (before?.mtime === mtime && freshness.isValid(before.checked)) {
    return before.bytes;
  }
  const checked = freshness.mark();
  const writer = listingWriter(type, view);
  const entries = readEntries(source)
    .sort(entryOrder(view.sort, view.descending));
  logUnreadableNames(job.request, source.path, entries);
  const text = writer.head() + writer.rows(entries) +
    writer.tail(findReadme(entries, job));
  const bytes = new TextEncoder().encode(text);
  keptBytes += bytes.length - (before?.bytes.length ?? 0);
  if (keptBytes > KEPT_BYTES) {
    pages.clear();
    keptBytes = bytes.length;
  }
  // A second change within the resolution of the time would go unnoticed.
  const settled = Date.now() - mtime > TIME_STEP_MS;
  pages.set(key, { bytes, mtime: settled ? mtime : -1, checked });
  return bytes;
}

function keyOf({ type, view, source }: Job): string {
  return [type, view.sort, view.descending, view.uploads, source.path]
    .join("\n");
}

function keptFor({ resolved, freshFor }: ListingContext): KeptListings {
  let listings = kept.get(resolved);
  if (listings === undefined) {
    listings = {
      freshness: new Freshness(freshFor),
      pages: new Map(),
    };
    kept.set(resolved, listings);
  }
  return listings;
}

function sendWhole(
  job: Job,
  bytes: Uint8Array<ArrayBuffer>,
): Uint8Array | Promise<Uint8Array> {
  const { request, coding } = job;
  if (coding === undefined || bytes.length < MIN_COMPRESSED_BYTES) {
    return finish(bytes);
  }
  const result = compress(bytes, coding);
  return result instanceof Promise ? result.then(finish) : finish(result);

  function finish(body: Uint8Array): Uint8Array {
    sendListingHead(job, body === bytes ? undefined : coding);
    request.sendHeader("Content-Length", body.length);
    request.endHeaders();
    return body;
  }
}

function sendListingHead(
  { request, type, view, context }: Job,
  coding: LiveCoding | undefined,
): void {
  request.sendResponse(200);
  request.sendHeader("Content-Type", `${type}; charset=utf-8`);
  if (context.resolved.cacheControl !== undefined) {
    request.sendHeader("Cache-Control", "no-cache");
  }
  request.sendHeader("Vary", "Accept, Accept-Encoding");
  if (coding !== undefined) request.sendHeader("Content-Encoding", coding);
  if (type === "text/html") {
    const policy = view.uploads ? UPLOADING_POLICY : LISTING_POLICY;
    request.sendHeader("Content-Security-Policy", policy);
    request.sendHeader("Referrer-Policy", "same-origin");
  }
}

async function sendLarge(job: Job): Promise<null> {
  const { request, source, context, coding } = job;
  const open = (): BodyStream => {
    sendListingHead(job, coding);
    return request.endHeadersOfStream();
  };
  if (request.command === "HEAD") {
    try {
      await openDirectory(source);
    } catch {
      return sendListingError(request);
    }
    open();
    return null;
  }
  const key = `${coding}\n${keyOf(job)}`;
  const maker: PageMaker = {
    coding,
    begin: async () => {
      const reading = await openDirectory(source);
      return (add) => makeLarge(job, reading, add);
    },
  };
  const { SharedPages } = sharing ?? await loadSharing();
  const shared = keptFor(context).shared ??= new SharedPages();
  const sent = await shared.send(key, context.maxListings, maker, open);
  if (sent === "busy") request.sendBusy("Too many large listings at once");
  return sent === "none" ? sendListingError(request) : null;
}

async function makeLarge(
  job: Job,
  found: OpenedDirectory,
  add: AddText,
): Promise<void> {
  const { type, view, source } = job;
  const writer = listingWriter(type, view);
  await add(writer.head());
  const entries = await sortInSlices(
    await readEntriesInSlices(found, source),
    entryOrder(view.sort, view.descending),
  );
  using slices = new TimeSlices();
  for (let i = 0; i < entries.length; i += ROWS) {
    await add(writer.rows(entries.slice(i, i + ROWS)));
    if (slices.over) await slices.pause();
  }
  await add(writer.tail(findReadme(entries, job)));
}

function sendListingError(request: ShareRequest): null {
  request.sendError(404, "No permission to list directory");
  return null;
}

/**
 * Reads the README of a directory for its page. If uploads must not affect
 * other names, and there are several READMEs, none is shown.
 */
function findReadme(
  entries: readonly ShareEntry[],
  { type, view, source, context }: Job,
): Readme | undefined {
  if (type !== "text/html") return undefined;
  const [entry, another] = entries.filter(({ name, kind }) =>
    kind === "file" && README.test(name)
  );
  if (entry === undefined) return undefined;
  const isUntrusted = view.uploads &&
    context.resolved.uploads?.overwrites !== true;
  if (isUntrusted && another !== undefined) return undefined;
  const at = source.path === "/" ? "" : source.path;
  const file = context.open(`${at}/${entry.name}`);
  if (file === undefined) return undefined;
  try {
    const bytes = "file" in file ? readStart(file.file) : file.bytes;
    const text = new TextDecoder().decode(bytes.subarray(0, README_BYTES));
    return { name: entry.name, text, cut: file.info.size > README_BYTES };
  } catch {
    return undefined;
  } finally {
    closeFile(file);
  }
}

function readStart(file: OpenFile): Uint8Array {
  const bytes = new Uint8Array(README_BYTES);
  return bytes.subarray(0, file.readSync(bytes) ?? 0);
}
