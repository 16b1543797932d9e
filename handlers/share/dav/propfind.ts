// Copyright 2026 the pystd authors. MIT license.

/**
 * PROPFIND (RFC 4918 section 9.1): the properties of a resource, or of a folder and
 * its members. The response is sent while the members are looked up, in time
 * slices. An infinite depth is refused.
 *
 * @module
 */

import {
  listLargeDirectory,
  listSmallDirectory,
} from "../../../files/list_directory.ts";
import { withListingLock } from "../../../files/listing_lock.ts";
import type {
  Found,
  ServedDirectory,
} from "../../../files/served_directory.ts";
import type { MaybePromise } from "../../../files/maybe_promise.ts";
import { TimeSlices } from "../../../files/time_slices.ts";
import { parseDepth } from "../../../protocol/dav/destination.ts";
import {
  escapeXml,
  MULTISTATUS_END,
  MULTISTATUS_START,
  statusElement,
  XML_TYPE,
} from "../../../protocol/dav/multistatus.ts";
import { quote } from "../../../protocol/percent_encoding.ts";
import { RequestError } from "../../../protocol/request_error.ts";
import { isTemporaryName } from "../../../protocol/upload_name.ts";
import type { ShareRequest } from "../request.ts";
import { type DeadProperties, keyOf } from "./dead_properties.ts";
import { LIVE_NAMES, liveProperty } from "./live_properties.ts";
import type { Locks } from "./locks.ts";
import { resourceAt } from "./resource.ts";
import { ConditionError } from "./responses.ts";
import {
  child,
  isDav,
  readXml,
  type XmlElement,
  type XmlLimits,
} from "./xml.ts";

/** Characters to collect before a write, and before a check of the folder. */
const PIECE = 64 * 1024;
/** Most properties in a request: each is looked for in each member. */
const MAX_PROPERTIES = 256;
/** Most characters of their names: each member repeats them. */
const MAX_NAMES = 16 * 1024;

/** What PROPFIND needs to know. */
export interface PropfindContext {
  /** Limits of the XML of requests. */
  readonly limits: XmlLimits;
  /** The dead properties. */
  readonly dead: DeadProperties;
  /** The locks; `undefined` if nothing can be written. */
  readonly locks: Locks | undefined;
}

/** The properties that a client asks for. */
interface Wanted {
  readonly kind: "prop" | "allprop" | "propname";
  readonly names: readonly Pick<XmlElement, "uri" | "local">[];
}

/**
 * Serves PROPFIND.
 *
 * @param request The request.
 * @param context See {@linkcode PropfindContext}.
 * @throws {RequestError} If it is refused.
 * @throws {Error} If the client disconnects.
 */
export async function propfind(
  request: ShareRequest,
  context: PropfindContext,
): Promise<void> {
  const depth = parseDepth(request.field("depth"), [0, 1, "infinity"]);
  request.sendContinue();
  const wanted = wantedProperties(await readXml(request.rfile, context.limits));
  const { found, href } = resourceAt(request);
  if (found === undefined) throw new RequestError(404, "File not found");
  if (depth === "infinity" && found.kind === "directory") {
    throw new ConditionError(
      403,
      "Only Depth 0 and 1 are allowed",
      "<D:propfind-finite-depth/>",
    );
  }
  const names = depth === 0 || found.kind === "file"
    ? []
    : await namesIn(request, found);
  request.sendResponse(207);
  request.sendHeader("Content-Type", XML_TYPE);
  const stream = request.endHeadersOfStream();
  using slices = new TimeSlices();
  let text = MULTISTATUS_START +
    responseOf(context, wanted, found, href, await typeOf(request, found));
  const { servedDirectory } = request;
  const folder = href.endsWith("/") ? href : `${href}/`;
  let members: { name: string }[] = [];
  let start = Date.now();
  for (const name of names) {
    if (slices.over) await slices.pause();
    const member = servedDirectory.locateEntry(found, name);
    if (member.kind === "missing") continue;
    const at = folder + quote(name) + (member.kind === "directory" ? "/" : "");
    const type = await typeOf(request, member);
    text += responseOf(context, wanted, member, at, type);
    members.push({ name });
    if (text.length < PIECE) continue;
    confirm(servedDirectory, found, start, members);
    await stream.write(text);
    [text, members, start] = ["", [], Date.now()];
  }
  confirm(servedDirectory, found, start, members);
  await stream.write(text + MULTISTATUS_END);
  await stream.end();
}

