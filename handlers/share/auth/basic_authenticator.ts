// Copyright 2026 the pystd authors. MIT license.

/**
 * Basic authentication, the first step of every request.
 *
 *     no credentials -------------------------------> 401
 *     right before, from this client? -- yes -------> in
 *     longer than a password may be ----------------> 401
 *     too many verifications wait ------------------> 503
 *     too many failures of this client -------------> 429
 *     wrong --------------- after a delay ----------> 401
 *     right, but not for uploads -------------------> 401, in another realm
 *
 * Right credentials are remembered by a digest, since bcrypt is slow. An
 * unknown user takes as much time as a known one.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { clientNetwork } from "../../../io/client_network.ts";
import { basicChallenge, parseBasic } from "../../../protocol/basic_auth.ts";
import { quote } from "../../../protocol/percent_encoding.ts";
import { collapsePath, splitTarget } from "../../../protocol/request_target.ts";
import type { ShareRequest } from "../request.ts";
import { responseForm, sendShortResponse } from "../short_response.ts";
import {
  InMemoryLoginThrottle,
  type LoginAttempt,
  type LoginThrottle,
  type ThrottleDecision,
} from "./login_throttle.ts";
import type { Authenticator } from "../features.ts";
import { keyedDigest, type Users } from "./passwords.ts";

export { InMemoryLoginThrottle } from "./login_throttle.ts";
export type {
  LoginAttempt,
  LoginThrottle,
  ThrottleDecision,
} from "./login_throttle.ts";
export { parsePasswordFile, parseUser } from "./passwords.ts";
export type { PasswordFile, Users, Verifier } from "./passwords.ts";

/** Options of {@linkcode BasicAuthenticator}. */
export interface BasicAuthenticatorOptions {
  /**
   * Users who may read; everybody if absent. They may also upload, unless there
   * are `uploaders`.
   */
  users?: Users;
  /** Users who may upload and read. */
  uploaders?: Users;
  /**
   * Whether requests without a password pass, for a feature that decides what they
   * may do (`rights`).
   *
   * @default {false}
   */
  optional?: boolean;
  /**
   * Whether CORS preflights, which never have credentials, are allowed.
   *
   * @default {false}
   */
  preflight?: boolean;
  /**
   * Limits how fast passwords can be tried. Pass one object to several
   * authenticators that are to count attempts together.
   *
   * @default {new InMemoryLoginThrottle()}
   */
  throttle?: LoginThrottle;
}

/** Most verified credentials that are remembered. */
const MAX_REMEMBERED = 1000;

/** The result of checking a password. */
interface Verification extends ThrottleDecision {
  readonly grant?: Grant;
}

/** The permissions of a user. */
interface Grant {
  readonly user: string;
  /** Whether the user may upload. Every user may read. */
  readonly writes: boolean;
}

