// Copyright 2026 the pystd authors. MIT license.

/**
 * Downloads that are hashed as they arrive and not stored, so that they may
 * have gigabytes.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { delay } from "@std/async/delay";
import { type Answer, parseAnswers } from "./answers.ts";
import { decodeLatin1, encodeLatin1 } from "./client.ts";
import { runProgram } from "./command.ts";

/** The result. */
export interface Download {
  /** The head of the response. */
  answer: Answer;
  /** Bytes of the body received. */
  length: number;
  /** Their SHA-256 in hexadecimal. */
  sha256: string;
}

/** Options of a download. */
export interface DownloadOptions {
  /**
   * Header lines to add, each with its CR and LF.
   *
   * @default {""}
   */
  headers?: string;
  /**
   * Delay of a slow reader before its first read, in ms. After each read it
   * waits for a fiftieth of that.
   *
   * @default {0}
   */
  slow?: number;
}

/**
 * Large enough for cheap reads; a slow reader uses a quarter, so that its
 * pauses add up.
 */
const BUFFER_SIZE = 256 * 1024;

/**
 * Downloads on a new connection, until the server closes it.
 *
 * @param port The server's port on 127.0.0.1.
 * @param target The request target, as it is to be sent.
 * @param options How to download.
 * @returns What came.
 */
export async function download(
  port: number,
  target: string,
  options: DownloadOptions = {},
): Promise<Download> {
  const { headers = "", slow = 0 } = options;
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(encodeLatin1(
    `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${headers}\r\n`,
  ));
  const buffer = new Uint8Array(slow > 0 ? BUFFER_SIZE / 4 : BUFFER_SIZE);
  const hash = createHash("sha256");
  let head = "";
  let length = 0;
  if (slow > 0) await delay(slow);
  for (;;) {
    const count = await conn.read(buffer);
    if (count === null) break;
    let body = buffer.subarray(0, count);
    if (!head.includes("\r\n\r\n")) {
      const before = head.length;
      head += decodeLatin1(body);
      const end = head.indexOf("\r\n\r\n") + 4;
      if (end < 4) continue;
      head = head.slice(0, end);
      body = body.subarray(end - before);
    }
    hash.update(body);
    length += body.length;
    if (slow > 0) await delay(slow / 50);
  }
  const answer = parseAnswers(head)[0]!;
  return { answer, length, sha256: hash.digest("hex") };
}

/**
 * Returns the memory use of a process; Linux only.
 *
 * @param pid The process.
 * @returns Its current and highest use, in bytes.
 */
export async function memoryOf(
  pid: number,
): Promise<{ now: number; peak: number }> {
  // Deno reads `/proc` only with all permissions.
  const { stdout } = await runProgram("cat", [`/proc/${pid}/status`]);
  const bytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(stdout)![1]) * 1024;
  return { now: bytes("VmRSS"), peak: bytes("VmHWM") };
}
