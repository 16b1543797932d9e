// Copyright 2026 the pystd authors. MIT license.

/**
 * Downloads that are hashed as they arrive and kept nowhere, so that the
 * client can take gigabytes as well.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { delay } from "@std/async/delay";
import { type Answer, parseAnswers } from "./answers.ts";
import { decodeLatin1, encodeLatin1 } from "./client.ts";
import { runProgram } from "./command.ts";

/** What came. */
export interface Download {
  /** The response, without its body. */
  answer: Answer;
  /** How many bytes of body came. */
  length: number;
  /** Their SHA-256 in hexadecimal. */
  sha256: string;
}

/** How to download. */
export interface DownloadOptions {
  /**
   * Header lines to add, each with its CR and LF.
   *
   * @default {""}
   */
  headers?: string;
  /**
   * How long a slow reader waits before it reads at all, in ms. It then waits
   * for a fiftieth of that after each read.
   *
   * @default {0}
   */
  slow?: number;
}

/**
 * Large enough that reading costs little; a slow reader takes a quarter, so
 * that its pauses add up.
 */
const BUFFER_SIZE = 256 * 1024;

/**
 * Downloads on a connection of its own, until the server closes it.
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
 * What a process holds in memory; Linux only.
 *
 * @param pid The process.
 * @returns What it holds now and the most it ever held, in bytes.
 */
export async function memoryOf(
  pid: number,
): Promise<{ now: number; peak: number }> {
  // Deno itself reads `/proc` only when it may do everything.
  const { stdout } = await runProgram("cat", [`/proc/${pid}/status`]);
  const bytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(stdout)![1]) * 1024;
  return { now: bytes("VmRSS"), peak: bytes("VmHWM") };
}