/** Checks that no link has replaced the folder while its members were found. */
function confirm(
  servedDirectory: ServedDirectory,
  folder: Found,
  start: number,
  members: readonly { name: string }[],
): void {
  if (members.length === 0) return;
  if (servedDirectory.confirms(folder, start, members)) return;
  throw new Deno.errors.NotFound("Cannot list the folder: it has changed");
}

function wantedProperties(body: XmlElement | undefined): Wanted {
  if (body === undefined) return { kind: "allprop", names: [] };
  if (!isDav(body, "propfind")) throw new RequestError(400, "Bad propfind");
  const prop = child(body, "prop");
  const included = child(body, "include")?.elements ?? [];
  const [kind, names]: [Wanted["kind"] | undefined, XmlElement[]] =
    prop !== undefined
      ? ["prop", prop.elements]
      : child(body, "propname") !== undefined
      ? ["propname", []]
      : child(body, "allprop") !== undefined
      ? ["allprop", included]
      : [undefined, []];
  const length = names.reduce(
    (sum, { uri, local }) => sum + uri.length + local.length,
    0,
  );
  if (
    kind === undefined || names.length > MAX_PROPERTIES || length > MAX_NAMES
  ) {
    throw new RequestError(400, "Bad propfind");
  }
  return { kind, names };
}

/** The names of the members of a folder. */
async function namesIn(
  { servedDirectory }: ShareRequest,
  { path }: Found,
): Promise<string[]> {
  const listed = listSmallDirectory(servedDirectory, path) ??
    await withListingLock(() =>
      listLargeDirectory(servedDirectory, path, ({ name }) => ({ name }))
    );
  return listed.map(({ name }) => name)
    .filter((name) => !isTemporaryName(name));
}

/** Returns the media type of a file, "" for a folder. */
function typeOf(request: ShareRequest, found: Found): MaybePromise<string> {
  return found.kind === "file" ? request.guessType(found.path) : "";
}

/** Returns the element `response` of a resource. */
function responseOf(
  { dead, locks }: PropfindContext,
  { kind, names }: Wanted,
  found: Found,
  href: string,
  type: string,
): string {
  const source = {
    found,
    type,
    locks: locks?.covering(found.path),
  };
  const own = dead.of(found.path);
  const isName = kind === "propname";
  let has = "";
  let lacks = "";
  if (kind !== "prop") {
    for (const name of LIVE_NAMES) {
      const element = liveProperty(name, source);
      if (element !== undefined) has += isName ? `<D:${name}/>` : element;
    }
    for (const property of own.values()) {
      has += isName ? emptyElement(property) : property.xml;
    }
  }
  for (const name of names) {
    const element = name.uri === "DAV:"
      ? liveProperty(name.local, source)
      : undefined;
    const value = element ?? own.get(keyOf(name))?.xml;
    if (value !== undefined) has += value;
    else lacks += emptyElement(name);
  }
  return `<D:response><D:href>${escapeXml(href)}</D:href>` +
    (has === "" && lacks !== "" ? "" : propstat(has, 200)) +
    (lacks === "" ? "" : propstat(lacks, 404)) +
    "</D:response>\n";
}

/**
 * Returns the element `propstat`.
 *
 * @param properties The elements of the properties.
 * @param status The status code.
 * @returns The element.
 */
export function propstat(properties: string, status: number): string {
  return `<D:propstat><D:prop>${properties}</D:prop>` +
    `${statusElement(status)}</D:propstat>`;
}

/**
 * Returns a property without its value.
 *
 * @param name The namespace and the name.
 * @returns The element.
 */
export function emptyElement(
  { uri, local }: Pick<XmlElement, "uri" | "local">,
): string {
  if (uri === "DAV:") return `<D:${local}/>`;
  return uri === "" ? `<${local}/>` : `<${local} xmlns="${escapeXml(uri)}"/>`;
}
