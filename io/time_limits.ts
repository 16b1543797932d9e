// Copyright 2026 the pystd authors. MIT license.

/**
 * Time limits without a timer for each request.
 *
 * A server has one {@linkcode TimeLimitChecker}. It checks all connections at a
 * fixed interval: the phase of each, and the bytes transferred since the last
 * check. A limit costs a request one assignment, the phase, and is precise to
 * within the interval.
 *
 * @module
 */

import { clearImmediate, setImmediate } from "node:timers";
import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

/**
 * What a connection waits for: the first byte of a request, the rest of its
 * head, or the handler.
 */
export type Phase = "idle" | "head" | "request";

/** Which limit was exceeded. */
export type ExceededLimit = "idle" | "head" | "stalled";

/** Time limits of a connection, in ms. */
export interface TimeLimits {
  /** Longest time before the first request and between two requests. */
  idle: number;
  /** Longest time from the first byte of a head to the last. */
  head: number;
  /** Longest time for which a body or a response may be slower than `rate`. */
  stalled: number;
  /** Lowest rate while one side waits for the other, in bytes per second. */
  rate: number;
  /** Most bytes that the system buffers for a slow client. */
  buffered: number;
}

/** What a {@linkcode TimeLimitChecker} checks. */
export interface TimeLimited {
  /**
   * Ends the connection if a limit is exceeded.
   *
   * @param now The time of `performance.now()`, in ms.
   * @returns Whether a limit was exceeded.
   */
  check(now: number): boolean;
  /** Ends the connection if it is idle, since the server stops. */
  closeIfIdle(): void;
}

/**
 * The time limits of one connection. Calls a function when a limit is exceeded;
 * all connections can share that function.
 */
export class ConnectionTimer<Owner = undefined> implements TimeLimited {
  /** What the connection waits for. */
  phase: Phase = "idle";
  /** Number of requests so far, to tell two idle phases apart. */
  requests = 0;
  #reader: Reader;
  #writer: Writer;
  #limits: TimeLimits;
  #onExceeded: (limit: ExceededLimit, owner: Owner) => void;
  #owner: Owner;
  /** The limit that applied at the last check, and since when. */
  #seen: ExceededLimit | undefined;
  #seenRequests = -1;
  #since = 0;
  #sinceBytes = 0;
  /** Bytes that the client may not have received by the last check. */
  #held = 0;
  #heldAt = 0;
  #sent = 0;

  /**
   * Stores its arguments.
   *
   * @param reader The reader of the connection.
   * @param writer The writer of the connection.
   * @param limits Its time limits.
   * @param onExceeded Called when one of them is exceeded.
   * @param owner Passed to that function.
   */
  constructor(
    reader: Reader,
    writer: Writer,
    limits: TimeLimits,
    onExceeded: (limit: ExceededLimit, owner: Owner) => void,
    owner: Owner,
  ) {
    this.#reader = reader;
    this.#writer = writer;
    this.#limits = limits;
    this.#onExceeded = onExceeded;
    this.#owner = owner;
  }

  /** Whether the connection is between requests, with nothing to send. */
  get idle(): boolean {
    return this.phase === "idle" && this.#reader.available === 0 &&
      !this.#writer.busy;
  }

  /** Ends the connection if it is idle, since the server stops. */
  closeIfIdle(): void {
    if (this.idle) this.#onExceeded("idle", this.#owner);
  }

  /**
   * Ends the connection if a limit is exceeded.
   *
   * @param now The time of a monotonic clock, in ms.
   * @returns Whether a limit is exceeded.
   */
  check(now: number): boolean {
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
    this.#onExceeded(waitsFor, this.#owner);
    return true;
  }

  /**
   * Estimates how many of the bytes sent the system still buffers, if the client
   * reads at `rate`. The system accepts nothing new before the client has read a
   * third of that buffer, so no write may finish for minutes although the client
   * is faster than `rate`.
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

  /** The limit that applies now; none while a handler computes. */
  #waitsFor(): ExceededLimit | undefined {
    if (this.#writer.busy) return "stalled";
    if (this.phase !== "request") return this.phase;
    return this.#reader.waiting ? "stalled" : undefined;
  }
}

/** What connections share, and nobody needs without one: open files. */
export interface SharedResources {
  /** Closes what was not used since the last call. */
  closeUnused(): void;
  /** Closes everything. */
  closeAll(): void;
}

/** Most connections to end in one turn: some 5 ms of work. */
const MAX_ENDED_AT_ONCE = 32;

/** Checks the time limits of a server's connections, and of what they share. */
export class TimeLimitChecker {
  #connections = new Set<TimeLimited>();
  #resources = new Set<SharedResources>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #rest: ReturnType<typeof setImmediate> | undefined;
  #interval: number;

  /**
   * Creates a checker, whose timer runs only while there are connections.
   *
   * @param interval Time between two checks, in ms.
   */
  constructor(interval: number) {
    this.#interval = interval;
  }

  /** Number of connections. */
  get size(): number {
    return this.#connections.size;
  }

  /**
   * Starts checking a connection.
   *
   * @param connection The connection.
   */
  add(connection: TimeLimited): void {
    this.#connections.add(connection);
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#checkAll(), this.#interval);
    // The connection keeps the process alive; this timer need not.
    globalThis.Deno?.unrefTimer(this.#timer);
  }

  /**
   * Stops checking a connection.
   *
   * @param connection The connection.
   */
  delete(connection: TimeLimited): void {
    this.#connections.delete(connection);
    if (this.#connections.size > 0) return;
    clearInterval(this.#timer);
    clearImmediate(this.#rest);
    this.#timer = this.#rest = undefined;
    for (const resources of this.#resources) resources.closeAll();
    this.#resources.clear();
  }

  /**
   * Closes resources that nobody has used between two checks, and all of them
   * when the last connection ends.
   *
   * @param resources The resources.
   * @returns `false` if there is no connection, so that it does nothing.
   */
  closeWhenUnused(resources: SharedResources): boolean {
    if (this.#connections.size === 0) return false;
    this.#resources.add(resources);
    return true;
  }

  /** Ends all idle connections. */
  closeIdle(): void {
    for (const connection of this.#connections) connection.closeIfIdle();
  }

  /** Checks all connections; yields after each batch that had to be ended. */
  #checkAll(): void {
    clearImmediate(this.#rest);
    // An integer: V8 would store a fraction as an object in each connection.
    const now = Math.trunc(performance.now());
    let late = 0;
    for (const connection of this.#connections) {
      if (connection.check(now) && ++late === MAX_ENDED_AT_ONCE) {
        this.#rest = setImmediate(() => this.#checkAll());
        return;
      }
    }
    for (const resources of this.#resources) resources.closeUnused();
  }
}
