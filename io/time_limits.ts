// Copyright 2026 the pystd authors. MIT license.

/**
 * Time limits without a timer a request.
 *
 * A server has one {@linkcode TimeLimitChecker}. While it has connections, it looks at
 * each of them once in a while: which phase is it in, and has any byte moved
 * since the last look? So a limit costs a request nothing but the assignment
 * of a phase, and is kept to within the time between two looks.
 *
 * @module
 */

import { clearImmediate, setImmediate } from "node:timers";
import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

/**
 * What a connection is waiting for: the first byte of a request, the rest of
 * its head, or whatever a handler does with it.
 */
export type Phase = "idle" | "head" | "request";

/** Which limit was exceeded. */
export type ExceededLimit = "idle" | "head" | "stalled";

/** Limits of a connection; times in milliseconds. */
export interface TimeLimits {
  /** Between two requests, and before the first. */
  idle: number;
  /** From the first byte of a head to its last. */
  head: number;
  /** How long a body or a response may move more slowly than `rate`. */
  stalled: number;
  /** The least bytes a second while one side waits for the other. */
  rate: number;
  /** The most bytes that the system may hold for a client that is slow. */
  buffered: number;
}

/** What a {@linkcode TimeLimitChecker} looks at. */
export interface TimeLimited {
  /**
   * Looks whether a limit is exceeded.
   *
   * @param now The time in milliseconds, of `performance.now()`.
   * @returns Whether one was, and something had to be done about it.
   */
  look(now: number): boolean;
  /** Ends it if nothing is under way: the server stops. */
  closeIfIdle(): void;
}

/**
 * One connection, as a {@linkcode TimeLimitChecker} sees it. It tells its owner when a
 * limit is exceeded; one function can do for all of them.
 */
export class ConnectionTimer<Owner = undefined> implements TimeLimited {
  /** What the connection is waiting for. */
  phase: Phase = "idle";
  /** How many requests have come, so that two idle phases can be told apart. */
  requests = 0;
  #reader: Reader;
  #writer: Writer;
  #limits: TimeLimits;
  #onOverdue: (overdue: ExceededLimit, owner: Owner) => void;
  #owner: Owner;
  /** What the last look saw, and since when it has been so. */
  #seen: ExceededLimit | undefined;
  #seenRequests = -1;
  #since = 0;
  #sinceBytes = 0;
  /** Bytes that the client may not have taken yet, as of the last look. */
  #held = 0;
  #heldAt = 0;
  #sent = 0;

  /**
   * Describes a connection.
   *
   * @param reader Its receiving side.
   * @param writer Its sending side.
   * @param limits Its time limits.
   * @param onOverdue Called once when one of them is exceeded.
   * @param owner What that is told about.
   */
  constructor(
    reader: Reader,
    writer: Writer,
    limits: TimeLimits,
    onOverdue: (overdue: ExceededLimit, owner: Owner) => void,
    owner: Owner,
  ) {
    this.#reader = reader;
    this.#writer = writer;
    this.#limits = limits;
    this.#onOverdue = onOverdue;
    this.#owner = owner;
  }

  /** Whether the connection is between two requests, with nothing to send. */
  get idle(): boolean {
    return this.phase === "idle" && this.#reader.available === 0 &&
      !this.#writer.busy;
  }

  /** Ends the connection if it is idle: the server stops. */
  closeIfIdle(): void {
    if (this.idle) this.#onOverdue("idle", this.#owner);
  }

  /**
   * Looks whether a limit is exceeded.
   *
   * @param now The time in milliseconds, of any clock that does not go back.
   * @returns Whether one is: it has been given up then.
   */
  look(now: number): boolean {
    const waitsFor = this.#waitsFor();
    const bytes = this.#reader.received + this.#writer.sent;
    this.#measureHeld(now);
    if (
      waitsFor === undefined || waitsFor !== this.#seen ||
      this.requests !== this.#seenRequests
    ) {
      this.#seen = waitsFor;
      this.#seenRequests = this.requests;
      this.#restart(now, bytes);
      return false;
    }
    const elapsed = now - this.#since;
    if (elapsed < this.#limits[waitsFor]) return false;
    const enough = this.#limits.rate * elapsed / 1000;
    const moved = bytes - this.#sinceBytes;
    this.#restart(now, bytes);
    if (waitsFor === "stalled") {
      if (moved > 0 && moved >= enough) return false;
      if (this.#writer.busy && this.#held > 0) return false;
    }
    this.#onOverdue(waitsFor, this.#owner);
    return true;
  }

  /**
   * Estimates how much the system still holds of what it has accepted, if the
   * client takes no more than `rate`. The system accepts nothing new before the
   * client has taken a third of its buffer: no write may end for minutes though
   * the client is faster than `rate`.
   */
  #measureHeld(now: number): void {
    const { rate, buffered } = this.#limits;
    const { sent } = this.#writer;
    const taken = rate * (now - this.#heldAt) / 1000;
    const held = Math.min(buffered, this.#held + sent - this.#sent) - taken;
    this.#held = Math.max(0, Math.trunc(held));
    this.#heldAt = now;
    this.#sent = sent;
  }

  #restart(now: number, bytes: number): void {
    this.#since = now;
    this.#sinceBytes = bytes;
  }

  /** The limit that runs now; a handler that computes may take its time. */
  #waitsFor(): ExceededLimit | undefined {
    if (this.#writer.busy) return "stalled";
    if (this.phase !== "request") return this.phase;
    return this.#reader.waiting ? "stalled" : undefined;
  }
}

/** How many connections are given up in one turn: some 5 ms of work. */
const MOST_AT_ONCE = 32;

/** Looks at the connections of a server. */
export class TimeLimitChecker {
  #watches = new Set<TimeLimited>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #rest: ReturnType<typeof setImmediate> | undefined;
  #interval: number;

  /**
   * Creates a watchdog that sleeps until it has something to look at.
   *
   * @param interval The time between two looks in milliseconds.
   */
  constructor(interval: number) {
    this.#interval = interval;
  }

  /** How many connections there are. */
  get size(): number {
    return this.#watches.size;
  }

  /**
   * Starts to look at a connection.
   *
   * @param watch The connection.
   */
  add(watch: TimeLimited): void {
    this.#watches.add(watch);
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#look(), this.#interval);
    // A connection keeps the process alive, its watchdog need not.
    globalThis.Deno?.unrefTimer(this.#timer);
  }

  /**
   * Stops looking at a connection.
   *
   * @param watch The connection.
   */
  delete(watch: TimeLimited): void {
    this.#watches.delete(watch);
    if (this.#watches.size > 0) return;
    clearInterval(this.#timer);
    clearImmediate(this.#rest);
    this.#timer = this.#rest = undefined;
  }

  /** Ends the connections that are between two requests. */
  closeIdle(): void {
    for (const watch of this.#watches) watch.closeIfIdle();
  }

  /** Looks at all; others are served between one lot of late ones and more. */
  #look(): void {
    clearImmediate(this.#rest);
    // A whole number: a fraction would be an object, for each connection one.
    const now = Math.trunc(performance.now());
    let late = 0;
    for (const watch of this.#watches) {
      if (watch.look(now) && ++late === MOST_AT_ONCE) {
        this.#rest = setImmediate(() => this.#look());
        return;
      }
    }
  }
}
