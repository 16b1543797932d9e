// Copyright 2026 the pystd authors. MIT license.

/**
 * What the user of one request may do. Features that restrict users, such as
 * rights per path, set it; everything that reads or writes files follows it.
 *
 * @module
 */

import { SEPARATOR } from "../../files/paths.ts";

/** A right. Each includes those before it: `read`, `upload`, `manage`. */
export type Right = "read" | "upload" | "manage";

/** The rights, each of which includes those before it. */
export const RIGHTS: readonly Right[] = ["read", "upload", "manage"];

/** The methods that only read. */
export const READING_METHODS: RegExp = /^(?:GET|HEAD|OPTIONS|PROPFIND)$/;

/**
 * The rights of a user. Paths are below the served directory, and start with the
 * separator of the system; that of the directory itself is empty.
 */
export interface Access {
  /** Identifies the rights in keys of caches. */
  readonly key: string;
  /**
   * Tells whether the user has a right.
   *
   * @param right The right.
   * @param below The path of a file or folder.
   * @returns Whether the user has it there.
   */
  may(right: Right, below: string): boolean;
  /**
   * Tells whether the user has a right for a path and for everything below it.
   *
   * @param right The right.
   * @param below The path.
   * @returns Whether the user has it.
   */
  mayAll(right: Right, below: string): boolean;
  /**
   * Tells whether the user may read a file or folder. Bound, and the same function
   * for all requests with the same rights.
   *
   * @param below The path.
   * @returns Whether it may be read.
   */
  readonly mayRead: (below: string) => boolean;
  /**
   * Tells whether the user may upload a file. Bound, as `mayRead`.
   *
   * @param below The path.
   * @returns Whether it may be written.
   */
  readonly mayWrite: (below: string) => boolean;
}

/**
 * Returns what somebody may do who has two kinds of rights at once.
 *
 * @param a One.
 * @param b The other.
 * @returns Both together.
 */
export function eitherAccess(a: Access, b: Access): Access {
  return {
    key: `${a.key}\n${b.key}`,
    may: (right, below) => a.may(right, below) || b.may(right, below),
    mayAll: (right, below) => a.mayAll(right, below) || b.mayAll(right, below),
    mayRead: (below) => a.mayRead(below) || b.mayRead(below),
    mayWrite: (below) => a.mayWrite(below) || b.mayWrite(below),
  };
}

/**
 * Joins names to a path below the served directory.
 *
 * @param names The names.
 * @returns The path.
 */
export function pathBelow(names: readonly string[]): string {
  return names.map((name) => SEPARATOR + name).join("");
}

/** A source has slashes on each system. */
const SEPARATORS = SEPARATOR === "/" ? "/" : /[\\/]/;

/**
 * Splits a path below the served directory into names.
 *
 * @param below The path.
 * @returns The names.
 */
export function namesBelow(below: string): string[] {
  return below.split(SEPARATORS).filter((name) => name !== "");
}
