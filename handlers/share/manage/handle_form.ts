// Copyright 2026 the pystd authors. MIT license.

/**
 * Serves the listing's form, `POST FOLDER/?manage`. Its fields:
 *
 *     do=delete|move|copy|size   what to do
 *     item=NAME                  with what, as in a URL; repeated
 *     to=PATH                    the place of a move or copy
 *     sure                       whether the reader has seen the page that asks
 *
 * Without `sure` and `to`, the answer is a page that says what the items are,
 * and asks. With them, each item becomes a request of its own, for the features.
 *
 * @module
 */

import { markFilesChanged } from "../../../files/freshness.ts";
import type { MaybePromise } from "../../../files/maybe_promise.ts";
import type { Located } from "../../../files/served_directory.ts";
import { quote, unquotePath } from "../../../protocol/percent_encoding.ts";
import { collapsePath, splitTarget } from "../../../protocol/request_target.ts";
import { isCrossSite } from "../cross_site.ts";
import type { RequestFeature } from "../features.ts";
import { readChoice, viewQuery } from "../listing/query.ts";
import { sendPageFields } from "../listing/send_page.ts";
import type { ShareRequest } from "../request.ts";
import {
  type Action,
  askPage,
  failurePage,
  FORM_POLICY,
  type FormView,
  type ItemSize,
} from "./form_pages.ts";
import { SubRequest } from "./sub_request.ts";

/** Largest form: some ten thousand names. */
const MAX_FORM_BYTES = 1024 * 1024;
/** Longest count of the files in folders, in ms. */
const MAX_COUNT_TIME = 2000;
const ACTIONS: readonly string[] = ["delete", "move", "copy", "size"];

/**
 * Serves a form.
 *
 * @param request The request.
 * @param features The features that serve its items.
 * @param title Name of the root.
 * @returns True: the request has been answered.
 * @throws {Error} If the client disconnects.
 */
export async function handleForm(
  request: ShareRequest,
  features: readonly RequestFeature[],
  title: string,
): Promise<true> {
  // Another origin may upload with CORS, but not by a form of ours.
  if (isCrossSite(request, [])) {
    request.sendError(403, "Forms of other sites are not allowed");
    return true;
  }
  const fields = await readForm(request);
  const action = fields?.get("do") ?? "";
  if (fields === undefined || !ACTIONS.includes(action)) {
    request.sendError(400, "Bad form");
    return true;
  }
  const { path, query } = splitTarget(request.path);
  const names = collapsePath(unquotePath(path));
  const items = fields.getAll("item").map(unquotePath);
  if (!items.every(isName)) {
    request.sendError(400, "Bad name");
    return true;
  }
  if (items.length === 0 && action !== "size") {
    request.sendError(400, "Nothing is selected");
    return true;
  }
  const choice = readChoice(new URLSearchParams(query));
  const view: FormView = {
    action: action as Action,
    title,
    names,
    items,
    back: viewQuery(choice),
  };
  const to = fields.get("to") ?? "";
  const isComplete = action === "delete" ? fields.has("sure") : to !== "";
  if (action === "size" || !isComplete) {
    await sendQuestion(request, view);
    return true;
  }
  const failed = await runItems(request, features, view, to);
  if (failed.length === 0) {
    request.sendResponse(303);
    const back = view.back.replaceAll("&amp;", "&");
    request.sendHeader("Location", `./${back}`);
    request.sendHeader("Content-Length", 0);
    request.endHeaders();
  } else sendPage(request, failed[0].status, failurePage(view, failed));
  return true;
}

async function readForm(
  request: ShareRequest,
): Promise<URLSearchParams | undefined> {
  const type = request.field("content-type") ?? "";
  if (!type.startsWith("application/x-www-form-urlencoded")) return undefined;
  request.sendContinue();
  const bytes = await request.rfile.read(MAX_FORM_BYTES + 1);
  if (bytes.length > MAX_FORM_BYTES) return undefined;
  await request.rfile.drain(0);
  return new URLSearchParams(new TextDecoder().decode(bytes));
}

function isName(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && !name.includes("/");
}

/** An item that could not be changed. */
export interface FailedItem {
  /** Its name. */
  readonly name: string;
  /** The status of its request. */
  readonly status: number;
  /** The reason. */
  readonly message: string;
}

async function runItems(
  request: ShareRequest,
  features: readonly RequestFeature[],
  { action, names, items }: FormView,
  to: string,
): Promise<FailedItem[]> {
  const failed: FailedItem[] = [];
  for (const name of items) {
    const fields: Record<string, string> = {};
    if (action !== "delete") {
      fields.destination = await destinationOf(
        request,
        names,
        items,
        name,
        to,
      );
      fields.overwrite = "F";
    }
    const sub = new SubRequest(request, {
      command: action.toUpperCase(),
      path: pathOf([...names, name]),
      fields,
    });
    const { status, message } = await sub.run(features);
    const isDone = status < 300 && status !== 207;
    if (!isDone) failed.push({ name, status: errorStatus(status), message });
  }
  markFilesChanged();
  return failed;
}

/** Returns the status of the form's response. */
function errorStatus(status: number): number {
  return status < 400 ? 409 : status;
}

/** Items go into a folder that exists; one item may get a new name. */
async function destinationOf(
  request: ShareRequest,
  names: readonly string[],
  items: readonly string[],
  name: string,
  to: string,
): Promise<string> {
  const path = to.startsWith("/")
    ? collapsePath(to)
    : collapsePath(`${names.join("/")}/${to}`);
  const isFolder = items.length > 1 || to.endsWith("/") ||
    (await locate(request, pathOf(path))).kind === "directory";
  return request.prefix + pathOf(isFolder ? [...path, name] : path);
}

function locate(request: ShareRequest, path: string): MaybePromise<Located> {
  return request.files.locate(request.translatePath(path));
}

function pathOf(names: readonly string[]): string {
  return quote(`/${names.join("/")}`);
}

async function sendQuestion(
  request: ShareRequest,
  view: FormView,
): Promise<void> {
  const sizes: ItemSize[] = [];
  const latest = Date.now() + MAX_COUNT_TIME;
  const items = view.items.length === 0 ? [""] : view.items;
  for (const name of items) {
    sizes.push(await sizeOf(request, view.names, name, latest));
  }
  sendPage(request, 200, askPage(view, sizes));
}

/** Counts what an item contains; the empty name is the folder itself. */
async function sizeOf(
  request: ShareRequest,
  names: readonly string[],
  name: string,
  latest: number,
): Promise<ItemSize> {
  const path = pathOf(name === "" ? names : [...names, name]);
  const found = await locate(request, path);
  const size: ItemSize = {
    name,
    kind: found.kind,
    folders: 0,
    files: 0,
    bytes: found.kind === "file" ? found.info.size : 0,
    whole: true,
  };
  if (found.kind !== "directory") return size;
  const entries = request.files.walk(found, { skipsFolderLinks: true });
  for await (const { found: { kind, info } } of entries) {
    if (kind === "directory") size.folders++;
    else {
      size.files++;
      size.bytes += info.size;
    }
    if (Date.now() < latest) continue;
    size.whole = false;
    break;
  }
  return size;
}

function sendPage(request: ShareRequest, status: number, page: string): void {
  const bytes = new TextEncoder().encode(page);
  request.sendResponse(status);
  request.sendHeader("Content-Type", "text/html; charset=utf-8");
  request.sendHeader("Cache-Control", "no-store");
  sendPageFields(request, FORM_POLICY);
  request.sendHeader("Content-Length", bytes.length);
  request.endHeaders();
  request.wfile.write(bytes);
}
