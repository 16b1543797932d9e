// Copyright 2026 the pystd authors. MIT license.

/**
 * The dates of HTTP (RFC 9110 section 5.6.7) and of the log.
 *
 * `Date` is not used for HTTP: it parses no format strictly, and formatting
 * takes three times as long as the arithmetic here. Only the log uses `Date`,
 * for the local time zone.
 *
 * @module
 */

/** Milliseconds in a second. */
export const SECOND_MS = 1000;
const DAY_SECONDS = 86_400;

/** The range of years with four digits, as an HTTP-date has. */
const MIN_MS = -62_167_219_200_000; // 0000-01-01T00:00:00Z
const MAX_MS = 253_402_300_799_999; // 9999-12-31T23:59:59.999Z

/**
 * RFC 9110 section 5.6.7: a two-digit year that appears to be more than 50
 * years in the future means the latest past year with these digits.
 */
const FUTURE_YEARS = 50;

/** Weekday names of HTTP, Monday first as in Python's `weekdayname`. */
export const WEEKDAY_NAMES: readonly string[] = [
  "Mon",
  "Tue",
  "Wed",
  "Thu",
  "Fri",
  "Sat",
  "Sun",
];

/** Month names by number; January is 1, as in Python's `monthname`. */
export const MONTH_NAMES: readonly string[] = [
  "",
  "Jan",
  "Feb",
  "Mar",
  "Apr",
  "May",
  "Jun",
  "Jul",
  "Aug",
  "Sep",
  "Oct",
  "Nov",
  "Dec",
];

const LONG_WEEKDAY_NAMES: readonly string[] = [
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
  "Sunday",
];

/** "00" to "99". */
const TWO_DIGITS: readonly string[] = Array.from(
  { length: 100 },
  (_, number) => String(number).padStart(2, "0"),
);

/**
 * Formats a time as an HTTP-date (IMF-fixdate). Fractions of a second are
 * dropped.
 *
 * @param ms The time, in epoch milliseconds.
 * @returns The date, as in `Sun, 06 Nov 1994 08:49:37 GMT`.
 * @throws {RangeError} If the time is not in the years 0 to 9999.
 *
 * @example
 * ```ts
 * import { formatHttpDate } from "./date.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(formatHttpDate(784111777000), "Sun, 06 Nov 1994 08:49:37 GMT");
 * ```
 */
export function formatHttpDate(ms: number): string {
  // Written this way, the check also rejects NaN.
  if (!(ms >= MIN_MS && ms <= MAX_MS)) {
    throw new RangeError(`Cannot format ${ms} as an HTTP date: out of range`);
  }
  const seconds = Math.floor(ms / SECOND_MS);
  const days = Math.floor(seconds / DAY_SECONDS);
  const time = seconds - days * DAY_SECONDS;
  const { year, month, day } = civilFromDays(days);
  // Day 0 was a Thursday.
  const weekday = WEEKDAY_NAMES[(days % 7 + 10) % 7];
  return weekday + ", " + TWO_DIGITS[day] + " " + MONTH_NAMES[month] + " " +
    TWO_DIGITS[Math.floor(year / 100)] + TWO_DIGITS[year % 100] + " " +
    TWO_DIGITS[Math.floor(time / 3600)] + ":" +
    TWO_DIGITS[Math.floor(time / 60) % 60] + ":" + TWO_DIGITS[time % 60] +
    " GMT";
}

/** Cache for the current second: most responses share their date. */
let currentSecond = NaN;
let currentDate = "";

/**
 * Formats the current time for the `Date` field.
 *
 * @param now The time, in epoch milliseconds.
 * @returns The result of {@linkcode formatHttpDate}.
 *
 * @example
 * ```ts
 * import { currentHttpDate } from "./date.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(currentHttpDate(784111777000), "Sun, 06 Nov 1994 08:49:37 GMT");
 * ```
 */
export function currentHttpDate(now: number): string {
  const second = Math.floor(now / SECOND_MS);
  if (second !== currentSecond) {
    currentSecond = second;
    currentDate = formatHttpDate(now);
  }
  return currentDate;
}

