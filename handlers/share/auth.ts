// Copyright 2026 the pystd authors. MIT license.

/**
 * Passwords: Basic authentication, before anything else is done.
 *
 *     no credentials ------------------------------> 401
 *     verified before? ---- yes -------------------> in
 *     too many failures from this address ---------> 429
 *     wrong -------------- after a delay ----------> 401
 *     right, but not for uploads ------------------> 401, in another realm
 *
 * What was verified once is remembered by a digest of the whole field, so that
 * a request does not cost a bcrypt. A user that does not exist costs as much
 * as one that does.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { basicChallenge, parseBasic } from "../../protocol/basic_auth.ts";
import type { ShareHTTPRequestHandler } from "../share.ts";
import { answer, wantedForm } from "./answers.ts";
import { Attempts } from "./attempts.ts";
import type { Authenticator } from "./feature.ts";
import { keyedDigest, type Users } from "./passwords.ts";

export { parsePasswordFile, parseUser } from "./passwords.ts";
export type { PasswordFile, Users, Verifier } from "./passwords.ts";

/** Options of {@linkcode BasicAuthenticator}. */
export interface BasicAuthenticatorOptions {
  /** Who may read, and write unless there are uploaders; all if absent. */
  users?: Users;
  /** Who may write, and read too. */
  uploaders?: Users;
  /**
   * Whether a CORS preflight is let through: it never has credentials.
   *
   * @default {false}
   */
  preflight?: boolean;
}

/** Verified credentials that are remembered. */
const MAX_REMEMBERED = 1000;
/** Verifications that wait for their turn; bcrypt takes a tenth of a second. */
const MAX_WAITING = 32;

/** What a user may do. */
interface Grant {
  readonly user: string;
  /** Whether to write, too: whoever is let in may read. */
  readonly writes: boolean;
}

/**
 * Lets in who has a user's password.
 *
 * @example Usage
 * ```ts
 * import { ShareHTTPRequestHandler } from "@pystd/http-server/handlers/share";
 * import {
 *   BasicAuthenticator,
 *   parseUser,
 * } from "@pystd/http-server/handlers/share/auth";
 * import { ThreadingHTTPServer } from "@pystd/http-server/server";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const users = new Map([parseUser("ann:secret")!]);
 * class Handler extends ShareHTTPRequestHandler {
 *   override logMessage(): void {}
 * }
 * await using httpd = new ThreadingHTTPServer(
 *   ["127.0.0.1", 0],
 *   Handler.with({ auth: new BasicAuthenticator({ users }) }),
 * );
 * const served = httpd.serveForever();
 * const url = `http://127.0.0.1:${httpd.serverPort}/no-such-file`;
 * const headers = { "Authorization": `Basic ${btoa("ann:secret")}` };
 * const statuses: number[] = [];
 * for (const init of [{}, { headers }]) {
 *   const response = await fetch(url, init);
 *   await response.body?.cancel();
 *   statuses.push(response.status);
 * }
 * assertEquals(statuses, [401, 404]);
 * await httpd.shutdown();
 * await served;
 * ```
 */
export class BasicAuthenticator implements Authenticator {
  #users: Users | undefined;
  #uploaders: Users | undefined;
  #preflight: boolean;
  #attempts = new Attempts();
  #remembered = new Map<string, Grant>();
  /** Verifications under way: the same ones are done once. */
  #verifying = new Map<string, Promise<Grant | undefined>>();
  /** Each waits for the one before: together they would only be slower. */
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /**
   * Stores its arguments.
   *
   * @param options See {@linkcode BasicAuthenticatorOptions}.
   */
  constructor(options: BasicAuthenticatorOptions) {
    this.#users = options.users;
    this.#uploaders = options.uploaders;
    this.#preflight = options.preflight ?? false;
  }

