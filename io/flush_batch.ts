// Copyright 2026 the pystd authors. MIT license.

/**
 * Sends the responses of several connections together.
 *
 * Requests that arrive together are answered one after the other, each by the
 * continuation of a promise. A microtask that the first of them queues runs
 * after the last. Answering several requests first and sending the responses
 * afterwards is faster than doing both in turn: code and data stay in the CPU
 * cache, and a client that the first response wakes up is awake for the others.
 *
 * @module
 */

/** The sending side of a connection. */
export interface Flushable {
  /** Sends what was written. */
  flush(): void;
}

/** Most responses in a batch: some 200 µs of work. */
const MAX_BATCH = 16;

const batch: Flushable[] = [];
/** When the last response was ready, in epoch ms. */
let lastReady = 0;

/**
 * Sends a response that is complete, together with those of other connections
 * that are complete in the same millisecond.
 *
 * @param connection The sending side of the connection.
 * @param small Whether the response is small; a large one is sent at once.
 */
export function flushInBatch(connection: Flushable, small: boolean): void {
  const now = Date.now();
  // Responses that are large or take long do not wait for the next one.
  const mayWait = small && now === lastReady;
  lastReady = now;
  const count = batch.push(connection);
  if (!mayWait || count === MAX_BATCH) flushBatch();
  else if (count === 1) queueMicrotask(flushBatch);
}

function flushBatch(): void {
  for (const connection of batch.splice(0)) connection.flush();
}
