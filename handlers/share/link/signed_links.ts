// Copyright 2026 the pystd authors. MIT license.

/**
 * Signed links: they open a file, or a folder with everything below it, without a
 * password, until they end. Nothing is stored: a link is valid if its signature is.
 *
 *     GET /photos/?link=TOKEN   the token of the link; the answer sets a cookie for
 *                               this folder, so that the links in the page work
 *     GET /photos/?share=7d     the page that shows a new link to a user
 *
 * A link only reads. What it opens is found by its real path: a link of the file
 * system in a folder leads nowhere else.
 *
 * @module
 */

import { quote, unquotePath } from "../../../protocol/percent_encoding.ts";
import { collapsePath, splitTarget } from "../../../protocol/request_target.ts";
import { type Access, pathBelow, READING_METHODS } from "../access.ts";
import { isCrossSite, isNavigation } from "../cross_site.ts";
import type {
  LinkFeature,
  RequestFeature,
  RightsFeature,
} from "../features.ts";
import type { OpenedLink, ShareRequest } from "../request.ts";
import { accessOfLink } from "./link_access.ts";
import { DEFAULT_LINK_TIME, parseLinkTime } from "./link_time.ts";
import { type LinkTarget, LinkTokens } from "./link_token.ts";

export { parseLinkTime } from "./link_time.ts";

/** Options of {@linkcode SignedLinks}. */
export interface SignedLinksOptions {
  /**
   * The key that signs the links, of at least 32 random bytes. Servers with the
   * same key accept each other's links; another key revokes all of them.
   */
  key: Uint8Array<ArrayBuffer>;
  /** The rights of users, who can only make links to what they may read. */
  rights?: RightsFeature;
}

/** What a link opens, for {@linkcode SignedLinks.sign}. */
export interface LinkOptions {
  /** Whether it is a folder. */
  isFolder: boolean;
  /** When the link ends, in epoch ms. */
  end: number;
  /**
   * The user who makes the link, whose rights bound it.
   *
   * @default {""}
   */
  maker?: string;
}

