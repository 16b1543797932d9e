// Copyright 2026 the pystd authors. MIT license.

/**
 * Write locks (RFC 4918 section 6), in memory: they end with the process.
 *
 * A lock is on a path. With infinite depth it covers everything below. Every lock
 * expires, and their number is bounded.
 *
 * @module
 */

import { SEPARATOR } from "../../../files/paths.ts";

/** A write lock. */
export interface Lock {
  /** The lock token. */
  readonly token: string;
  /** The locked path. */
  readonly path: string;
  /** The escaped path in URLs. */
  readonly href: string;
  /** Whether the lock covers what is below the path. */
  readonly isDeep: boolean;
  /** Whether no other lock is allowed. */
  readonly isExclusive: boolean;
  /** The XML that describes the owner; empty if there is none. */
  readonly owner: string;
  /** The user who created it; `undefined` where nobody signs in. */
  readonly user: string | undefined;
  /** The client that created it. */
  readonly client: string;
  /** Its life after the last refresh, in ms. */
  lifetime: number;
  /** When it ends, in epoch ms. */
  expires: number;
}

/** Limits of locks. */
export interface LockLimits {
  /** Most locks. */
  readonly maxLocks: number;
  /** Most locks of one user or client. */
  readonly maxLocksPerClient: number;
  /** Longest life of a lock without a refresh, in ms. */
  readonly maxLockTime: number;
}

/** The locks of one directory. */
export class Locks {
  /** Locks by their path. */
  #locks = new Map<string, Lock[]>();

  /**
   * Creates a lock. The caller has checked that none conflicts.
   *
   * @param wanted The lock.
   * @param limits See {@linkcode LockLimits}.
   * @returns The lock; `undefined` if there are too many.
   */
  create(
    wanted: Omit<Lock, "token" | "expires">,
    { maxLocks, maxLocksPerClient, maxLockTime }: LockLimits,
  ): Lock | undefined {
    const all = this.#all();
    const own = all.filter(({ client }) => client === wanted.client);
    if (all.length >= maxLocks || own.length >= maxLocksPerClient) {
      return undefined;
    }
    const lifetime = Math.min(wanted.lifetime, maxLockTime);
    const lock: Lock = {
      ...wanted,
      token: `urn:uuid:${crypto.randomUUID()}`,
      lifetime,
      expires: Date.now() + lifetime,
    };
    this.#locks.set(lock.path, [...this.#on(lock.path), lock]);
    return lock;
  }

  /**
   * Extends the life of a lock.
   *
   * @param lock The lock.
   * @param lifetime Its new life, in ms.
   */
  refresh(lock: Lock, lifetime: number): void {
    lock.lifetime = lifetime;
    lock.expires = Date.now() + lifetime;
  }

  /**
   * Returns the locks that cover a path.
   *
   * @param path The path.
   * @returns The locks on it, and deep ones on the folders above.
   */
  covering(path: string): Lock[] {
    if (this.#locks.size === 0) return [];
    const found = this.#on(path);
    for (
      let at = path.length;
      (at = path.lastIndexOf(SEPARATOR, at - 1)) >= 0;
    ) {
      // The root of the system ends in its separator.
      const above = this.#on(path.slice(0, at === 0 ? 1 : at));
      found.push(...above.filter(({ isDeep }) => isDeep));
      if (at === 0) break;
    }
    return found;
  }

  /**
   * Returns the locks on what is below a path.
   *
   * @param path The path.
   * @returns The locks.
   */
  below(path: string): Lock[] {
    return this.#all().filter((lock) => isBelow(lock.path, path));
  }

  /**
   * Ends a lock.
   *
   * @param lock The lock.
   */
  remove(lock: Lock): void {
    const others = this.#on(lock.path).filter((other) => other !== lock);
    if (others.length === 0) this.#locks.delete(lock.path);
    else this.#locks.set(lock.path, others);
  }

  /**
   * Ends the locks of a resource that is gone, and of everything below.
   *
   * @param path Its path.
   */
  removeAt(path: string): void {
    this.#locks.delete(path);
    for (const lock of this.below(path)) this.remove(lock);
  }

  /** Returns the locks on a path, without expired ones. */
  #on(path: string): Lock[] {
    const now = Date.now();
    return (this.#locks.get(path) ?? []).filter(({ expires }) => expires > now);
  }

  /** Returns all locks, and forgets expired ones. */
  #all(): Lock[] {
    const all: Lock[] = [];
    for (const path of this.#locks.keys()) {
      const locks = this.#on(path);
      if (locks.length === 0) this.#locks.delete(path);
      all.push(...locks);
    }
    return all;
  }
}

/**
 * Tells whether a path is below another one.
 *
 * @param path The path.
 * @param folder The other one.
 * @returns Whether it is.
 */
export function isBelow(path: string, folder: string): boolean {
  return path.length > folder.length && path.startsWith(folder) &&
    (folder.endsWith(SEPARATOR) || path[folder.length] === SEPARATOR);
}
