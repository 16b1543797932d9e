// Copyright 2026 the pystd authors. MIT license.

import { HeadReader } from "../../io/head_reader.ts";
import type { TimeLimits } from "../../io/time_limits.ts";

/** The variables of a class of handlers that are limits of a connection. */
export interface LimitVariables {
  /** The longest line of a head, in bytes. */
  maxLineBytes: number;
  /** The most lines of a header block. */
  maxHeaderLines: number;
  /** The most bytes of a head. */
  maxHeadBytes: number;
  /** From the first byte of a head to its last, in ms. */
  headTimeout: number;
  /** Between requests, in ms. */
  idleTimeout: number;
  /** How long a body may move more slowly than `minRate`, in ms. */
  stallTimeout: number;
  /** The least bytes a second. */
  minRate: number;
  /** The most bytes that the system may hold for a slow client. */
  sendBufferBytes: number;
  /** When not `null`, takes the place of the three timeouts. */
  timeout: number | null;
}

/** The limits of a connection, as those who keep them take them. */
export interface Limits {
  /** Keeps those of a head. */
  heads: HeadReader;
  /** Those on time. */
  timeLimits: TimeLimits;
}

/** The limits of the handler that was set up last. */
let last: Limits | undefined;

/**
 * A class's limits: the same objects for all connections while they stay.
 *
 * @param cls The class.
 * @param strict Whether it holds requests to RFC 9112.
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
