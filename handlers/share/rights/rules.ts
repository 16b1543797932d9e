// Copyright 2026 the pystd authors. MIT license.

/**
 * Rules for rights: `USER PATH RIGHTS`, from the command line or from a file.
 *
 * @module
 */

import { type Right, RIGHTS } from "../access.ts";

/** The name of everybody in a rule, also of those who have not signed in. */
export const EVERYBODY = "*";

/** A rule: the rights of a user for a path and for everything below it. */
export interface Rule {
  /** The user's name; `*` for everybody. */
  readonly user: string;
  /** The path: absolute, unescaped, `/` for the served directory. */
  readonly path: string;
  /** The rights; each includes those before it: `read`, `upload`, `manage`. */
  readonly rights: readonly Right[];
}

const SYNTAX = /^\s*(\S.*?)\s+(\/.*?)\s+(\S+)\s*$/;

/**
 * Parses a rule: `ann /photos read,upload`. A path may have spaces.
 *
 * @param text The text.
 * @returns The rule.
 * @throws {SyntaxError} If it is malformed, or has an unknown right.
 *
 * @example
 * ```ts
 * import { parseRule } from "@pystd/http-server/handlers/share/rights";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const rule = { user: "ann", path: "/old photos", rights: ["upload"] as const };
 * assertEquals(parseRule("ann /old photos/ upload"), { ...rule });
 * ```
 */
export function parseRule(text: string): Rule {
  const [, user, path, list] = SYNTAX.exec(text) ?? [];
  if (user === undefined) {
    throw new SyntaxError(
      `Expected "USER PATH RIGHTS" with an absolute path in "${text.trim()}"`,
    );
  }
  return { user, path: checkPath(path), rights: list.split(",").map(right) };
}

function checkPath(path: string): string {
  const names = path.split("/").slice(1);
  if (names.at(-1) === "") names.pop();
  if (names.some((name) => /^\.{0,2}$|[\0-\x1f]/.test(name))) {
    throw new SyntaxError(
      `Expected a path without ".", ".." and empty names, not "${path}"`,
    );
  }
  return `/${names.join("/")}`;
}

function right(text: string): Right {
  const known = RIGHTS.find((right) => right === text);
  if (known !== undefined) return known;
  throw new SyntaxError(
    `Unknown right "${text}": expected one of ${RIGHTS.join(", ")}`,
  );
}

/**
 * Parses a file of rules: one in each line. Empty lines, and lines that start with
 * `#`, are ignored.
 *
 * @param text The file's text.
 * @returns The rules, with the numbers of their lines.
 * @throws {SyntaxError} If a line is malformed; the message names it.
 *
 * @example
 * ```ts
 * import { parseRules } from "@pystd/http-server/handlers/share/rights";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const [rule] = parseRules("# everybody\n* /public read\n");
 * assertEquals([rule.user, rule.path, rule.line], ["*", "/public", 2]);
 * ```
 */
export function parseRules(text: string): (Rule & { line: number })[] {
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n/);
  return lines.flatMap((content, i) => {
    if (/^\s*(?:#|$)/.test(content)) return [];
    try {
      return [{ ...parseRule(content), line: i + 1 }];
    } catch (error) {
      throw new SyntaxError(`Line ${i + 1}: ${(error as Error).message}`);
    }
  });
}
