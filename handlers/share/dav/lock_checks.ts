// Copyright 2026 the pystd authors. MIT license.

/**
 * Checks of requests that write: the conditions of `If`, and locks (RFC 4918
 * sections 7 and 10.4).
 *
 * @module
 */

import { type IfList, parseIf } from "../../../protocol/dav/if_header.ts";
import { parseDestination } from "../../../protocol/dav/destination.ts";
import { strongMatch } from "../../../protocol/etag.ts";
import { RequestError } from "../../../protocol/request_error.ts";
import { etagOf } from "../../simple/file_headers.ts";
import type { ShareRequest } from "../request.ts";
import type { UploadTarget } from "../upload/target.ts";
import type { Locks } from "./locks.ts";
import {
  type Resource,
  resourceAt,
  type WritablePlace,
  writablePlace,
} from "./resource.ts";
import { locked } from "./responses.ts";

/** What the checks need to know. */
export interface LockContext {
  /** The locks. */
  readonly locks: Locks;
  /** Where uploads go. */
  readonly target: UploadTarget;
}

/**
 * Evaluates `If`.
 *
 * @param request The request.
 * @param context See {@linkcode LockContext}.
 * @returns The lock tokens that the client submits.
 * @throws {RequestError} 412 if it does not hold, 400 if it is malformed.
 */
export function submittedTokens(
  request: ShareRequest,
  context: LockContext,
): Set<string> {
  const value = request.field("if");
  const tokens = new Set<string>();
  if (value === undefined) return tokens;
  const lists = parseIf(value);
  for (const { conditions } of lists) {
    for (const { kind, not, value } of conditions) {
      if (kind === "token" && !not) tokens.add(value);
    }
  }
  if (!lists.some((list) => holds(list, request, context))) {
    throw new RequestError(412, "Precondition Failed");
  }
  return tokens;
}

function holds(
  { resource, conditions }: IfList,
  request: ShareRequest,
  context: LockContext,
): boolean {
  let target = request.path;
  try {
    if (resource !== undefined) {
      const { prefix } = request;
      target = parseDestination(resource, request.field("host"), prefix);
    }
  } catch {
    return false; // it is not on this server
  }
  const found = resourceAt(request, target);
  const tokens = coveringTokens(found, context);
  const info = found.found?.kind === "file" ? found.found.info : undefined;
  const etag = info && etagOf(info);
  return conditions.every(({ kind, not, value }) => {
    const matches = kind === "token"
      ? tokens.has(value)
      : etag !== undefined && strongMatch(value, etag);
    return matches !== not;
  });
}

function coveringTokens(
  resource: Resource,
  { locks, target }: LockContext,
): Set<string> {
  try {
    const { path } = writablePlace(target, resource);
    return new Set(locks.covering(path).map(({ token }) => token));
  } catch (error) {
    if (error instanceof RequestError) return new Set();
    throw error;
  }
}

/**
 * Checks that no lock prevents a request.
 *
 * @param request The request.
 * @param context See {@linkcode LockContext}.
 * @throws {RequestError} 423 if a resource is locked and its token was not
 * submitted, 412 if `If` does not hold.
 */
export function checkLocks(request: ShareRequest, context: LockContext): void {
  const tokens = submittedTokens(request, context);
  const resource = resourceAt(request);
  switch (request.command) {
    case "PROPPATCH":
      return checkResource(resource, request, context, tokens, {});
    case "PUT":
    case "MKCOL":
      return checkResource(resource, request, context, tokens, {
        isMember: resource.found === undefined,
      });
    case "POST":
      return checkResource(resource, request, context, tokens, { all: true });
    case "DELETE":
    case "MOVE":
      checkResource(resource, request, context, tokens, {
        isMember: true,
        all: true,
      });
  }
  if (request.command !== "MOVE" && request.command !== "COPY") return;
  const destination = destinationOf(request);
  if (destination === undefined) return;
  checkResource(destination, request, context, tokens, {
    isMember: destination.found === undefined,
    all: true,
  });
}

/** Returns the destination; `undefined` if another feature will refuse it. */
function destinationOf(request: ShareRequest): Resource | undefined {
  try {
    const value = request.field("destination");
    const host = request.field("host");
    const target = parseDestination(value, host, request.prefix);
    return resourceAt(request, target);
  } catch (error) {
    if (error instanceof RequestError) return undefined;
    throw error;
  }
}

/** What a request changes beside the resource itself. */
interface Extent {
  /** Whether it adds or removes a member of the folder. */
  readonly isMember?: boolean;
  /** Whether it changes everything below. */
  readonly all?: boolean;
}

function checkResource(
  resource: Resource,
  request: ShareRequest,
  { locks, target }: LockContext,
  tokens: ReadonlySet<string>,
  { isMember, all }: Extent,
): void {
  const { path, folder } = existingPlace(target, resource);
  if (path === undefined) return; // another feature refuses the request
  const check = (path: string): void => checkPath(path, request, locks, tokens);
  check(path);
  if (isMember && folder !== undefined) check(folder);
  if (!all) return;
  const root = target.folder.root() ?? "";
  for (const lock of locks.below(path)) {
    // The answer would show a path that the user may not see.
    const below = lock.path.slice(root.length);
    if (request.access?.mayRead(below) !== false) check(lock.path);
  }
}

/**
 * Finds the place of a resource. If its folder is missing, a request may create
 * that, too: then it is the place of the next folder above.
 */
function existingPlace(
  target: UploadTarget,
  resource: Resource,
): Partial<WritablePlace> {
  const { names } = resource;
  try {
    return writablePlace(target, resource);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
  }
  for (let length = names.length - 1; length >= 0; length--) {
    try {
      return { path: target.folder.find(names.slice(0, length)) };
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
    }
  }
  return {};
}

/**
 * Checks that no lock on a path prevents a request. A token is of use only to the
 * user who created the lock.
 *
 * @param path The path.
 * @param request The request.
 * @param locks The locks.
 * @param tokens The lock tokens that the client submits.
 * @throws {RequestError} 423 if none of the locks on the path was submitted.
 */
export function checkPath(
  path: string,
  request: ShareRequest,
  locks: Locks,
  tokens: ReadonlySet<string>,
): void {
  const covering = locks.covering(path);
  const isFree = covering.length === 0 ||
    covering.some(({ token, user }) =>
      tokens.has(token) && user === request.user
    );
  if (!isFree) throw locked(covering[0].href);
}
