// Copyright 2026 the pystd authors. MIT license.

/**
 * Conditional requests (RFC 9110 section 13): one function for each
 * precondition, and one that puts them in the order of section 13.2.2.
 *
 * Dates are compared by the second, as `Last-Modified` has no more. A field
 * with an invalid date is ignored (sections 13.1.3 and 13.1.4), and so is an
 * empty one.
 *
 * @module
 */

import { parseHttpDate } from "./date.ts";
import { endOfEtag, listMatches, strongMatch, weakMatch } from "./etag.ts";

const SECOND = 1000;

/** What the server knows of the representation that it would send. */
export interface Validators {
  /** Its entity tag, as in the `ETag` field. */
  readonly etag?: string;
  /** Its time of modification, in milliseconds since the epoch. */
  readonly lastModified?: number;
  /** That time as in the `Last-Modified` field, where it is at hand. */
  readonly date?: string;
}

/**
 * Header fields by lower-case name, the values of repeated ones joined by
 * `", "`. The web's `Headers` are such.
 */
export interface FieldReader {
  /** The value of a field; `undefined` or `null` if there is none. */
  get(name: string): string | null | undefined;
}

/** The outcome of one precondition; what must be ignored is absent. */
export type Condition = "absent" | "holds" | "fails";

/** What to do with a request: what its method says, answer 304, or 412. */
export type PreconditionOutcome = "proceed" | "not-modified" | "failed";

/**
 * Evaluates `If-Match` (RFC 9110 section 13.1.1): `*` holds for whatever
 * exists, a list by strong comparison.
 *
 * @param fields The header fields of the request.
 * @param validators The current representation, `undefined` if there is none.
 * @returns The outcome.
 *
 * @example
 * ```ts
 * import { checkIfMatch } from "./conditions.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const fields = new Headers({ "If-Match": '"a", "b"' });
 * assertEquals(checkIfMatch(fields, { etag: '"b"' }), "holds");
 * assertEquals(checkIfMatch(fields, { etag: 'W/"b"' }), "fails");
 * ```
 */
export function checkIfMatch(
  fields: FieldReader,
  validators: Validators | undefined,
): Condition {
  const list = fields.get("if-match");
  if (!list) return "absent";
  if (validators === undefined) return "fails";
  return listMatches(list, validators.etag, strongMatch) ? "holds" : "fails";
}

/**
 * Evaluates `If-Unmodified-Since` (RFC 9110 section 13.1.4), which must be
 * ignored where `If-Match` is present.
 *
 * @param fields The header fields of the request.
 * @param validators The current representation, `undefined` if there is none.
 * @returns The outcome; `absent` if there is no time to compare with.
 *
 * @example
 * ```ts
 * import { checkIfUnmodifiedSince } from "./conditions.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const fields = new Headers({
 *   "If-Unmodified-Since": "Sun, 06 Nov 1994 08:49:37 GMT",
 * });
 * const lastModified = 784111778000; // a second later
 * assertEquals(checkIfUnmodifiedSince(fields, { lastModified }), "fails");
 * ```
 */
export function checkIfUnmodifiedSince(
  fields: FieldReader,
  validators: Validators | undefined,
): Condition {
  const date = fields.get("if-unmodified-since");
  if (!date) return "absent";
  const modified = isModifiedSince(date, validators);
  if (modified === undefined) return "absent";
  return modified ? "fails" : "holds";
}

/**
 * Evaluates `If-None-Match` (RFC 9110 section 13.1.2): `*` fails for whatever
 * exists, a list by weak comparison.
 *
 * @param fields The header fields of the request.
 * @param validators The current representation, `undefined` if there is none.
 * @returns The outcome.
 *
 * @example
 * ```ts
 * import { checkIfNoneMatch } from "./conditions.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const fields = new Headers({ "If-None-Match": 'W/"a"' });
 * assertEquals(checkIfNoneMatch(fields, { etag: '"a"' }), "fails");
 * assertEquals(checkIfNoneMatch(fields, { etag: '"b"' }), "holds");
 * ```
 */
export function checkIfNoneMatch(
  fields: FieldReader,
  validators: Validators | undefined,
): Condition {
  const list = fields.get("if-none-match");
  if (!list) return "absent";
  if (validators === undefined) return "holds";
  return listMatches(list, validators.etag, weakMatch) ? "fails" : "holds";
}

