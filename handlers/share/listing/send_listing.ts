// Copyright 2026 the pystd authors. MIT license.

/**
 * Sends the listing of a directory: a small one at once, a large one piece by
 * piece, with the first bytes before the directory has been read. Simultaneous
 * requests for the same large listing share it.
 *
 * A small listing is cached for `freshFor`; that of a directory only while the
 * modification time is the same.
 *
 * @module
 */

import { entryOrder, type ListingEntry } from "../../../files/entries.ts";
import type { FileStore, OpenedFolder } from "../../../files/file_store.ts";
import { type MaybePromise, whenReady } from "../../../files/maybe_promise.ts";
import { Freshness } from "../../../files/freshness.ts";
import { ISOLATES_REQUESTS } from "../../../files/isolated_requests.ts";
import { sortInSlices, TimeSlices } from "../../../files/time_slices.ts";
import type { BodyStream } from "../../../io/body_stream.ts";
import {
  preferredCoding,
  preferredType,
} from "../../../protocol/negotiation.ts";
import { unquotePath } from "../../../protocol/percent_encoding.ts";
import { RequestError } from "../../../protocol/request_error.ts";
import { collapsePath, splitTarget } from "../../../protocol/request_target.ts";
import type { ShareRequest } from "../request.ts";
import type { ReadyFile } from "../../simple.ts";
import { LIVE_CODINGS, type LiveCoding } from "../coding/codings.ts";
import {
  FORMATS,
  LISTING_TYPES,
  type ListingType,
  listingWriter,
} from "./formats.ts";
import type { ResolvedShareOptions } from "../options.ts";
import type { Layout } from "./layout.ts";
import type { Readme, View } from "./view.ts";
import { readChoice } from "./query.ts";
import { findReadme, readReadme } from "./readme.ts";
import { sendPage, sendPageFields } from "./send_page.ts";
import { TABLE } from "./table.ts";
import { openInTurn } from "./opening.ts";
import { loadQr } from "../qr/load_qr.ts";
import type { SearchLimits } from "../search/search_limits.ts";
import type { AddText, PageMaker, SharedPages } from "./shared_page.ts";
import { logUnreadableNames } from "./unreadable_names.ts";

/** Resolution of modification times, in ms, on common systems. */
const TIME_STEP_MS = 50;
/** Size of the cache of listings, in bytes. */
const KEPT_BYTES = 8 * 1024 * 1024;
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
  /** Limits of searches. */
  searches: SearchLimits;
  /** Opens a file under the rules that hold for requests. */
  open(path: string): MaybePromise<ReadyFile | undefined>;
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

type Grid = typeof import("./grid.ts");

let grid: Grid | undefined;
let loadingGrid: Promise<Grid> | undefined;

/** Loads the grid with the first request for one. */
function loadGrid(): Promise<Grid> {
  return loadingGrid ??= import("./grid.ts").then((loaded) => grid = loaded);
}

let loadingSearch:
  | Promise<typeof import("../search/send_search.ts")>
  | undefined;

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
  const words = query.get("search") ?? "";
  if (words.trim() !== "") return sendResults(request, path, context, words);
  if (query.get("qr") === "") {
    return loadQr().then(({ sendQr }) => sendQr(request));
  }
  const choice = readChoice(query);
  if (choice.grid && grid === undefined) {
    return loadGrid().then(() => sendListing(request, path, context));
  }
  const type = typeOf(request, query);
  const view: View = {
    names: collapsePath(unquotePath(target.path)),
    title: resolved.title,
    ...choice,
    ...rightsOf(request, path, resolved),
    links: resolved.links !== undefined && request.user !== undefined,
    archives: resolved.archives,
  };
  const folder: ListedFolder = {
    files: request.files,
    path: path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path,
    dotfiles: context.dotfiles,
  };
  const coding = resolved.compression
    ? preferredCoding(request.field("accept-encoding"), LIVE_CODINGS)
    : undefined;
  const layout = choice.grid ? grid!.GRID : TABLE;
  const job: Job = { request, type, view, layout, folder, context, coding };
  try {
    if (folder.files.servedDirectory === undefined) return sendStored(job);
    const { isLarge, mtime } = folder.files.folderState(folder.path);
    return isLarge
      ? sendLarge(job, () => beginLarge(job))
      : whenReady(smallListing(job, mtime ?? 0), (bytes) =>
        sendWhole(job, bytes));
  } catch {
    return sendListingError(request);
  }
}

