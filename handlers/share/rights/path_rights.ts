// Copyright 2026 the pystd authors. MIT license.

/**
 * Rights per path: what each user may do, and where.
 *
 * Each request passes through {@linkcode PathRights.handle}, which checks the path
 * as it was requested, and that of `Destination`. It answers without a look at the
 * disk, so that the answer is the same whether the path exists or not. After that,
 * what is found on the disk follows the rights, too: `ServedDirectory` reads, and
 * `UploadFolder` writes, only where the real path, without links, allows it. What
 * may not be read counts as missing.
 *
 * @module
 */

import { unquotePath } from "../../../protocol/percent_encoding.ts";
import { parseDestination } from "../../../protocol/dav/destination.ts";
import { RequestError } from "../../../protocol/request_error.ts";
import { collapsePath, splitTarget } from "../../../protocol/request_target.ts";
import {
  type Access,
  eitherAccess,
  namesBelow,
  pathBelow,
  type Right,
  RIGHTS,
} from "../access.ts";
import type { RightsFeature } from "../features.ts";
import type { ShareRequest } from "../request.ts";
import { type Level, RuleTree } from "./rule_tree.ts";
import type { Rule } from "./rules.ts";

export { parseRule, parseRules } from "./rules.ts";
export type { Rule } from "./rules.ts";
export type { Right } from "../access.ts";

/** Options of {@linkcode PathRights}. */
export interface PathRightsOptions {
  /** The rules. */
  rules: readonly Rule[];
  /**
   * Who has all rights for the paths that no rule names: everybody, or users who
   * have signed in.
   *
   * @default {"users"}
   */
  elsewhere?: "everybody" | "users";
}

/** The right that a method needs, and whether for everything below the path. */
interface Need {
  readonly right: Right;
  readonly all?: boolean;
}

/** All other methods read. */
const NEEDS: ReadonlyMap<string, Need> = new Map([
  ["PUT", { right: "upload" }],
  ["POST", { right: "upload" }],
  ["MKCOL", { right: "upload" }],
  ["PROPPATCH", { right: "upload" }],
  ["LOCK", { right: "upload", all: true }],
  ["UNLOCK", { right: "upload" }],
  ["DELETE", { right: "manage", all: true }],
  ["MOVE", { right: "manage", all: true }],
]);
const READING: Need = { right: "read" };
/** What COPY and MOVE replace. */
const DESTINATION: Need = { right: "manage", all: true };

/**
 * Restricts what users may do, by rules for paths. The rule with the longest path
 * decides. A user who is not named there has no rights there.
 *
 * @example Usage
 * ```ts
 * import { ShareHTTPRequestHandler } from "@pystd/http-server/handlers/share";
 * import {
 *   parseRule,
 *   PathRights,
 * } from "@pystd/http-server/handlers/share/rights";
 * import { respond } from "@pystd/http-server/testing";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const rules = ["* / read", "ann /private read"].map(parseRule);
 * const rights = new PathRights({ rules });
 * const Handler = ShareHTTPRequestHandler.with({ rights });
 * const request = "GET /private/x HTTP/1.1\r\nHost: h\r\n\r\n";
 * assertEquals((await respond(Handler, request)).status, 403);
 * ```
 */
export class PathRights implements RightsFeature {
  #tree: RuleTree;
  #users: ReadonlySet<string>;
  #elsewhere: "everybody" | "users";
  #accesses = new Map<string | undefined, Access>();

  /**
   * Stores its arguments.
   *
   * @param options See {@linkcode PathRightsOptions}.
   */
  constructor({ rules, elsewhere = "users" }: PathRightsOptions) {
    this.#tree = new RuleTree(rules);
    this.#users = new Set(rules.map(({ user }) => user));
    this.#elsewhere = elsewhere;
  }

  /**
   * Returns the rights of a user.
   *
   * @param user The user's name; `undefined` for somebody who has not signed in.
   * @returns The rights.
   */
  accessOf(user: string | undefined): Access {
    // Users without rules of their own have the same rights.
    const name = user === undefined || this.#users.has(user) ? user : "*";
    let access = this.#accesses.get(name);
    if (access === undefined) {
      const elsewhere = this.#elsewhere === "everybody" || user !== undefined;
      access = new UserAccess(this.#tree, name, elsewhere ? RIGHTS.length : 0);
      this.#accesses.set(name, access);
    }
    return access;
  }

  /**
   * Refuses a request without the rights that it needs, and restricts others to
   * what the user may read and write.
   *
   * @param request The request.
   * @returns Whether it has been answered.
   */
  handle(request: ShareRequest): boolean {
    const own = this.accessOf(request.user);
    const { link } = request;
    const access = link === undefined ? own : eitherAccess(own, link.access);
    request.access = access;
    const { command, path } = request;
    const mayDo = this.allows(access, command, path) &&
      destinationsOf(request).every((target) =>
        has(access, DESTINATION, target)
      );
    if (mayDo) return false;
    request.refuse();
    return true;
  }

  /**
   * Tells whether a user may send a request.
   *
   * @param access The user's rights.
   * @param command The method.
   * @param target The target.
   * @returns Whether the user has the right that it needs.
   */
  allows(access: Access, command: string, target: string): boolean {
    return has(access, NEEDS.get(command) ?? READING, target);
  }
}

function has(access: Access, { right, all }: Need, target: string): boolean {
  const below = pathBelow(collapsePath(unquotePath(splitTarget(target).path)));
  return all ? access.mayAll(right, below) : access.may(right, below);
}

/** The destination of COPY or MOVE; none if another feature will refuse it. */
function destinationsOf(request: ShareRequest): string[] {
  const { command, prefix } = request;
  if (command !== "COPY" && command !== "MOVE") return [];
  try {
    const value = request.field("destination");
    return [parseDestination(value, request.field("host"), prefix)];
  } catch (error) {
    if (error instanceof RequestError) return [];
    throw error;
  }
}

/** The rights of one user. */
class UserAccess implements Access {
  readonly key: string;
  #tree: RuleTree;
  #user: string | undefined;
  #elsewhere: Level;

  constructor(tree: RuleTree, user: string | undefined, elsewhere: Level) {
    this.key = user === undefined ? "" : `user ${user}`;
    this.#tree = tree;
    this.#user = user;
    this.#elsewhere = elsewhere;
  }

  may(right: Right, below: string): boolean {
    const level = this.#tree.levelOf(this.#user, namesBelow(below));
    return (level ?? this.#elsewhere) > RIGHTS.indexOf(right);
  }

  mayAll(right: Right, below: string): boolean {
    const least = this.#tree.leastBelow(this.#user, namesBelow(below));
    return this.may(right, below) &&
      (least ?? RIGHTS.length) > RIGHTS.indexOf(right);
  }

  readonly mayRead = (below: string): boolean => this.may("read", below);
  readonly mayWrite = (below: string): boolean => this.may("upload", below);
}
