// Copyright 2026 the pystd authors. MIT license.

import { HeadReader } from "../../io/head_reader.ts";
import type { TimeLimits } from "../../io/time_limits.ts";

/** Class variables of handlers that limit a connection. */
export interface LimitVariables {
  /** Longest line of a head, in bytes. */
  maxLineBytes: number;
  /** Most lines of a header block. */
  maxHeaderLines: number;
  /** Largest head, in bytes. */
  maxHeadBytes: number;
  /** Longest time from the first byte of a head to its last, in ms. */
  headTimeout: number;
  /** Longest time between requests, in ms. */
  idleTimeout: number;
  /** Longest time that a body may be slower than `minRate`, in ms. */
  stallTimeout: number;
  /** Lowest rate, in bytes a second. */
  minRate: number;
  /** Bytes that the system may hold for a slow client. */
  sendBufferBytes: number;
  /** Replaces the three timeouts unless it is `null`. */
  timeout: number | null;
}

/** Limits of a connection, in the form that enforces them. */
export interface Limits {
  /** Enforces the limits of a head. */
  heads: HeadReader;
  /** The limits on time. */
  timeLimits: TimeLimits;
}

/** The limits of the last connection. */
let last: Limits | undefined;

/**
 * Returns the limits of a handler class: the same objects for all connections
 * while the limits stay the same.
 *
 * @param cls The class.
 * @param strict Whether requests must follow RFC 9112.
 * @returns The limits.
 */
export function connectionLimits(cls: LimitVariables, strict: boolean): Limits {
  const idle = cls.timeout ?? cls.idleTimeout;
  const head = cls.timeout ?? cls.headTimeout;
  const stalled = cls.timeout ?? cls.stallTimeout;
  // CPython's timeout is one of a single write.
  const buffered = cls.timeout === null ? cls.sendBufferBytes : 0;
  if (last !== undefined) {
    const { heads, timeLimits } = last;
    const same = heads.strict === strict &&
      heads.limits.lineBytes === cls.maxLineBytes &&
      heads.limits.lines === cls.maxHeaderLines &&
      heads.limits.headBytes === cls.maxHeadBytes &&
      timeLimits.idle === idle && timeLimits.head === head &&
      timeLimits.stalled === stalled && timeLimits.rate === cls.minRate &&
      timeLimits.buffered === buffered;
    if (same) return last;
  }
  const headLimits = {
    lineBytes: cls.maxLineBytes,
    lines: cls.maxHeaderLines,
    headBytes: cls.maxHeadBytes,
  };
  const timeLimits = { idle, head, stalled, rate: cls.minRate, buffered };
  return last = { heads: new HeadReader(headLimits, strict), timeLimits };
}
