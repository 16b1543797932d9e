// Copyright 2026 the pystd authors. MIT license.

/**
 * Tokens of signed links: `d1.t9x3k0.YW5u.SIGNATURE`.
 *
 *     kind and depth   `d` for a folder, `f` for a file; the number of names in
 *                      the path of the link
 *     end              when it ends, in seconds since the epoch, in base 36
 *     maker            the user who made it, in Base64; empty for the operator
 *     signature        HMAC-SHA-256 of all of this and of the path
 *
 * The path itself is not in the token: it is that of the request, as far as the
 * depth says. So a token is of no use for another path.
 *
 * @module
 */

import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import { decodeBase64Url, encodeBase64Url } from "@std/encoding/base64url";

/** What a link opens. */
export interface LinkTarget {
  /** The names of its path. */
  readonly names: readonly string[];
  /** Whether it is a folder; then the link opens everything below it, too. */
  readonly isFolder: boolean;
  /** When the link ends, in seconds since the epoch. */
  readonly end: number;
  /** The user who made it; empty for the operator. */
  readonly maker: string;
}

/** Separates the purposes for which one key might be used. */
const PURPOSE = "pystd http-server link 1";
const SYNTAX = /^([df])([0-9]{1,3})\.([0-9a-z]{1,8})\.([\w-]{0,400})\.[\w-]+$/;
const ALGORITHM = { name: "HMAC", hash: "SHA-256" };

/** Makes and verifies tokens with one key. */
export class LinkTokens {
  #key: Promise<CryptoKey>;

  /**
   * Imports the key.
   *
   * @param key The key.
   */
  constructor(key: Uint8Array<ArrayBuffer>) {
    this.#key = crypto.subtle.importKey("raw", key, ALGORITHM, false, ["sign"]);
  }

  /**
   * Makes a token.
   *
   * @param target What the link opens.
   * @returns The token, in characters that need no escapes in a query.
   */
  async sign(target: LinkTarget): Promise<string> {
    const { names, isFolder, end, maker } = target;
    const head = `${isFolder ? "d" : "f"}${names.length}.${end.toString(36)}.${
      encodeBase64Url(maker)
    }`;
    const signature = await crypto.subtle.sign(
      ALGORITHM.name,
      await this.#key,
      signed(head, names),
    );
    return `${head}.${encodeBase64Url(signature)}`;
  }

  /**
   * Verifies a token for a path. It does not check whether the link has ended.
   *
   * @param token The token.
   * @param names The names of the requested path.
   * @returns What the link opens; `undefined` if the token is not valid, or for
   * another path.
   */
  async verify(
    token: string,
    names: readonly string[],
  ): Promise<LinkTarget | undefined> {
    const [, kind, depth, end, maker] = SYNTAX.exec(token) ?? [];
    if (kind === undefined) return undefined;
    const isFolder = kind === "d";
    const own = names.slice(0, Number(depth));
    if (!isFolder && own.length !== names.length) return undefined;
    const target = {
      names: own,
      isFolder,
      end: Number.parseInt(end, 36),
      maker: textOf(maker),
    };
    // The whole token is compared, so that there is only one for a target.
    const right = await this.sign(target);
    const isRight = token.length === right.length &&
      timingSafeEqual(encode(token), encode(right));
    return isRight ? target : undefined;
  }
}

/** Decodes Base64; what is not Base64 gives a text that has another encoding. */
function textOf(encoded: string): string {
  try {
    return new TextDecoder().decode(decodeBase64Url(encoded));
  } catch {
    return "";
  }
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** The path comes last, so that nothing in it can be taken for another part. */
function signed(
  head: string,
  names: readonly string[],
): Uint8Array<ArrayBuffer> {
  const path = names.join("/").normalize("NFC");
  return encode(`${PURPOSE}\n${head}\n${path}`);
}
