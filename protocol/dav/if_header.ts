// Copyright 2026 the pystd authors. MIT license.

/**
 * The fields of locks (RFC 4918 section 10): `If`, `Lock-Token` and `Timeout`.
 *
 * @module
 */

import { endOfEtag } from "../etag.ts";
import { RequestError } from "../request_error.ts";

/**
 * Most conditions in one `If`. A client has a few locks, and each list may need a
 * look at the disk.
 */
const MAX_CONDITIONS = 64;

/** A condition of a list. */
export interface IfCondition {
  /** Whether the condition must not hold. */
  readonly not: boolean;
  /** The kind of the value. */
  readonly kind: "token" | "etag";
  /** A state token without its brackets, or an entity tag. */
  readonly value: string;
}

/** A list of conditions that must all hold. */
export interface IfList {
  /** The resource of a tagged list; `undefined` for that of the request. */
  readonly resource: string | undefined;
  /** The conditions. */
  readonly conditions: readonly IfCondition[];
}

/**
 * Parses an `If` (section 10.4). It holds if one of its lists does.
 *
 *     If = 1*( No-tag-list ) | 1*( Resource-Tag 1*List )
 *     List = "(" 1*( ["Not"] ( "<" token ">" | "[" entity-tag "]" ) ) ")"
 *
 * @param value The value of the field.
 * @returns The lists.
 * @throws {RequestError} 400 if it is malformed.
 *
 * @example
 * ```ts
 * import { parseIf } from "./if_header.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(parseIf('(Not <urn:x> ["e"])'), [{
 *   resource: undefined,
 *   conditions: [
 *     { not: true, kind: "token", value: "urn:x" },
 *     { not: false, kind: "etag", value: '"e"' },
 *   ],
 * }]);
 * ```
 */
export function parseIf(value: string): IfList[] {
  const lists: IfList[] = [];
  let resource: string | undefined;
  let isTagged: boolean | undefined;
  let count = 0;
  let at = skipSpace(value, 0);
  while (at < value.length) {
    if (value[at] === "<") {
      // A tag needs a list, and all lists are tagged, or none is.
      if (isTagged === false) throw malformed();
      isTagged = true;
      [resource, at] = readCoded(value, at);
      at = skipSpace(value, at);
      if (value[at] !== "(") throw malformed();
    }
    if (value[at] !== "(") throw malformed();
    isTagged ??= false;
    const conditions: IfCondition[] = [];
    at = skipSpace(value, at + 1);
    while (value[at] !== ")") {
      if (++count > MAX_CONDITIONS) throw malformed();
      const not = /^not(?![a-z])/i.test(value.slice(at, at + 4));
      if (not) at = skipSpace(value, at + 3);
      let read: [string, number];
      const kind = value[at] === "<" ? "token" : "etag";
      if (kind === "token") read = readCoded(value, at);
      else read = readEtag(value, at);
      conditions.push({ not, kind, value: read[0] });
      at = skipSpace(value, read[1]);
    }
    if (conditions.length === 0) throw malformed();
    lists.push({ resource, conditions });
    at = skipSpace(value, at + 1);
  }
  if (lists.length === 0) throw malformed();
  return lists;
}

/**
 * Parses a `Lock-Token` (section 10.5).
 *
 * @param value The value of the field; `undefined` if it is absent.
 * @returns The token without its brackets.
 * @throws {RequestError} 400 if it is absent or malformed.
 */
export function parseLockToken(value: string | undefined): string {
  const token = /^<([^<>\s]+)>$/.exec(value ?? "")?.[1];
  if (token === undefined) throw new RequestError(400, "Bad Lock-Token");
  return token;
}

/**
 * Parses a `Timeout` (section 10.7): the first value that is understood.
 *
 * @param value The value of the field; `undefined` if it is absent.
 * @returns The time in seconds; `Infinity` for `Infinite`; `undefined` if there is
 * no value.
 */
export function parseTimeout(value: string | undefined): number | undefined {
  for (const text of value?.split(",") ?? []) {
    const [, kind, seconds] =
      /^\s*(infinite|second-([0-9]{1,10}))\s*$/i.exec(text) ?? [];
    if (kind !== undefined) return Number(seconds ?? Infinity);
  }
  return undefined;
}

function skipSpace(text: string, at: number): number {
  while (text[at] === " " || text[at] === "\t") at++;
  return at;
}

/** Reads `<...>`, and returns its content and the index behind it. */
function readCoded(text: string, at: number): [string, number] {
  const end = text.indexOf(">", at);
  const content = text.slice(at + 1, end);
  if (end === -1 || content === "" || /[\s<]/.test(content)) throw malformed();
  return [content, end + 1];
}

/** Reads `[...]`, and returns the tag in it and the index behind it. */
function readEtag(text: string, at: number): [string, number] {
  if (text[at] !== "[") throw malformed();
  const start = skipSpace(text, at + 1);
  const end = endOfEtag(text, start);
  if (end === -1) throw malformed();
  const close = skipSpace(text, end);
  if (text[close] !== "]") throw malformed();
  return [text.slice(start, end), close + 1];
}

function malformed(): RequestError {
  return new RequestError(400, "Bad If");
}
