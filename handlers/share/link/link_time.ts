// Copyright 2026 the pystd authors. MIT license.

const MINUTE = 60 * 1000;
const UNITS: Readonly<Record<string, number>> = {
  m: MINUTE,
  h: 60 * MINUTE,
  d: 24 * 60 * MINUTE,
};

/** Time of a link if none is given. */
export const DEFAULT_LINK_TIME = "7d";

/** The times that the page offers, with their names. */
export const LINK_TIMES: readonly (readonly [time: string, name: string])[] = [
  ["1h", "1 hour"],
  ["1d", "1 day"],
  ["7d", "7 days"],
  ["30d", "30 days"],
];

/**
 * Parses the time for which a link holds.
 *
 * @param text A number with a unit: `90m`, `24h`, `7d`.
 * @returns The time in ms; `undefined` if the text is malformed, or not positive.
 *
 * @example
 * ```ts
 * import { parseLinkTime } from "@pystd/http-server/handlers/share/links";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(parseLinkTime("90m"), 90 * 60 * 1000);
 * assertEquals(parseLinkTime("soon"), undefined);
 * ```
 */
export function parseLinkTime(text: string): number | undefined {
  const [, digits, unit] = /^([0-9]{1,6})([mhd])$/.exec(text) ?? [];
  const time = Number(digits) * UNITS[unit];
  return time > 0 ? time : undefined;
}
