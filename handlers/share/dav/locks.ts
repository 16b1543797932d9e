// Copyright 2026 the pystd authors. MIT license.

/**
 * Write locks (RFC 4918 section 6), in memory: they end with the process.
 *
 * A lock is on a path. With infinite depth it covers everything below. Every lock
 * expires, and their number is bounded.
 *
 * @module
 */

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
  #locks = new Map<string, Lock>();

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
    this.#removeExpired();
    if (this.#locks.size >= maxLocks) return undefined;
    let own = 0;
    for (const { client } of this.#locks.values()) {
      if (client === wanted.client) own++;
    }
    if (own >= maxLocksPerClient) return undefined;
    const lifetime = Math.min(wanted.lifetime, maxLockTime);
    const lock: Lock = {
      ...wanted,
      token: `urn:uuid:${crypto.randomUUID()}`,
      lifetime,
      expires: Date.now() + lifetime,
    };
    this.#locks.set(lock.token, lock);
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
    this.#removeExpired();
    return [...this.#locks.values()].filter((lock) =>
      lock.path === path || (lock.isDeep && isBelow(path, lock.path))
    );
  }

  /**
   * Returns the locks on what is below a path.
   *
   * @param path The path.
   * @returns The locks.
   */
  below(path: string): Lock[] {
    if (this.#locks.size === 0) return [];
    this.#removeExpired();
    return [...this.#locks.values()].filter((lock) => isBelow(lock.path, path));
  }

  /**
   * Ends a lock.
   *
   * @param lock The lock.
   */
  remove(lock: Lock): void {
    this.#locks.delete(lock.token);
  }

  /**
   * Ends the locks of a resource that is gone, and of everything below.
   *
   * @param path Its path.
   */
  removeAt(path: string): void {
    for (const lock of this.#locks.values()) {
      if (lock.path === path || isBelow(lock.path, path)) this.remove(lock);
    }
  }

  #removeExpired(): void {
    const now = Date.now();
    for (const lock of this.#locks.values()) {
      if (lock.expires <= now) this.remove(lock);
    }
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
    (folder.endsWith("/") || path[folder.length] === "/" ||
      path[folder.length] === "\\");
}