/**
 * Parses an HTTP-date in any of its three formats:
 *
 *     Sun, 06 Nov 1994 08:49:37 GMT    IMF-fixdate
 *     Sunday, 06-Nov-94 08:49:37 GMT   RFC 850
 *     Sun Nov  6 08:49:37 1994         asctime()
 *
 * The weekday must be valid, but is not checked against the date. Second 60, a
 * leap second, is the second after 59.
 *
 * @param text The date.
 * @param now The current time, in epoch milliseconds; it decides the century of
 * two-digit years.
 * @returns The time in epoch milliseconds, `undefined` if the text is not an
 * HTTP-date.
 *
 * @example
 * ```ts
 * import { parseHttpDate } from "./date.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(parseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777000);
 * assertEquals(parseHttpDate("yesterday"), undefined);
 * ```
 */
export function parseHttpDate(
  text: string,
  now: number = Date.now(),
): number | undefined {
  if (text.length === 29 && text[3] === ",") return parseImfFixdate(text);
  if (text.length === 24 && text[3] === " ") return parseAsctime(text);
  return parseRfc850(text, now);
}

/** `Sun, 06 Nov 1994 08:49:37 GMT` */
function parseImfFixdate(text: string): number | undefined {
  const valid = WEEKDAY_NAMES.includes(text.slice(0, 3)) &&
    text.startsWith(", ", 3) && text[7] === " " && text[11] === " " &&
    text[16] === " " && text.endsWith(" GMT");
  if (!valid) return undefined;
  return toMs(
    readDigits(text, 12, 16),
    readMonth(text, 8),
    readDigits(text, 5, 7),
    readTime(text, 17),
  );
}

/** `Sun Nov  6 08:49:37 1994`; a one-digit day has a space before it. */
function parseAsctime(text: string): number | undefined {
  const valid = WEEKDAY_NAMES.includes(text.slice(0, 3)) &&
    text[7] === " " && text[10] === " " && text[19] === " ";
  if (!valid) return undefined;
  return toMs(
    readDigits(text, 20, 24),
    readMonth(text, 4),
    readDigits(text, text[8] === " " ? 9 : 8, 10),
    readTime(text, 11),
  );
}

/** `Sunday, 06-Nov-94 08:49:37 GMT` */
function parseRfc850(text: string, now: number): number | undefined {
  const comma = text.indexOf(",");
  const start = comma + 2;
  const valid = text.length === start + 22 &&
    LONG_WEEKDAY_NAMES.includes(text.slice(0, comma)) &&
    text[comma + 1] === " " && text[start + 2] === "-" &&
    text[start + 6] === "-" && text[start + 9] === " " &&
    text.endsWith(" GMT");
  if (!valid) return undefined;
  const lastDigits = readDigits(text, start + 7, start + 9);
  if (lastDigits === -1) return undefined;
  const month = readMonth(text, start + 3);
  const day = readDigits(text, start, start + 2);
  const time = readTime(text, start + 10);

  // The latest year with these digits that is not too far in the future.
  const thisYear =
    civilFromDays(Math.floor(now / SECOND_MS / DAY_SECONDS)).year;
  let year = thisYear - thisYear % 100 + 100 + lastDigits;
  while (
    (daysFromCivil(year - FUTURE_YEARS, month, day) * DAY_SECONDS + time) *
        SECOND_MS > now
  ) year -= 100;
  return toMs(year, month, day, time);
}