  /**
   * Lets a request pass, or answers it.
   *
   * @param handler The request's handler.
   * @returns Whether it has been answered.
   */
  handle(handler: ShareHTTPRequestHandler): boolean | Promise<boolean> {
    const writes = !/^(?:GET|HEAD|OPTIONS)$/.test(handler.command);
    const field = handler.field("authorization");
    if (field === undefined) {
      if (this.#isOpen(handler, writes)) return false;
      return this.#challenge(handler, writes);
    }
    const key = Buffer.from(keyedDigest(field)).toString("base64");
    const grant = this.#remembered.get(key);
    if (grant !== undefined) return this.#decide(handler, writes, grant);
    return this.#verify(handler, writes, field, key);
  }

  #isOpen(handler: ShareHTTPRequestHandler, writes: boolean): boolean {
    if (!writes && this.#users === undefined) return true;
    return this.#preflight && handler.command === "OPTIONS" &&
      handler.field("access-control-request-method") !== undefined;
  }

  #decide(
    handler: ShareHTTPRequestHandler,
    writes: boolean,
    grant: Grant,
  ): boolean {
    handler.user = grant.user;
    if (grant.writes || !writes) return false;
    return this.#challenge(handler, writes);
  }

  async #verify(
    handler: ShareHTTPRequestHandler,
    writes: boolean,
    field: string,
    key: string,
  ): Promise<boolean> {
    const [address] = handler.clientAddress;
    let verifying = this.#verifying.get(key);
    if (verifying === undefined) {
      const pause = this.#attempts.begin(address, Date.now());
      if (pause > 0) {
        return this.#putOff(handler, 429, Math.ceil(pause / 1000));
      }
      if (this.#waiting >= MAX_WAITING) {
        this.#attempts.succeed(address);
        return this.#putOff(handler, 503, 1);
      }
      verifying = this.#check(field, address).finally(() =>
        this.#verifying.delete(key)
      );
      this.#verifying.set(key, verifying);
    }
    const grant = await verifying;
    if (grant === undefined) {
      handler.logError("Wrong credentials");
      return this.#challenge(handler, writes);
    }
    this.#remember(key, grant);
    return this.#decide(handler, writes, grant);
  }

  /** What credentials are good for; `undefined`, after a while, for nothing. */
  async #check(field: string, address: string): Promise<Grant | undefined> {
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    this.#waiting++;
    await before;
    let grant: Grant | undefined;
    try {
      grant = await this.#grant(field);
    } finally {
      this.#waiting--;
      resolve();
    }
    if (grant !== undefined) {
      this.#attempts.succeed(address);
      return grant;
    }
    const ms = this.#attempts.delay(address);
    await new Promise((done) => setTimeout(done, ms));
    return undefined;
  }

  async #grant(field: string): Promise<Grant | undefined> {
    const { user, password } = parseBasic(field) ?? { user: "", password: "" };
    const isUploader = await isRight(this.#uploaders, user, password);
    const isUser = await isRight(this.#users, user, password);
    if (!isUploader && !isUser) return undefined;
    const writes = isUploader || this.#uploaders === undefined;
    return { user, writes };
  }

  #remember(key: string, grant: Grant): void {
    if (this.#remembered.size >= MAX_REMEMBERED) {
      this.#remembered.delete(this.#remembered.keys().next().value!);
    }
    this.#remembered.set(key, grant);
  }

  #challenge(handler: ShareHTTPRequestHandler, writes: boolean): true {
    const forUploads = writes && this.#uploaders !== undefined;
    const realm = forUploads ? "uploads" : "files";
    return refuseWith(handler, 401, "Unauthorized", [
      ["WWW-Authenticate", basicChallenge(realm)],
    ]);
  }

  #putOff(
    handler: ShareHTTPRequestHandler,
    status: number,
    seconds: number,
  ): true {
    const message = status === 429
      ? "Too many wrong passwords"
      : "Too many at once";
    return refuseWith(handler, status, message, [[
      "Retry-After",
      `${seconds}`,
    ]]);
  }
}

/** A user that does not exist costs as much as the first one that does. */
async function isRight(
  users: Users | undefined,
  user: string,
  password: string,
): Promise<boolean> {
  if (users === undefined) return false;
  const verifier = users.get(user);
  const [someone] = users.values();
  const matches = await (verifier ?? someone)(password);
  return matches && verifier !== undefined;
}

function refuseWith(
  handler: ShareHTTPRequestHandler,
  status: number,
  message: string,
  fields: [string, string][],
): true {
  const body = wantedForm(handler) === "json"
    ? { error: { status, message } }
    : `${status} ${message}\n`;
  answer(handler, status, body, fields);
  return true;
}
