// Copyright 2026 the pystd authors. MIT license.

/**
 * Runs a handler on a client's data, and captures errors and log.
 *
 * @module
 */

import { HTTPServer } from "../../server.ts";
import { type HandlerClass, MemoryConnection } from "../../testing.ts";

/** The result of a connection. */
export interface Outcome {
  /** The handler's output, as latin-1. */
  text: string;
  /** The log lines, without address and time. */
  log: string[];
  /** The error of `run()`. */
  error: unknown;
}

/**
 * Runs a handler to its end.
 *
 * @param Class Its class.
 * @param sent The client's data; then it closes its side.
 * @returns The result.
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