/**
 * Requires the password of a user, by Basic authentication.
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
  /**
   * Longest password or user name, in bytes of UTF-8 (401). bcrypt reads only
   * 72 bytes.
   */
  static maxPasswordBytes = 1024;
  /** Most verifications that wait (503); one by bcrypt takes 0.1 s. */
  static maxVerifications = 32;

  #users: Users | undefined;
  #uploaders: Users | undefined;
  #optional: boolean;
  #preflight: boolean;
  #throttle: LoginThrottle;
  /** Permissions by a digest of the client and its credentials. */
  #remembered = new Map<string, Grant>();
  /** Verifications in progress; equal ones share one. */
  #verifying = new Map<string, Promise<Verification>>();
  /** The latest verification. Each waits for the one before. */
  #turn: Promise<unknown> = Promise.resolve();

  /**
   * Stores its arguments.
   *
   * @param options See {@linkcode BasicAuthenticatorOptions}.
   */
  constructor(options: BasicAuthenticatorOptions) {
    this.#users = options.users;
    this.#uploaders = options.uploaders;
    this.#optional = options.optional ?? false;
    this.#preflight = options.preflight ?? false;
    this.#throttle = options.throttle ?? new InMemoryLoginThrottle();
  }

  get #class(): typeof BasicAuthenticator {
    return this.constructor as typeof BasicAuthenticator;
  }

  /**
   * Returns the key by which a client's attempts are counted. Override it if
   * something identifies clients better than their addresses. Under `./fetch`
   * the option `clientAddress` gives the address; without it all clients count
   * as one, and one of them can lock a user out.
   *
   * @param request The request.
   * @returns `addressString()`, or the /64 network of an IPv6 address.
   */
  clientKey(request: ShareRequest): string {
    return clientNetwork(request.addressString());
  }

  /**
   * Answers a request without the required credentials.
   *
   * @param request The request.
   * @returns Whether it has been answered.
   */
  handle(request: ShareRequest): boolean | Promise<boolean> {
    const writes = !/^(?:GET|HEAD|OPTIONS|PROPFIND)$/.test(request.command) ||
      this.#signsIn(request);
    const field = request.field("authorization");
    if (field === undefined) {
      if (this.#isOpen(request, writes)) return false;
      return this.#challenge(request, writes);
    }
    const client = this.clientKey(request);
    const most = this.#class.maxPasswordBytes;
    // Base64 encodes three bytes as four characters; the field has two texts.
    const isLong = field.length > 4 * most;
    const key = isLong ? "" : this.#keyOf(request, field);
    const grant = this.#remembered.get(key);
    if (grant !== undefined) return this.#decide(request, writes, grant);
    const { user, password } = (isLong ? undefined : parseBasic(field)) ?? {};
    if (
      user === undefined || password === undefined ||
      Buffer.byteLength(user) > most || Buffer.byteLength(password) > most
    ) {
      request.logError("Wrong credentials");
      return this.#challenge(request, writes);
    }
    const attempt = { client, user, credentials: field };
    return this.#verify(request, writes, key, attempt, password);
  }

  /**
   * Tells whether the user of a request may upload.
   *
   * @param request The request.
   * @returns Whether its credentials were right, and are those of an uploader
   * if there are uploaders.
   */
  mayWrite(request: ShareRequest): boolean {
    if (this.#uploaders === undefined) return true;
    const field = request.field("authorization");
    if (field === undefined) return false;
    return this.#remembered.get(this.#keyOf(request, field))?.writes ?? false;
  }

  /**
   * Asks the client for the password of a user.
   *
   * @param request The request.
   */
  challenge(request: ShareRequest): void {
    this.#challenge(request, false);
  }

  #signsIn({ path }: ShareRequest): boolean {
    const isOffered = this.#uploaders !== undefined || this.#optional;
    return isOffered && /^\/\?login(?:=|&|$)/.test(path);
  }

  /** Returns a digest of the client and its credentials. */
  #keyOf(request: ShareRequest, field: string): string {
    return keyedDigest(`${this.clientKey(request)} ${field}`)
      .toString("base64");
  }

  #isOpen(request: ShareRequest, writes: boolean): boolean {
    if (this.#optional && !this.#signsIn(request)) return true;
    if (!writes && this.#users === undefined) return true;
    return this.#preflight && request.command === "OPTIONS" &&
      request.field("access-control-request-method") !== undefined;
  }

  #decide(
    request: ShareRequest,
    writes: boolean,
    grant: Grant,
  ): boolean {
    request.user = grant.user;
    if (writes && !grant.writes) return this.#challenge(request, writes);
    return this.#signsIn(request) ? sendBack(request) : false;
  }

  async #verify(
    request: ShareRequest,
    writes: boolean,
    key: string,
    attempt: LoginAttempt,
    password: string,
  ): Promise<boolean> {
    let verifying = this.#verifying.get(key);
    if (verifying === undefined) {
      if (this.#verifying.size >= this.#class.maxVerifications) {
        return this.#putOff(request, 503, 1);
      }
      verifying = this.#check(attempt, password).finally(() =>
        this.#verifying.delete(key)
      );
      this.#verifying.set(key, verifying);
    }
    const { grant, pause, delay } = await verifying;
    if (pause > 0) return this.#putOff(request, 429, Math.ceil(pause / 1000));
    if (grant === undefined) {
      await wait(delay);
      request.logError("Wrong credentials");
      return this.#challenge(request, writes);
    }
    this.#remember(key, grant);
    return this.#decide(request, writes, grant);
  }

  /** Checks credentials after the verifications before it. */
  async #check(attempt: LoginAttempt, password: string): Promise<Verification> {
    const verdict = await this.#throttle.begin(attempt);
    if (verdict.pause > 0) return verdict;
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    await before;
    try {
      const grant = await this.#grant(attempt.user, password);
      if (grant !== undefined) this.#throttle.succeed(attempt);
      return { ...verdict, grant };
    } finally {
      // Serve other requests between two hashes.
      setTimeout(resolve);
    }
  }

  async #grant(user: string, password: string): Promise<Grant | undefined> {
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

  #challenge(request: ShareRequest, writes: boolean): true {
    const forUploads = writes && this.#uploaders !== undefined;
    const realm = forUploads ? "uploads" : "files";
    return sendAuthError(request, 401, "Unauthorized", [
      ["WWW-Authenticate", basicChallenge(realm)],
    ]);
  }

  #putOff(
    request: ShareRequest,
    status: number,
    seconds: number,
  ): true {
    const message = status === 429
      ? "Too many wrong passwords"
      : "Too many logins at once";
    return sendAuthError(request, status, message, [[
      "Retry-After",
      `${seconds}`,
    ]]);
  }
}

/** Redirects to the folder that a user signed in from: `/?login=PATH`. */
function sendBack(request: ShareRequest): true {
  const query = new URLSearchParams(splitTarget(request.path).query);
  const names = collapsePath(query.get("login") ?? "");
  const folder = names.map((name) => `${quote(name)}/`).join("");
  sendShortResponse(request, 303, "", [["Location", `./${folder}`]]);
  return true;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Checks a password. For an unknown user it takes as much time. */
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

function sendAuthError(
  request: ShareRequest,
  status: number,
  message: string,
  fields: [string, string][],
): true {
  const body = responseForm(request) === "json"
    ? { error: { status, message } }
    : `${status} ${message}\n`;
  sendShortResponse(request, status, body, fields);
  return true;
}
