// Copyright 2026 the pystd authors. MIT license.

/**
 * Access log formats other than CPython's: a line for each request, written
 * when it ends.
 *
 * @module
 */

import { formatLogDate } from "../../protocol/date.ts";
import { escapeControls } from "../../python/text.ts";

/**
 * Format of the access log: CPython's, NCSA's common or combined format
 * (followed by the duration in seconds), or JSON.
 */
export type LogFormat = "python" | "clf" | "combined" | "json";

/** A request, as the access log shows it. */
export interface AccessEntry {
  /** The client's address. */
  remote: string;
  /** The user's name, if it was verified. */
  user: string | undefined;
  /** The request line. */
  requestline: string;
  /** The status of the response. */
  status: number;
  /** Bytes of the body that were sent. */
  bytes: number;
  /** Duration, in ms. */
  duration: number;
  /** Value of `Referer`. */
  referer: string | undefined;
  /** Value of `User-Agent`. */
  userAgent: string | undefined;
}

/**
 * Formats a line of the access log.
 *
 * @param format The format.
 * @param entry The request.
 * @param now When the request ended, in epoch ms.
 * @returns The line, without its end.
 */
export function accessLine(
  format: Exclude<LogFormat, "python">,
  entry: AccessEntry,
  now: number,
): string {
  if (format === "json") return jsonLine(entry, now);
  const { remote, user, requestline, status, bytes, duration } = entry;
  // A space in the user's name would shift the following fields.
  const who = user === undefined ? "-" : escaped(user).replaceAll(" ", "\\x20");
  const line = `${remote} - ${who} [${clfDate(now)}] "${
    escaped(requestline)
  }" ${status} ${bytes === 0 ? "-" : bytes}`;
  const seconds = (duration / 1000).toFixed(3);
  if (format === "clf") return `${line} ${seconds}`;
  return `${line} ${quoted(entry.referer)} ${
    quoted(entry.userAgent)
  } ${seconds}`;
}

function jsonLine(entry: AccessEntry, now: number): string {
  const { method, target, protocol } = partsOf(entry.requestline);
  const json = JSON.stringify({
    time: new Date(now).toISOString(),
    remote: entry.remote,
    user: entry.user,
    method,
    target,
    protocol,
    status: entry.status,
    bytes: entry.bytes,
    ms: Math.round(entry.duration * 1000) / 1000,
    referer: entry.referer,
    userAgent: entry.userAgent,
  });
  // JSON allows these control characters, but terminals interpret them.
  return json.replace(
    /[\x7f-\x9f]/g,
    (control) => `\\u00${control.charCodeAt(0).toString(16)}`,
  );
}

const PROTOCOL = /^HTTP\/[0-9]\.[0-9]$/;

/** Splits a request line, which can be malformed. */
function partsOf(
  requestline: string,
): { method: string; target?: string; protocol?: string } {
  const [method, ...rest] = requestline.trim().split(/\s+/);
  const named = rest.length > 1 && PROTOCOL.test(rest.at(-1)!);
  const protocol = named ? rest.pop() : undefined;
  return { method, target: rest.join(" ") || undefined, protocol };
}

function quoted(value: string | undefined): string {
  return value === undefined || value === "" ? '"-"' : `"${escaped(value)}"`;
}

/** Escapes control characters and quotes, so that no value ends a field. */
function escaped(text: string): string {
  return escapeControls(text).replaceAll('"', '\\"');
}

let second = -1;
let date = "";

/** `06/Nov/1994:08:49:37 +0100` */
function clfDate(now: number): string {
  if (Math.floor(now / 1000) === second) return date;
  second = Math.floor(now / 1000);
  const minutes = -new Date(now).getTimezoneOffset();
  const two = (value: number): string => `${value}`.padStart(2, "0");
  const ahead = Math.abs(minutes);
  const zone = (minutes < 0 ? "-" : "+") + two(Math.floor(ahead / 60)) +
    two(ahead % 60);
  return date = `${formatLogDate(now).replace(" ", ":")} ${zone}`;
}

/**
 * Colours a line by its status.
 *
 * @param line The line.
 * @param status The status.
 * @returns The line between escape sequences for a terminal.
 */
export function colored(line: string, status: number): string {
  if (status < 300) return line;
  const color = status >= 500 ? 31 : status >= 400 ? 33 : 36;
  return `\x1b[${color}m${line}\x1b[39m`;
}