/** Reads the decimal number from `start` to `end`; -1 if it is invalid. */
function readDigits(text: string, start: number, end: number): number {
  let number = 0;
  for (let i = start; i < end; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}

/** Reads the month name at `start`; -1 if it is invalid. */
function readMonth(text: string, start: number): number {
  return MONTH_NAMES.indexOf(text.slice(start, start + 3));
}

/** Reads `hh:mm:ss` at `start` as seconds since midnight; -1 if invalid. */
function readTime(text: string, start: number): number {
  const hour = readDigits(text, start, start + 2);
  const minute = readDigits(text, start + 3, start + 5);
  const second = readDigits(text, start + 6, start + 8);
  if (text[start + 2] !== ":" || text[start + 5] !== ":") return -1;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return -1;
  if (second < 0 || second > 60) return -1;
  return hour * 3600 + minute * 60 + second;
}

/** Returns epoch milliseconds; `undefined` if a part is -1 or invalid. */
function toMs(
  year: number,
  month: number,
  day: number,
  time: number,
): number | undefined {
  if (year < 0 || month < 1 || day < 1 || time < 0) return undefined;
  const days = daysFromCivil(year, month, day);
  // February 30 would be a day in March.
  if (civilFromDays(days).month !== month) return undefined;
  return (days * DAY_SECONDS + time) * SECOND_MS;
}

/** Cache for the latest log line: lines of one second share their text. */
let logSecond = NaN;
let logText = "";

/**
 * Formats a time for the log: local time, in Python's format.
 *
 * @param ms The time, in epoch milliseconds.
 * @returns The date, as in `29/Feb/2024 12:34:56`.
 *
 * @example
 * ```ts
 * import { formatLogDate } from "./date.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const time = new Date(2024, 1, 29, 12, 34, 56);
 * assertEquals(formatLogDate(time.getTime()), "29/Feb/2024 12:34:56");
 * ```
 */
export function formatLogDate(ms: number): string {
  const second = Math.floor(ms / SECOND_MS);
  if (second !== logSecond) {
    logText = formatLocalTime(new Date(ms));
    logSecond = second;
  }
  return logText;
}

function formatLocalTime(date: Date): string {
  const year = String(date.getFullYear()).padStart(4, "0");
  return TWO_DIGITS[date.getDate()] + "/" + MONTH_NAMES[date.getMonth() + 1] +
    "/" + year + " " + TWO_DIGITS[date.getHours()] + ":" +
    TWO_DIGITS[date.getMinutes()] + ":" + TWO_DIGITS[date.getSeconds()];
}

// Years here start on March 1, so that a leap day is the last day of its year.
// All cycles of 400 years have the same number of days.
const CYCLE_YEARS = 400;
const CYCLE_DAYS = 146_097;
const EPOCH_DAYS = 719_468; // from March 1 of year 0 to January 1, 1970

interface CivilDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Returns the date of a day number, counted from the epoch. */
function civilFromDays(days: number): CivilDate {
  const cycle = Math.floor((days + EPOCH_DAYS) / CYCLE_DAYS);
  const cycleDay = days + EPOCH_DAYS - cycle * CYCLE_DAYS;
  // Without leap days, every year has 365 days.
  const leapDays = Math.floor(cycleDay / 1460) -
    Math.floor(cycleDay / 36_524) + Math.floor(cycleDay / (CYCLE_DAYS - 1));
  const yearOfCycle = Math.floor((cycleDay - leapDays) / 365);
  const yearDay = cycleDay - daysOfYears(yearOfCycle);
  // From March on, months have 31, 30, 31, 30, 31 days, repeatedly.
  const monthFromMarch = Math.floor((5 * yearDay + 2) / 153);
  const day = yearDay - daysOfMonths(monthFromMarch) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = cycle * CYCLE_YEARS + yearOfCycle + (month < 3 ? 1 : 0);
  return { year, month, day };
}

/** Returns the day number of a date, counted from the epoch. */
function daysFromCivil(year: number, month: number, day: number): number {
  const yearFromMarch = month < 3 ? year - 1 : year;
  const monthFromMarch = month < 3 ? month + 9 : month - 3;
  const cycle = Math.floor(yearFromMarch / CYCLE_YEARS);
  const yearOfCycle = yearFromMarch - cycle * CYCLE_YEARS;
  return cycle * CYCLE_DAYS + daysOfYears(yearOfCycle) +
    daysOfMonths(monthFromMarch) + day - 1 - EPOCH_DAYS;
}

/** Returns the days in the first `years` years of a cycle. */
function daysOfYears(years: number): number {
  return 365 * years + Math.floor(years / 4) - Math.floor(years / 100);
}

/** Returns the days in the first `months` months of a year, from March on. */
function daysOfMonths(months: number): number {
  return Math.floor((153 * months + 2) / 5);
}
