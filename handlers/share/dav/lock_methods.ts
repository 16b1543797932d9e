// Copyright 2026 the pystd authors. MIT license.

/**
 * LOCK and UNLOCK (RFC 4918 sections 9.10 and 9.11).
 *
 * @module
 */

import { markFilesChanged } from "../../../files/freshness.ts";
import { entryAt } from "../../../files/holding_folder.ts";
import { IncomingFile } from "../../../files/incoming.ts";
import { parseDepth } from "../../../protocol/dav/destination.ts";
import {
  parseIf,
  parseLockToken,
  parseTimeout,
} from "../../../protocol/dav/if_header.ts";
import { escapeXml, XML_START } from "../../../protocol/dav/multistatus.ts";
import { RequestError } from "../../../protocol/request_error.ts";
import type { ShareRequest } from "../request.ts";
import { sendShortResponse } from "../short_response.ts";
import { checkPath, type LockContext, submittedTokens } from "./lock_checks.ts";
import type { Lock, LockLimits } from "./locks.ts";
import { type Resource, resourceAt, writablePlace } from "./resource.ts";
import { ConditionError, sendXml } from "./responses.ts";
import {
  child,
  isDav,
  readXml,
  standalone,
  type XmlElement,
  type XmlLimits,
} from "./xml.ts";

/** Longest description of an owner, in characters. */
const MAX_OWNER = 4096;

/** What LOCK and UNLOCK need to know. */
export interface LockMethodContext extends LockContext {
  /** Limits of locks, and of the XML of requests. */
  readonly limits: LockLimits & XmlLimits;
  /** Whether uploads replace files. */
  readonly overwrites: boolean;
}

/**
 * Serves LOCK: creates or refreshes a lock.
 *
 * @param request The request.
 * @param context See {@linkcode LockMethodContext}.
 * @throws {RequestError} If it is refused.
 */
export async function lock(
  request: ShareRequest,
  context: LockMethodContext,
): Promise<void> {
  const { limits, target } = context;
  request.sendContinue();
  const body = await readXml(request.rfile, limits);
  const resource = resourceAt(request);
  const { path, folder } = writablePlace(target, resource);
  if (body === undefined) return refresh(request, context, path);
  const wanted = lockInfo(body);
  const isDeep = parseDepth(request.field("depth"), [0, "infinity"]) !== 0;
  const tokens = submittedTokens(request, context);
  checkConflicts(context, path, { ...wanted, isDeep });
  if (resource.found === undefined && folder !== undefined) {
    // The new name changes the folder.
    checkPath(folder, request, context.locks, tokens);
  }
  const created = context.locks.create({
    ...wanted,
    path,
    href: resource.href,
    isDeep,
    user: request.user,
    client: request.user ?? request.addressString(),
    lifetime: lifetimeOf(request, limits),
  }, limits);
  if (created === undefined) return request.sendBusy("Too many locks");
  let isNew = false;
  try {
    isNew = resource.found === undefined;
    if (isNew) await createEmpty(context, resource);
  } catch (error) {
    context.locks.remove(created);
    throw error;
  }
  const token: [string, string] = ["Lock-Token", `<${created.token}>`];
  sendXml(request, isNew ? 201 : 200, discovery([created]), [token]);
}

/**
 * Serves UNLOCK.
 *
 * @param request The request.
 * @param context See {@linkcode LockContext}.
 * @throws {RequestError} If it is refused.
 */
export function unlock(
  request: ShareRequest,
  { locks, target }: LockContext,
): void {
  const token = parseLockToken(request.field("lock-token"));
  const resource = resourceAt(request);
  const { path } = writablePlace(target, resource);
  const lock = locks.covering(path).find((lock) => lock.token === token);
  if (lock === undefined) {
    throw new ConditionError(
      409,
      "There is no such lock here",
      "<D:lock-token-matches-request-uri/>",
    );
  }
  if (lock.user !== request.user) {
    throw new RequestError(403, "The lock belongs to another user");
  }
  locks.remove(lock);
  sendShortResponse(request, 204, "");
}

/**
 * Returns the property `lockdiscovery` without its own tags.
 *
 * @param locks The locks.
 * @returns The elements.
 */