/** What the reader may do, or could after signing in. */
function rightsOf(
  request: ShareRequest,
  path: string,
  { uploads, auth, rights, manages }: ResolvedShareOptions,
): Pick<View, "uploads" | "signIn" | "manages" | "freeBytes"> {
  const accepts = uploads?.accepts(request, path) ?? false;
  const below = realPathBelow(request, path);
  const { access } = request;
  const mayWrite = access === undefined
    ? auth?.mayWrite?.(request) ?? true
    : access.mayWrite(below);
  const mayManage = access?.may("manage", below) ?? mayWrite;
  const isStranger = access !== undefined && auth?.challenge !== undefined &&
    access === rights?.accessOf(undefined);
  return {
    uploads: accepts && mayWrite,
    signIn: isStranger
      ? "Sign in"
      : accepts && !mayWrite && access === undefined
      ? "Sign in to add files"
      : "",
    manages: accepts && mayManage && manages,
    freeBytes: accepts && mayManage && manages
      ? uploads?.freeBytes?.()
      : undefined,
  };
}

/** The path of a folder below the top, without links; "" if not needed. */
function realPathBelow({ access, files }: ShareRequest, path: string): string {
  if (access === undefined) return "";
  const located = files.servedDirectory?.locate(path);
  return located === undefined || located.kind === "missing"
    ? path.slice(files.path.length)
    : located.path.slice(located.root.length);
}

function typeOf(request: ShareRequest, query: URLSearchParams): ListingType {
  if (query.get("json") === "") return "application/json"; // as dufs has it
  return FORMATS.get(query.get("format") ?? "") ??
    preferredType(request.field("accept"), LISTING_TYPES);
}

/** Sends the results of a search; what it needs is loaded with the first. */
async function sendResults(
  request: ShareRequest,
  path: string,
  context: ListingContext,
  text: string,
): Promise<null> {
  const folder = await request.files.locate(path);
  if (folder.kind !== "directory") return sendListingError(request);
  const target = splitTarget(request.path);
  const { title, origin } = context.resolved;
  const { sendSearch } = await (loadingSearch ??= import(
    "../search/send_search.ts"
  ));
  return await sendSearch(request, folder, {
    limits: context.searches,
    text,
    title,
    names: collapsePath(unquotePath(target.path)),
    type: typeOf(request, new URLSearchParams(target.query)),
    origins: origin === undefined ? [] : [origin],
  });
}

/** The folder to list. */
interface ListedFolder {
  files: FileStore;
  /** Its path, without a slash at its end. */
  path: string;
  dotfiles: boolean;
}

interface Job {
  request: ShareRequest;
  type: ListingType;
  view: View;
  layout: Layout;
  folder: ListedFolder;
  context: ListingContext;
  coding: LiveCoding | undefined;
}

function smallListing(
  job: Job,
  mtime: number,
): MaybePromise<Uint8Array<ArrayBuffer>> {
  const { view, folder, context } = job;
  const key = keyOf(job);
  const { freshness, pages } = keptFor(context);
  const before = pages.get(key);
  // The directory's time changes with names, but not with sizes.
  if (before?.mtime === mtime && freshness.isValid(before.checked)) {
    return before.bytes;
  }
  const checked = freshness.mark();
  const entries = folder.files.readFolder(folder.path, folder.dotfiles)
    .sort(entryOrder(view.sort, view.descending));
  logUnreadableNames(job.request, folder.path, entries);
  const readme = readmeOf(entries, job);
  // A second change within the resolution of the time would go unnoticed.
  const settled = Date.now() - mtime > TIME_STEP_MS;
  const finish = (readme: Readme | undefined): Uint8Array<ArrayBuffer> => {
    const bytes = formatListing(job, entries, readme);
    keep(pages, key, { bytes, mtime: settled ? mtime : -1, checked });
    return bytes;
  };
  return whenReady(readme, finish);
}

function formatListing(
  { type, view, layout }: Job,
  entries: readonly ListingEntry[],
  readme: Readme | undefined,
): Uint8Array<ArrayBuffer> {
  const writer = listingWriter(type, view, layout);
  const text = writer.head() + writer.rows(entries) + writer.tail(readme);
  return new TextEncoder().encode(text);
}

function keep(
  pages: Map<string, KeptListing>,
  key: string,
  listing: KeptListing,
): void {
  const { length } = listing.bytes;
  keptBytes += length - (pages.get(key)?.bytes.length ?? 0);
  if (keptBytes > KEPT_BYTES) {
    pages.clear();
    keptBytes = length;
  }
  pages.set(key, listing);
}

function keyOf({ request, type, view, folder }: Job): string {
  const { sort, descending, grid, uploads, signIn, links } = view;
  // `join()` takes 0.5 µs more.
  const order = `${sort}\n${descending}\n${grid}`;
  const rights = `${uploads}\n${signIn}\n${links}\n${request.access?.key}`;
  return `${type}\n${order}\n${rights}\n${folder.path}`;
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
  const sendHead = (coding: LiveCoding | undefined): void =>
    sendListingHead(job, coding);
  return sendPage(job.request, bytes, job.coding, sendHead);
}

function sendListingHead(
  { request, type, view, layout, context }: Job,
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
    const { reading, uploading, managing } = layout.policies;
    const writing = view.manages ? managing : uploading;
    sendPageFields(request, view.uploads ? writing : reading);
  }
}

