// Copyright 2026 the pystd authors. MIT license.

/**
 * Users and password verifiers, from the command line or from an Apache
 * `htpasswd` file.
 *
 * Comparisons take constant time: they compare digests of equal length.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import { createHash, createHmac, randomBytes } from "node:crypto";
import { timingSafeEqual } from "@std/crypto/timing-safe-equal";

/** Tells whether a password is right. */
export type Verifier = (password: string) => boolean | Promise<boolean>;

/** Password verifiers by user name. */
export type Users = ReadonlyMap<string, Verifier>;

/** The content of a password file. */
export interface PasswordFile {
  /** The users in it. */
  users: Map<string, Verifier>;
  /** Warnings about weak hashes. */
  warnings: string[];
}

/**
 * Key of this process, made when it is needed: workers have no random values
 * while they load. Without the key, a digest reveals nothing about a password.
 */
let key: Buffer | undefined;

/**
 * Returns a digest of a secret, for comparisons and lookups.
 *
 * @param secret The secret.
 * @returns 32 bytes, which differ between processes.
 */
export function keyedDigest(secret: string): Buffer {
  return createHmac("sha256", key ??= randomBytes(32)).update(secret).digest();
}

/**
 * Returns a verifier for a password in plain text.
 *
 * @param wanted The password.
 * @returns The verifier.
 */
export function plainVerifier(wanted: string): Verifier {
  const digest = keyedDigest(wanted);
  return (password) => timingSafeEqual(keyedDigest(password), digest);
}

/**
 * Parses `USER:PASSWORD`.
 *
 * @param text The text.
 * @returns The user and the verifier, `undefined` if the text is malformed.
 *
 * @example
 * ```ts
 * import { parseUser } from "@pystd/http-server/handlers/share/auth";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const [user, verify] = parseUser("ann:secret")!;
 * assertEquals([user, verify("secret"), verify("Secret")], ["ann", true, false]);
 * ```
 */
export function parseUser(text: string): [string, Verifier] | undefined {
  const colon = text.indexOf(":");
  if (colon < 1 || colon === text.length - 1) return undefined;
  return [text.slice(0, colon), plainVerifier(text.slice(colon + 1))];
}

/**
 * Parses a password file. Each line is `USER:HASH`, with a bcrypt hash
 * (`htpasswd -B`), an `$apr1$` hash (`-m`), an `{SHA}` hash (`-s`), or a plain
 * password (`-p`).
 *
 * @param text The file's text.
 * @returns The users, and warnings about weak hashes.
 * @throws {SyntaxError} If a line is malformed. The message has the line's
 * number, but nothing of its content.
 *
 * @example Usage
 * ```ts
 * import {
 *   BasicAuthenticator,
 *   parsePasswordFile,
 * } from "@pystd/http-server/handlers/share/auth";
 * import { assert } from "@std/assert/assert";
 *
 * const text = "ann:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n"; // htpasswd -s
 * const { users, warnings } = await parsePasswordFile(text);
 * assert(await users.get("ann")!("password"));
 * assert(warnings.length > 0); // bcrypt would be better
 * const auth = new BasicAuthenticator({ users });
 * ```
 */
export async function parsePasswordFile(text: string): Promise<PasswordFile> {
  const users = new Map<string, Verifier>();
  const weak = new Map<string, number[]>();
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const colon = line.indexOf(":");
    const user = line.slice(0, colon);
    const hash = line.slice(colon + 1).trimEnd();
    if (colon < 1 || hash === "" || users.has(user)) {
      const why = users.has(user) ? "duplicate user" : "expected USER:HASH";
      throw new SyntaxError(`Cannot read line ${i + 1}: ${why}`);
    }
    const [verifier, kind] = await readHash(hash) ?? [];
    if (verifier === undefined) {
      throw new SyntaxError(
        `Cannot read line ${i + 1}: unknown hash; make it with htpasswd -B`,
      );
    }
    users.set(user, verifier);
    if (kind !== undefined) weak.set(kind, [...weak.get(kind) ?? [], i + 1]);
  }
  if (users.size === 0) throw new SyntaxError("Cannot find a user in the file");
  const warnings = [...weak].map(([kind, lines]) =>
    `${kind} in line ${lines.join(", ")}; use htpasswd -B instead`
  );
  return { users, warnings };
}

/** Returns the verifier of a hash, and a description of a weak kind. */
async function readHash(
  hash: string,
): Promise<[Verifier, weakness?: string] | undefined> {
  if (hash.startsWith("$2")) {
    if (!/^\$2[aby]\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/.test(hash)) {
      return undefined;
    }
    const { matchesBcrypt, startBcrypt } = await import("./bcrypt.ts");
    await startBcrypt();
    return [(password) => matchesBcrypt(password, hash)];
  }
  if (hash.startsWith("$apr1$")) {
    const salt = /^\$apr1\$([^$]{0,8})\$[./A-Za-z0-9]{22}$/.exec(hash)?.[1];
    if (salt === undefined) return undefined;
    const { apr1 } = await import("./apr1.ts");
    const digest = keyedDigest(hash);
    return [
      async (password) => {
        const found = await apr1(password, salt);
        return timingSafeEqual(keyedDigest(found), digest);
      },
      "A weak MD5 hash",
    ];
  }
  if (hash.startsWith("{SHA}")) {
    const digest = keyedDigest(hash);
    return [(password) => {
      const sha = createHash("sha1").update(password).digest("base64");
      return timingSafeEqual(keyedDigest(`{SHA}${sha}`), digest);
    }, "A weak, unsalted SHA-1 hash"];
  }
  // An unknown scheme must not be taken for a plain password.
  if (/^(?:\$|\{[A-Z])/.test(hash)) return undefined;
  return [plainVerifier(hash), "A plain password"];
}