const MIN_KEY_BYTES = 32;
/** The token in a query. An escaped name is not found here, nor in the log. */
const IN_QUERY = /(?:^|&)link=([^&]*)/;
const IN_LOG = /([?&]link=)[^&#\s"]*/g;
/** Asks for a new link. */
const SHARE = /(?:^|&)share(?:=([^&]*))?(?:&|$)/;
/** Name of a cookie; the token's signature follows, to tell links apart. */
const COOKIE = "link-";
/** Most cookies that are tried. */
const MAX_COOKIES = 8;

/**
 * Opens what signed links lead to, and makes such links.
 *
 * @example Usage
 * ```ts
 * import { ShareHTTPRequestHandler } from "@pystd/http-server/handlers/share";
 * import { BasicAuthenticator } from "@pystd/http-server/handlers/share/auth";
 * import { SignedLinks } from "@pystd/http-server/handlers/share/links";
 * import { MemorySource } from "@pystd/http-server/sources";
 * import { respond } from "@pystd/http-server/testing";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const key = crypto.getRandomValues(new Uint8Array(32));
 * const links = new SignedLinks({ key });
 * const Handler = ShareHTTPRequestHandler.with({
 *   source: new MemorySource({ "a.txt": "alpha" }),
 *   auth: new BasicAuthenticator({ users: new Map([["ann", () => true]]) }),
 *   links,
 * });
 * const end = Date.now() + 60_000;
 * const link = await links.sign(["a.txt"], { isFolder: false, end });
 * const request = `GET ${link} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`;
 * assertEquals((await respond(Handler, request)).body, "alpha");
 * ```
 */
export class SignedLinks implements LinkFeature {
  /** Longest life of a link that a user makes, in ms. */
  static maxLinkTime: number = 366 * 24 * 60 * 60 * 1000;

  /** Shows new links to users. It comes after what checks their rights. */
  readonly pages: RequestFeature;
  #tokens: LinkTokens;
  #rights: RightsFeature | undefined;

  /**
   * Stores its arguments.
   *
   * @param options See {@linkcode SignedLinksOptions}.
   * @throws {RangeError} If the key is shorter than 32 bytes.
   */
  constructor({ key, rights }: SignedLinksOptions) {
    if (key.length < MIN_KEY_BYTES) {
      throw new RangeError(
        `Cannot sign links with a key of ${key.length} bytes: expected at ` +
          `least ${MIN_KEY_BYTES}`,
      );
    }
    this.#tokens = new LinkTokens(key);
    this.#rights = rights;
    this.pages = { handle: (request) => this.#handlePage(request) };
  }

  /**
   * Makes a link.
   *
   * @param names The names of the path.
   * @param options See {@linkcode LinkOptions}.
   * @returns The path with the token, escaped.
   */
  async sign(
    names: readonly string[],
    { isFolder, end, maker = "" }: LinkOptions,
  ): Promise<string> {
    const token = await this.#tokens.sign({
      names,
      isFolder,
      end: Math.floor(end / 1000),
      maker,
    });
    const slash = isFolder && names.length > 0 ? "/" : "";
    return `${quote(`/${names.join("/")}`)}${slash}?link=${token}`;
  }

  /**
   * Removes tokens from a text for the log.
   *
   * @param text A request line, or a URL.
   * @returns The text, with `...` for each token.
   */
  redact(text: string): string {
    return text.replace(IN_LOG, "$1...");
  }

  /**
   * Gives a request with a link the rights of the link. Refuses an invalid
   * token, in the same way whether the path exists or not.
   *
   * @param request The request.
   * @returns Whether it has been answered.
   */
  handle(request: ShareRequest): boolean | Promise<boolean> {
    if (!READING_METHODS.test(request.command)) return false;
    const token = IN_QUERY.exec(splitTarget(request.path).query)?.[1];
    if (token !== undefined) return this.#open(request, token);
    const field = request.field("cookie");
    return field?.includes(COOKIE) ? this.#tryCookies(request, field) : false;
  }

  async #open(request: ShareRequest, token: string): Promise<boolean> {
    const names = namesOf(request.path);
    const target = await this.#tokens.verify(token, names);
    const access = target && await this.#accessOf(request, target, names);
    if (target === undefined || access === undefined) {
      request.sendError(403, "This link is not valid");
      return true;
    }
    const left = target.end - Math.floor(Date.now() / 1000);
    if (left <= 0) {
      request.sendError(403, "This link has ended");
      return true;
    }
    const fields = needsCookie(request, target, names)
      ? [...FIELDS, ["Set-Cookie", cookieOf(request, token, left)] as const]
      : FIELDS;
    open(request, access, fields);
    return false;
  }

  async #tryCookies(request: ShareRequest, field: string): Promise<boolean> {
    const tokens = field.split(";").map((cookie) => cookie.trim())
      .filter((cookie) => cookie.startsWith(COOKIE))
      .slice(0, MAX_COOKIES)
      .map((cookie) => cookie.slice(cookie.indexOf("=") + 1));
    const names = namesOf(request.path);
    for (const token of tokens) {
      const target = await this.#tokens.verify(token, names);
      if (target === undefined || target.end * 1000 <= Date.now()) continue;
      const access = await this.#accessOf(request, target, names);
      if (access === undefined) continue;
      open(request, access, FIELDS);
      break;
    }
    return false;
  }

  /** The rights of a link; `undefined` if its maker may not read the path. */
  async #accessOf(
    request: ShareRequest,
    target: LinkTarget,
    names: readonly string[],
  ): Promise<Access | undefined> {
    const maker = target.maker === ""
      ? undefined
      : this.#rights?.accessOf(target.maker);
    if (maker?.may("read", pathBelow(names)) === false) return undefined;
    return await accessOfLink(request, target, maker);
  }

  #handlePage(request: ShareRequest): boolean | Promise<boolean> {
    const { command, path } = request;
    if (command !== "GET" && command !== "HEAD") return false;
    const asked = SHARE.exec(splitTarget(path).query);
    return asked === null ? false : this.#showLink(request, asked[1] ?? "");
  }

  async #showLink(request: ShareRequest, time: string): Promise<boolean> {
    const { user, path } = request;
    if (user === undefined) {
      request.refuse();
      return true;
    }
    if (isCrossSite(request, []) && !isNavigation(request)) {
      request.sendError(403, "Links for other sites are not allowed");
      return true;
    }
    const located = await request.files.locate(request.translatePath(path));
    // The handler answers with a 404, or a redirect to the folder.
    if (located.kind === "missing") return false;
    const isFolder = located.kind === "directory";
    if (isFolder && !splitTarget(path).path.endsWith("/")) return false;
    const duration = parseLinkTime(time || DEFAULT_LINK_TIME);
    const { maxLinkTime } = this.constructor as typeof SignedLinks;
    if (duration === undefined || duration > maxLinkTime) {
      request.sendError(400, "Bad time of a link");
      return true;
    }
    const end = Date.now() + duration;
    const names = namesOf(path);
    const link = await this.sign(names, { isFolder, end, maker: user });
    const { sendLinkPage } = await import("./link_page.ts");
    sendLinkPage(request, { names, isFolder, end, link });
    return true;
  }
}

/** The token stays in this browser, and the response in its cache. */
const FIELDS: OpenedLink["fields"] = [
  ["Referrer-Policy", "same-origin"],
  ["Cache-Control", "private"],
];

function open(
  request: ShareRequest,
  access: Access,
  fields: OpenedLink["fields"],
): void {
  request.link = { access, fields };
  request.access = access;
}

/**
 * Whether the page of a link has links of its own. Without a path, a cookie is for
 * the folder of the request as the browser sees it, also behind a proxy that adds a
 * prefix. So one for `/photos` without its slash would be for all files.
 */
function needsCookie(
  { path }: ShareRequest,
  { names, isFolder }: LinkTarget,
  requested: readonly string[],
): boolean {
  const target = splitTarget(path);
  return isFolder
    ? requested.length > names.length || target.path.endsWith("/")
    : /(?:^|&)view(?:&|$)/.test(target.query);
}

function cookieOf(
  { secure }: ShareRequest,
  token: string,
  seconds: number,
): string {
  return `${COOKIE}${
    token.slice(-8)
  }=${token}; Max-Age=${seconds}; HttpOnly; ` +
    `SameSite=Strict${secure ? "; Secure" : ""}`;
}

function namesOf(target: string): string[] {
  return collapsePath(unquotePath(splitTarget(target).path));
}
