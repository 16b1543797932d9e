// Copyright 2026 the pystd authors. MIT license.

/**
 * Counts wrong passwords, for each pair of user and address, and for each
 * address. Each failure delays the response longer; after too many there is a
 * pause.
 *
 * Many people may share an address. So a pause holds for one user, and
 * credentials that were right from an address before are accepted from there
 * during a pause, too.
 *
 * @module
 */

import { keyedDigest } from "./passwords.ts";

/** An attempt to log in. */
export interface LoginAttempt {
  /** The client's address, or its network. */
  readonly client: string;
  /** The user's name. */
  readonly user: string;
  /** The credentials; only a digest is stored. */
  readonly credentials: string;
}

/** Whether and when an attempt may be made. */
export interface ThrottleDecision {
  /** Time to the next attempt, in ms; 0 if this one may be made. */
  readonly pause: number;
  /** Delay of the response if the password is wrong, in ms. */
  readonly delay: number;
}

/** Counts failed attempts, in this thread or in another one. */
export interface LoginThrottle {
  /**
   * Counts an attempt as a failure until `succeed` takes that back, so that
   * attempts at the same time are counted, too.
   *
   * @param attempt The attempt.
   * @returns Whether to check the password now.
   */
  begin(attempt: LoginAttempt): ThrottleDecision | Promise<ThrottleDecision>;
  /**
   * Takes back the failure that `begin` counted: the password was right. Other
   * failures remain, since they may be somebody else's.
   *
   * @param attempt The attempt.
   */
  succeed(attempt: LoginAttempt): void;
}

/** Time without an attempt after which failures are forgotten, in ms. */
const FORGET_MS = 10 * 60_000;
/** The first delay; it doubles with each failure. */
const FIRST_DELAY_MS = 100;
/** The longest delay. */
const LAST_DELAY_MS = 2000;
/** Most entries of each kind; the oldest are removed first. */
const MAX_ENTRIES = 10_000;

interface Entry {
  failures: number;
  last: number;
}

/**
 * Counts failures in memory.
 *
 * @example Two authenticators that count together
 * ```ts
 * import {
 *   InMemoryLoginThrottle,
 *   BasicAuthenticator,
 *   parseUser,
 * } from "@pystd/http-server/handlers/share/auth";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const throttle = new InMemoryLoginThrottle();
 * const users = new Map([parseUser("ann:secret")!]);
 * const one = new BasicAuthenticator({ users, throttle });
 * const other = new BasicAuthenticator({ users, throttle });
 *
 * const attempt = { client: "192.0.2.1", user: "ann", credentials: "x" };
 * assertEquals(throttle.begin(attempt), { pause: 0, delay: 100 });
 * ```
 */
export class InMemoryLoginThrottle implements LoginThrottle {
  /** Failures of a user from an address before a pause. */
  static maxFailures = 10;
  /** Failures from an address, for all users, before a pause. */
  static maxFailuresPerAddress = 100;
  /** Length of the pause, in ms. Then a user has one attempt, an address ten. */
  static failurePause = 60_000;

  #entries = new Map<string, Entry>();
  /** Digests of clients with credentials that were right. */
  #known = new Set<string>();
  #now: () => number;

  /**
   * Creates a throttle.
   *
   * @param now Returns the time in epoch ms.
   */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  begin(attempt: LoginAttempt): ThrottleDecision {
    if (this.#known.has(digestOf(attempt))) return { pause: 0, delay: 0 };
    const cls = InMemoryLoginThrottle;
    const now = this.#now();
    const { client, user } = attempt;
    const keys = [userKey(client, user), client] as const;
    const [ofUser, ofClient] = keys.map((key) => this.#entry(key, now));
    const pause = Math.max(
      pauseOf(ofUser, now, cls.maxFailures),
      pauseOf(ofClient, now, cls.maxFailuresPerAddress),
    );
    if (pause > 0) return { pause, delay: 0 };
    reopen(ofUser, cls.maxFailures, 1);
    reopen(ofClient, cls.maxFailuresPerAddress, cls.maxFailures);
    this.#count(keys[0], ofUser, now);
    this.#count(keys[1], ofClient, now);
    const delay = FIRST_DELAY_MS * 2 ** (ofUser.failures - 1);
    return { pause: 0, delay: Math.min(delay, LAST_DELAY_MS) };
  }

  succeed(attempt: LoginAttempt): void {
    const digest = digestOf(attempt);
    if (this.#known.has(digest)) return;
    this.#known.add(digest);
    forgetOldest(this.#known);
    const { client, user } = attempt;
    for (const key of [userKey(client, user), client]) {
      const entry = this.#entries.get(key);
      if (entry !== undefined && --entry.failures <= 0) {
        this.#entries.delete(key);
      }
    }
  }

  #entry(key: string, now: number): Entry {
    const entry = this.#entries.get(key);
    const isOld = entry === undefined || now - entry.last > FORGET_MS;
    return isOld ? { failures: 0, last: now } : entry;
  }

  #count(key: string, entry: Entry, now: number): void {
    entry.failures++;
    entry.last = now;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    forgetOldest(this.#entries);
  }
}

/** Returns the rest of a pause, in ms. */
function pauseOf({ failures, last }: Entry, now: number, most: number): number {
  return failures < most ? 0 : last + InMemoryLoginThrottle.failurePause - now;
}

/** Allows some attempts after a pause, before the next pause. */
function reopen(entry: Entry, most: number, attempts: number): void {
  if (entry.failures >= most) entry.failures = most - attempts;
}

function forgetOldest(
  kept: {
    size: number;
    keys(): Iterator<string>;
    delete(key: string): unknown;
  },
): void {
  if (kept.size > MAX_ENTRIES) kept.delete(kept.keys().next().value!);
}

/** A client may send a long name, so a digest is stored. */
function userKey(client: string, user: string): string {
  return `${client} ${keyedDigest(user).toString("base64")}`;
}

function digestOf({ client, credentials }: LoginAttempt): string {
  return keyedDigest(`${client} ${credentials}`).toString("base64");
}
