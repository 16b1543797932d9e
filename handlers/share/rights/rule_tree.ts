// Copyright 2026 the pystd authors. MIT license.

/**
 * The rules for rights as a tree of names. The node of the longest path that a rule
 * names decides about everything below it.
 *
 * Names are compared in one Unicode normal form. A name that differs from that of a
 * rule only in what some file systems ignore (case, compatibility forms, invisible
 * characters) gives no rights: there it may be the same folder, elsewhere another
 * one.
 *
 * @module
 */

import { RIGHTS } from "../access.ts";
import { EVERYBODY, type Rule } from "./rules.ts";

/** A number of rights: 0 is none, 1 `read`, 2 `upload`, 3 `manage`. */
export type Level = number;

interface Node {
  /** The levels of users, if a rule names this path. */
  levels?: Map<string, Level>;
  /** The next names of rules. */
  readonly children: Map<string, Node>;
  /** Those names, without what file systems ignore. */
  readonly folded: Set<string>;
}

/** Rules, prepared for lookups. */
export class RuleTree {
  #root = newNode();

  /**
   * Builds the tree.
   *
   * @param rules The rules. Several for one path and user add up.
   */
  constructor(rules: readonly Rule[]) {
    for (const { user, path, rights } of rules) {
      let node = this.#root;
      for (const name of path.split("/").slice(1)) {
        if (name !== "") node = childOf(node, name.normalize("NFC"));
      }
      const levels = node.levels ??= new Map();
      const given = rights.map((right) => RIGHTS.indexOf(right) + 1);
      levels.set(user, Math.max(levels.get(user) ?? 0, ...given));
    }
  }

  /**
   * Returns the rights of a user for a path.
   *
   * @param user The user's name; `undefined` for somebody who has not signed in.
   * @param names The names of the path.
   * @returns The level; `undefined` if no rule names the path or a folder above.
   */
  levelOf(
    user: string | undefined,
    names: readonly string[],
  ): Level | undefined {
    let node = this.#root;
    let level = levelIn(node, user);
    for (const name of names) {
      const next = node.children.get(name.normalize("NFC"));
      if (next === undefined) return node.folded.has(fold(name)) ? 0 : level;
      level = levelIn(next, user) ?? level;
      node = next;
    }
    return level;
  }

  /**
   * Returns the least rights of a user for the paths below one that rules name.
   *
   * @param user The user's name; `undefined` for somebody who has not signed in.
   * @param names The names of the path.
   * @returns The level; `undefined` if no rule names a path below.
   */
  leastBelow(
    user: string | undefined,
    names: readonly string[],
  ): Level | undefined {
    let node = this.#root;
    for (const name of names) {
      const next = node.children.get(name.normalize("NFC"));
      if (next === undefined) return undefined;
      node = next;
    }
    return leastIn(node, user);
  }
}

function newNode(): Node {
  return { children: new Map(), folded: new Set() };
}

function childOf(node: Node, name: string): Node {
  let child = node.children.get(name);
  if (child === undefined) {
    child = newNode();
    node.children.set(name, child);
    node.folded.add(fold(name));
  }
  return child;
}

/** A user whom none of a path's rules names has no rights there. */
function levelIn(
  { levels }: Node,
  user: string | undefined,
): Level | undefined {
  if (levels === undefined) return undefined;
  const own = user === undefined ? 0 : levels.get(user) ?? 0;
  return Math.max(own, levels.get(EVERYBODY) ?? 0);
}

function leastIn(node: Node, user: string | undefined): Level | undefined {
  let least: Level | undefined;
  for (const child of node.children.values()) {
    for (const level of [levelIn(child, user), leastIn(child, user)]) {
      if (level !== undefined) least = Math.min(least ?? level, level);
    }
  }
  return least;
}

/** Removes what some file systems ignore in names. */
function fold(name: string): string {
  return name.replace(/\p{Default_Ignorable_Code_Point}/gu, "")
    .normalize("NFKD").toUpperCase().toLowerCase().normalize("NFKD");
}
