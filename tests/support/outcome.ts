// Copyright 2026 the pystd authors. MIT license.

/**
 * Runs a handler on what a client sends, errors and log included.
 *
 * @module
 */

import { HTTPServer } from "../../server.ts";
import { type HandlerClass, MemoryConnection } from "../../testing.ts";

/** What became of a connection. */
export interface Outcome {
  /** All that was sent, as latin-1 text. */
  text: string;
  /** The lines that were logged, without address and time. */
  log: string[];
  /** What `run()` threw. */
  error: unknown;
}

/**
 * Runs a handler to its end.
 *
 * @param Class Its class.
 * @param sent What the client sends before it ends its side.
 * @returns What became of the connection.
 */
export async function outcomeOf(
  Class: HandlerClass,
  sent: string,
): Promise<Outcome> {
  const log: string[] = [];
  class Recording extends Class {
    override writeLog(line: string): void {
      log.push(line.slice(line.indexOf("] ") + 2));
    }
  }
  const memory = new MemoryConnection(sent);
  memory.end();
  const server = new HTTPServer(["127.0.0.1", 0], Recording, {
    bindAndActivate: false,
  });
  let error: unknown;
  try {
    await new Recording(memory, ["127.0.0.1", 1], server).run();
  } catch (thrown) {
    error = thrown;
  }
  return { text: memory.text, log, error };
}