/**
 * Evaluates `If-Modified-Since` (RFC 9110 section 13.1.3), which must be
 * ignored where `If-None-Match` is present, and for other methods than GET and
 * HEAD.
 *
 * @param fields The header fields of the request.
 * @param validators The current representation, `undefined` if there is none.
 * @returns The outcome; `absent` if there is no time to compare with.
 *
 * @example
 * ```ts
 * import { checkIfModifiedSince } from "./conditions.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const fields = new Headers({
 *   "If-Modified-Since": "Sun, 06 Nov 1994 08:49:37 GMT",
 * });
 * const lastModified = 784111777999; // a fraction of a second later
 * assertEquals(checkIfModifiedSince(fields, { lastModified }), "fails");
 * ```
 */
export function checkIfModifiedSince(
  fields: FieldReader,
  validators: Validators | undefined,
): Condition {
  const date = fields.get("if-modified-since");
  if (!date) return "absent";
  // What most clients send is what they were sent: no need to parse it.
  if (date === validators?.date) return "fails";
  const modified = isModifiedSince(date, validators);
  if (modified === undefined) return "absent";
  return modified ? "holds" : "fails";
}

/** `undefined` if there is nothing to compare: no HTTP-date, or no time. */
function isModifiedSince(
  date: string,
  validators: Validators | undefined,
): boolean | undefined {
  const lastModified = validators?.lastModified;
  if (lastModified === undefined) return undefined;
  const since = parseHttpDate(date);
  if (since === undefined) return undefined;
  return wholeSeconds(lastModified) > since;
}

/** A time as `Last-Modified` shows it. */
function wholeSeconds(ms: number): number {
  return Math.floor(ms / SECOND) * SECOND;
}

/**
 * Evaluates the preconditions of a request but `If-Range`, in the order of RFC
 * 9110 section 13.2.2. To be called when the request without them would be
 * answered by 2xx.
 *
 * @param method The method, as sent.
 * @param fields The header fields of the request.
 * @param validators The current representation, `undefined` if there is none
 * (a PUT that creates it).
 * @returns `proceed`, `not-modified` (answer 304), or `failed` (412).
 *
 * @example
 * ```ts
 * import { evaluatePreconditions } from "./conditions.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const fields = new Headers({ "If-None-Match": '"a"' });
 * const validators = { etag: '"a"' };
 * assertEquals(evaluatePreconditions("GET", fields, validators), "not-modified");
 * assertEquals(evaluatePreconditions("PUT", fields, validators), "failed");
 * assertEquals(evaluatePreconditions("PUT", fields, undefined), "proceed");
 * ```
 */
export function evaluatePreconditions(
  method: string,
  fields: FieldReader,
  validators: Validators | undefined,
): PreconditionOutcome {
  // Steps 1 and 2
  let condition = checkIfMatch(fields, validators);
  if (condition === "absent") {
    condition = checkIfUnmodifiedSince(fields, validators);
  }
  if (condition === "fails") return "failed";

  // Steps 3 and 4
  const reads = method === "GET" || method === "HEAD";
  condition = checkIfNoneMatch(fields, validators);
  if (condition === "fails" && !reads) return "failed";
  if (condition === "absent" && reads) {
    condition = checkIfModifiedSince(fields, validators);
  }
  return condition === "fails" ? "not-modified" : "proceed";
}

/**
 * Evaluates `If-Range` (RFC 9110 section 13.1.5; step 5 of 13.2.2): whether
 * the `Range` of a request may be obeyed, or the whole is to be sent.
 *
 * An entity tag holds by strong comparison. A date holds if it is exactly that
 * of `Last-Modified`, and a strong validator. Section 8.8.2.2 wants the server
 * to know that the file did not change twice in that second. No file system
 * tells; what can be known is that it does not change any more, for the second
 * is over. So a date holds from one second after it on. A client that wants
 * more than that uses the entity tag.
 *
 * @param fields The header fields of the request.
 * @param validators The current representation.
 * @param now The present time, in milliseconds since the epoch.
 * @returns Whether `Range` may be obeyed; true without an `If-Range`.
 *
 * @example
 * ```ts
 * import { ifRangeHolds } from "./conditions.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const fields = new Headers({ "If-Range": '"a"' });
 * assertEquals(ifRangeHolds(fields, { etag: '"a"' }), true);
 * assertEquals(ifRangeHolds(fields, { etag: '"b"' }), false);
 * assertEquals(ifRangeHolds(new Headers(), { etag: '"b"' }), true);
 * ```
 */
export function ifRangeHolds(
  fields: FieldReader,
  validators: Validators,
  now: number = Date.now(),
): boolean {
  const value = fields.get("if-range");
  if (!value) return true;
  const { etag, lastModified } = validators;
  if (endOfEtag(value, 0) === value.length) {
    return etag !== undefined && strongMatch(value, etag);
  }
  if (lastModified === undefined) return false;
  const shown = wholeSeconds(lastModified);
  return parseHttpDate(value) === shown && now - shown >= SECOND;
}
