// Copyright 2026 the pystd authors. MIT license.

/**
 * Conditional requests (RFC 9110 section 13): one function for each
 * precondition, and one that evaluates them in the order of section 13.2.2.
 *
 * Dates are compared in whole seconds, the precision of `Last-Modified`. A
 * field with an invalid date is ignored (sections 13.1.3 and 13.1.4), and so is
 * an empty field.
 *
 * @module
 */

import { parseHttpDate, SECOND_MS } from "./date.ts";
import { endOfEtag, listMatches, strongMatch, weakMatch } from "./etag.ts";

/** The validators of the representation that the server would send. */
export interface Validators {
  /** Entity tag, as in the `ETag` field. */
  readonly etag?: string;
  /** Time of modification, in epoch milliseconds. */
  readonly lastModified?: number;
  /** The same time as in the `Last-Modified` field, if already formatted. */
  readonly date?: string;
}

/**
 * Header fields by lower-case name; the values of a repeated field are joined
 * by `", "`. The web's `Headers` is one.
 */
export interface FieldReader {
  /** Returns the value of a field; `undefined` or `null` if it is absent. */
  get(name: string): string | null | undefined;
}

/** The outcome of one precondition; an ignored one counts as absent. */
export type Condition = "absent" | "holds" | "fails";

/** What to do with a request: proceed, answer 304, or answer 412. */
export type PreconditionOutcome = "proceed" | "not-modified" | "failed";

/**
 * Evaluates `If-Match` (RFC 9110 section 13.1.1): `*` holds if a representation
 * exists, a list by strong comparison.
 *
 * @param validators The current representation, `undefined` if there is none.
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
 * Evaluates `If-Unmodified-Since` (RFC 9110 section 13.1.4). It must be ignored
 * if `If-Match` is present.
 *
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
 * Evaluates `If-None-Match` (RFC 9110 section 13.1.2): `*` fails if a
 * representation exists, a list by weak comparison.
 *
 * @param validators The current representation, `undefined` if there is none.
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
 * Evaluates `If-Modified-Since` (RFC 9110 section 13.1.3). It must be ignored
 * if `If-None-Match` is present, and for methods other than GET and HEAD.
 *
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
  // Most clients send the `Last-Modified` that they got: no need to parse it.
  if (date === validators?.date) return "fails";
  const modified = isModifiedSince(date, validators);
  if (modified === undefined) return "absent";
  return modified ? "holds" : "fails";
}

/** Returns `undefined` if the date is invalid, or no time is known. */
function isModifiedSince(
  date: string,
  validators: Validators | undefined,
): boolean | undefined {
  const lastModified = validators?.lastModified;
  if (lastModified === undefined) return undefined;
  const since = parseHttpDate(date);
  if (since === undefined) return undefined;
  return toWholeSeconds(lastModified) > since;
}

function toWholeSeconds(ms: number): number {
  return Math.floor(ms / SECOND_MS) * SECOND_MS;
}

/**
 * Evaluates all preconditions except `If-Range`, in the order of RFC 9110
 * section 13.2.2. Call it only if the request would succeed without them.
 *
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
 * Evaluates `If-Range` (RFC 9110 section 13.1.5; step 5 of 13.2.2): returns
 * whether to obey the `Range` field or to send the whole representation.
 *
 * An entity tag holds by strong comparison. A date holds if it equals
 * `Last-Modified` and is a strong validator: section 8.8.2.2 asks that the file
 * did not change twice in that second. No file system tells that. A date
 * therefore holds once its second is over, when the file can no longer change
 * with that time. Clients that need more use the entity tag.
 *
 * @param validators The current representation.
 * @param now The current time, in epoch milliseconds.
 * @returns Whether to obey `Range`; true without `If-Range`.
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
  const shown = toWholeSeconds(lastModified);
  return parseHttpDate(value) === shown && now - shown >= SECOND_MS;
}
