// Copyright 2026 the pystd authors. MIT license.

/**
 * Lines of the log other than CPython's: one for each request, when it ends.
 *
 * @module
 */

import { formatLogDate } from "../../protocol/date.ts";
import { escapeControls } from "../../python/text.ts";

/**
 * The forms that a line of the log can have: CPython's, NCSA's common and
 * combined ones (followed by the seconds that the request took), or JSON.
 */
export type LogFormat = "python" | "clf" | "combined" | "json";

/** What there is to say about a request. */
export interface AccessEntry {
  /** The client's address. */
  remote: string;
  /** Who the client has shown to be. */
  user: string | undefined;
  /** The request line. */
  requestline: string;
  /** The status of the response. */
  status: number;
  /** How many bytes of its body were sent. */
  bytes: number;
  /** How long it took, in ms. */
  duration: number;
  /** The page that led to the request. */
  referer: string | undefined;
  /** The client's name for itself. */
  userAgent: string | undefined;
}

/**
 * Makes a line.
 *
 * @param format Its form.
 * @param entry What it is about.
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
  // No user has a space here, that would shift the fields after it.
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
  // JSON lets these stand, but a terminal may obey them.
  return json.replace(
    /[\x7f-\x9f]/g,
    (control) => `\\u00${control.charCodeAt(0).toString(16)}`,
  );
}

const PROTOCOL = /^HTTP\/[0-9]\.[0-9]$/;

/** A request line may be anything: only its last word can be a protocol. */
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

/** Neither a line end nor a quote of the client's ends a field. */
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
 * Colours a line by the status that it tells of.
 *
 * @param line The line.
 * @param status The status.
 * @returns The line, with escape sequences for a terminal around it.
 */
export function colored(line: string, status: number): string {
  if (status < 300) return line;
  const color = status >= 500 ? 31 : status >= 400 ? 33 : 36;
  return `\x1b[${color}m${line}\x1b[39m`;
}
