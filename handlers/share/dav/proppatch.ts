// Copyright 2026 the pystd authors. MIT license.

/**
 * PROPPATCH (RFC 4918 section 9.2): sets and removes dead properties. All changes
 * are made, or none. Live properties are protected.
 *
 * @module
 */

import {
  escapeXml,
  MULTISTATUS_END,
  MULTISTATUS_START,
  statusElement,
} from "../../../protocol/dav/multistatus.ts";
import { RequestError } from "../../../protocol/request_error.ts";
import type { ShareRequest } from "../request.ts";
import {
  type DeadProperties,
  type DeadProperty,
  keyOf,
} from "./dead_properties.ts";
import { isProtected } from "./live_properties.ts";
import { checkLocks, type LockContext } from "./lock_checks.ts";
import { emptyElement, propstat } from "./propfind.ts";
import { resourceAt, writablePlace } from "./resource.ts";
import { sendXml } from "./responses.ts";
import {
  child,
  isDav,
  readXml,
  standalone,
  type XmlElement,
  type XmlLimits,
} from "./xml.ts";

/** What PROPPATCH needs to know. */
export interface ProppatchContext extends LockContext {
  /** Limits of the XML of requests. */
  readonly limits: XmlLimits;
  /** The dead properties. */
  readonly dead: DeadProperties;
}

/** A change, in the order of the request. */
interface Change {
  readonly isSet: boolean;
  readonly element: XmlElement;
}

/**
 * Serves PROPPATCH.
 *
 * @param request The request.
 * @param context See {@linkcode ProppatchContext}.
 * @throws {RequestError} If it is refused.
 * @throws {Error} If the client disconnects.
 */
export async function proppatch(
  request: ShareRequest,
  context: ProppatchContext,
): Promise<void> {
  request.sendContinue();
  const changes = changesOf(await readXml(request.rfile, context.limits));
  const resource = resourceAt(request);
  const { found, href } = resource;
  if (found === undefined) throw new RequestError(404, "File not found");
  writablePlace(context.target, resource);
  checkLocks(request, context);
  const refused = changes.filter(({ element }) =>
    isProtected(element.uri, element.local)
  );
  const status = refused.length > 0
    ? 424
    : apply(context.dead, found.path, changes)
    ? 200
    : 507;
  const elements = (changes: readonly Change[]): string =>
    [...new Set(changes.map(({ element }) => emptyElement(element)))].join("");
  const others = changes.filter((change) => !refused.includes(change));
  const body = `${MULTISTATUS_START}<D:response>` +
    `<D:href>${escapeXml(href)}</D:href>` +
    (refused.length === 0 ? "" : protectedStat(elements(refused))) +
    (others.length === 0 ? "" : propstat(elements(others), status)) +
    `</D:response>\n${MULTISTATUS_END}`;
  sendXml(request, 207, body);
}

function changesOf(body: XmlElement | undefined): Change[] {
  if (body === undefined || !isDav(body, "propertyupdate")) {
    throw new RequestError(400, "Bad propertyupdate");
  }
  const changes = body.elements.flatMap((action): Change[] => {
    const isSet = isDav(action, "set");
    if (!isSet && !isDav(action, "remove")) return [];
    return child(action, "prop")?.elements
      .map((element) => ({ isSet, element })) ?? [];
  });
  if (changes.length > 0) return changes;
  throw new RequestError(400, "Bad propertyupdate");
}

function apply(
  dead: DeadProperties,
  path: string,
  changes: readonly Change[],
): boolean {
  const properties = new Map<string, DeadProperty>(dead.of(path));
  for (const { isSet, element } of changes) {
    const { uri, local } = element;
    if (isSet) {
      properties.set(keyOf(element), { uri, local, xml: standalone(element) });
    } else properties.delete(keyOf(element));
  }
  return dead.set(path, properties);
}

function protectedStat(properties: string): string {
  return `<D:propstat><D:prop>${properties}</D:prop>${statusElement(403)}` +
    "<D:error><D:cannot-modify-protected-property/></D:error></D:propstat>";
}