/** Begins to make a large listing: opens the folder, and reads it if it is stored. */
type Begin = PageMaker["begin"];

/** Requests for no more than the head of a large listing. */
let heads = 0;

async function sendLarge(job: Job, begin: Begin): Promise<null> {
  const { request, context, coding } = job;
  const open = (): BodyStream => {
    sendListingHead(job, coding);
    return request.endHeadersOfStream();
  };
  if (request.command === "HEAD") {
    if (heads >= context.maxListings && !ISOLATES_REQUESTS) {
      return sendBusy(request);
    }
    heads++;
    try {
      await begin();
    } catch (error) {
      return sendListingError(request, error);
    } finally {
      heads--;
    }
    open();
    return null;
  }
  const key = `${coding}\n${keyOf(job)}`;
  const { SharedPages } = sharing ?? await loadSharing();
  const shared = keptFor(context).shared ??= new SharedPages();
  const sent = await shared.send(
    key,
    context.maxListings,
    { coding, begin },
    open,
  );
  if (sent === "busy") return sendBusy(request);
  return typeof sent === "object"
    ? sendListingError(request, sent.failure)
    : null;
}

function sendBusy(request: ShareRequest): null {
  request.sendBusy("Too many large listings at once");
  return null;
}

/** Begins the listing of a directory; the head is sent before it is read. */
async function beginLarge(job: Job): ReturnType<Begin> {
  const folder = await openFolder(job);
  return (add) => makeLarge(job, add, () => readContent(job, folder));
}

/**
 * Begins the listing of a folder of a source. It is read before the head is sent,
 * since its source may fail, or have too many entries.
 */
async function beginStored(job: Job, folder: OpenedFolder): ReturnType<Begin> {
  const content = await readContent(job, folder);
  return (add) => makeLarge(job, add, () => content);
}

function openFolder({ folder }: Job): Promise<OpenedFolder> {
  return folder.files.openFolder(folder.path, folder.dotfiles);
}

/** Sends the listing of a folder of a source. */
async function sendStored(job: Job): Promise<Uint8Array | null> {
  const { request, context } = job;
  const key = keyOf(job);
  const { freshness, pages } = keptFor(context);
  const before = pages.get(key);
  if (before !== undefined && freshness.isValid(before.checked)) {
    return sendWhole(job, before.bytes);
  }
  let folder: OpenedFolder | undefined;
  try {
    const checked = freshness.mark();
    folder = await openInTurn(() => openFolder(job));
    if (folder?.isLarge === false) {
      const { entries, readme } = await readContent(job, folder);
      const bytes = formatListing(job, entries, readme);
      keep(pages, key, { bytes, mtime: 0, checked });
      return sendWhole(job, bytes);
    }
  } catch (error) {
    return sendListingError(request, error);
  }
  if (folder === undefined) {
    request.sendBusy("Too many listings at once");
    return null;
  }
  const opened = folder;
  return await sendLarge(job, () => beginStored(job, opened));
}

/** What a listing shows. */
interface Content {
  /** The entries, in order. */
  entries: readonly ListingEntry[];
  readme: Readme | undefined;
}

async function readContent(job: Job, folder: OpenedFolder): Promise<Content> {
  const { sort, descending } = job.view;
  const order = entryOrder(sort, descending);
  const entries = await sortInSlices(await folder.read(), order);
  return { entries, readme: await readmeOf(entries, job) };
}

async function makeLarge(
  { type, view, layout }: Job,
  add: AddText,
  read: () => MaybePromise<Content>,
): Promise<void> {
  const writer = listingWriter(type, view, layout);
  await add(writer.head());
  const { entries, readme } = await read();
  using slices = new TimeSlices();
  for (let i = 0; i < entries.length; i += ROWS) {
    await add(writer.rows(entries.slice(i, i + ROWS)));
    if (slices.over) await slices.pause();
  }
  await add(writer.tail(readme));
}

function sendListingError(request: ShareRequest, error?: unknown): null {
  if (error instanceof RequestError) throw error;
  request.sendError(404, "No permission to list directory");
  return null;
}

/**
 * Reads the README of a directory for its page. If uploads must not affect
 * other names, and there are several READMEs, none is shown.
 */
function readmeOf(
  entries: readonly ListingEntry[],
  { type, view, folder, context }: Job,
): MaybePromise<Readme | undefined> {
  if (type !== "text/html") return undefined;
  const isUntrusted = view.uploads &&
    context.resolved.uploads?.overwrites !== true;
  const entry = findReadme(entries, isUntrusted);
  if (entry === undefined) return undefined;
  const at = folder.path === "/" ? "" : folder.path;
  const root = "../".repeat(view.names.length) || "./";
  return whenReady(
    context.open(`${at}/${entry.name}`),
    (file) =>
      file === undefined ? undefined : readReadme(entry.name, file, root),
  );
}