export function activeLocks(locks: readonly Lock[]): string {
  return locks.map((lock) => {
    const scope = lock.isExclusive ? "exclusive" : "shared";
    const left = Math.max(0, Math.round((lock.expires - Date.now()) / 1000));
    return "<D:activelock><D:locktype><D:write/></D:locktype>" +
      `<D:lockscope><D:${scope}/></D:lockscope>` +
      `<D:depth>${lock.isDeep ? "infinity" : 0}</D:depth>${lock.owner}` +
      `<D:timeout>Second-${left}</D:timeout>` +
      `<D:locktoken><D:href>${lock.token}</D:href></D:locktoken>` +
      `<D:lockroot><D:href>${escapeXml(lock.href)}</D:href></D:lockroot>` +
      "</D:activelock>";
  }).join("");
}

function discovery(locks: readonly Lock[]): string {
  return `${XML_START}<D:prop xmlns:D="DAV:"><D:lockdiscovery>` +
    `${activeLocks(locks)}</D:lockdiscovery></D:prop>\n`;
}

function refresh(
  request: ShareRequest,
  context: LockMethodContext,
  path: string,
): void {
  const { locks, limits } = context;
  const value = request.field("if");
  if (value === undefined) throw new RequestError(400, "The If is missing");
  const tokens = parseIf(value).flatMap(({ conditions }) =>
    conditions.map(({ value }) => value)
  );
  const lock = locks.covering(path).find(({ token }) => tokens.includes(token));
  if (lock === undefined || lock.user !== request.user) {
    throw new ConditionError(
      412,
      "Precondition Failed",
      "<D:lock-token-matches-request-uri/>",
    );
  }
  locks.refresh(lock, lifetimeOf(request, limits));
  sendXml(request, 200, discovery([lock]));
}

function lifetimeOf(
  request: ShareRequest,
  { maxLockTime }: LockLimits,
): number {
  const seconds = parseTimeout(request.field("timeout")) ?? Infinity;
  return Math.min(seconds * 1000, maxLockTime);
}

function lockInfo(
  body: XmlElement,
): Pick<Lock, "isExclusive" | "owner"> {
  const scope = child(body, "lockscope");
  const type = child(body, "locktype");
  if (
    !isDav(body, "lockinfo") || scope === undefined || type === undefined ||
    child(type, "write") === undefined
  ) throw new RequestError(400, "Bad lockinfo");
  const isExclusive = child(scope, "exclusive") !== undefined;
  if (!isExclusive && child(scope, "shared") === undefined) {
    throw new RequestError(400, "Bad lockscope");
  }
  const element = child(body, "owner");
  const owner = element === undefined ? "" : standalone(element);
  if (owner.length > MAX_OWNER) {
    throw new RequestError(400, "The owner of the lock is too long");
  }
  return { isExclusive, owner };
}

function checkConflicts(
  { locks }: LockContext,
  path: string,
  { isExclusive, isDeep }: Pick<Lock, "isExclusive" | "isDeep">,
): void {
  const others = [
    ...locks.covering(path),
    ...isDeep ? locks.below(path) : [],
  ];
  const other = others.find((lock) => isExclusive || lock.isExclusive);
  if (other === undefined) return;
  const element = "D:no-conflicting-lock";
  throw new ConditionError(
    423,
    "Locked",
    `<${element}><D:href>${escapeXml(other.href)}</D:href></${element}>`,
  );
}

/**
 * Creates the empty file that a lock of an unused name is on (section 7.3). If
 * uploads do not replace files, the name stays unused, so that it can be uploaded.
 */
async function createEmpty(
  { target, overwrites }: LockMethodContext,
  { names }: Resource,
): Promise<void> {
  const place = target.folder.place(names);
  const { folder, name, root } = place;
  // A link that leads out, for example.
  if (entryAt(place) !== undefined) throw new RequestError(403, "Forbidden");
  if (!overwrites) return;
  const file = IncomingFile.create(folder, { root, quota: target.quota });
  try {
    await file.commit(name);
  } finally {
    await file.discard();
    markFilesChanged();
  }
}
