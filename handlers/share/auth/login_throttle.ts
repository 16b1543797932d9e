// Copyright 2026 the pystd authors. MIT license.

/**
 * How often wrong passwords have been tried: for a user from an address, and
 * from an address for whichever user. Each time the answer is held back longer;
 * after some times there is a pause.
 *
 * Many people may share an address. So the pause of one user is none of
 * another's, and a password that was right from an address before is let in
 * from there in a pause, too.
 *
 * @module
 */

import { keyedDigest } from "./passwords.ts";

/** Somebody who tries a password. */
export interface LoginAttempt {
  /** What the attempts are counted by: a client's address, or its network. */
  readonly client: string;
  /** The user's name. */
  readonly user: string;
  /** The credentials, of which a digest is kept. */
  readonly credentials: string;
}

/** What comes of an attempt. */
export interface ThrottleDecision {
  /** How long to pause before the next attempt, in ms; 0 if it may be made. */
  readonly pause: number;
  /** How long its answer is held back if the password is wrong, in ms. */
  readonly delay: number;
}

/** Counts attempts, here or in another thread. */
export interface LoginThrottle {
  /**
   * Counts an attempt as a failure until it is known not to be one, so that
   * attempts at the same time do not come before the first is counted.
   *
   * @param attempt Who tries what.
   * @returns Whether the password is to be looked at.
   */
  begin(attempt: LoginAttempt): ThrottleDecision | Promise<ThrottleDecision>;
  /**
   * Takes back what `begin` counted: the password was right. Other failures
   * still count, which may be those of somebody else.
   *
   * @param attempt The attempt.
   */
  succeed(attempt: LoginAttempt): void;
}

/** After this time without an attempt all is forgotten, in ms. */
const FORGET_MS = 10 * 60_000;
/** The first delay; it doubles with each failure. */
const FIRST_DELAY_MS = 100;
/** The longest delay. */
const LAST_DELAY_MS = 2000;
/** What is kept in mind of each kind; the oldest are forgotten first. */
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
  /** For a user from an address, before a pause: typing errors, a few tabs. */
  static maxFailures = 10;
  /** From an address for all users: ten people who forgot their passwords. */
  static maxFailuresPerAddress = 100;
  /** The pause, in ms; after it one attempt may be made, or ten of all users. */
  static failurePause = 60_000;

  #entries = new Map<string, Entry>();
  /** Digests of clients with credentials that were right. */
  #known = new Set<string>();
  #now: () => number;

  /**
   * Starts to count.
   *
   * @param now The time in epoch ms.
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

/** How long a pause still takes, in ms. */
function pauseOf({ failures, last }: Entry, now: number, most: number): number {
  return failures < most ? 0 : last + InMemoryLoginThrottle.failurePause - now;
}

/** After a pause some attempts may be made, and then comes the next one. */
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

/** A name may be long, and is a client's: its digest is kept. */
function userKey(client: string, user: string): string {
  return `${client} ${keyedDigest(user).toString("base64")}`;
}

function digestOf({ client, credentials }: LoginAttempt): string {
  return keyedDigest(`${client} ${credentials}`).toString("base64");
}
