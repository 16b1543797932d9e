// Copyright 2026 the pystd authors. MIT license.

/**
 * HTTP's dates (RFC 9110 section 5.6.7) and the log's.
 *
 * `Date` reads no format strictly, and takes three times as long to write one
 * as it takes to compute it from the number of the day. Only the log needs it,
 * for the local time zone.
 *
 * @module
 */

const SECOND = 1000;
const DAY_SECONDS = 86_400;

/** The years that have four digits, as those of every HTTP-date. */
const MIN_MS = -62_167_219_200_000; // 0000-01-01T00:00:00Z
const MAX_MS = 253_402_300_799_999; // 9999-12-31T23:59:59.999Z

/**
 * RFC 9110 section 5.6.7: a year of two digits that appears to be more than 50
 * years in the future is the last one in the past with these digits.
 */
const FUTURE_YEARS = 50;

/** The weekdays as HTTP has them, Monday first as in Python's `weekdayname`. */
export const WEEKDAY_NAMES: readonly string[] = [
  "Mon",
  "Tue",
  "Wed",
  "Thu",
  "Fri",
  "Sat",
  "Sun",
];

/** The months by number, January being 1 as in Python's `monthname`. */
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
 * Formats a time as HTTP wants it, as IMF-fixdate. A fraction of a second is
 * cut off.
 *
 * @param ms The time, in milliseconds since the epoch.
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
  // In this form NaN fails, too.
  if (!(ms >= MIN_MS && ms <= MAX_MS)) {
    throw new RangeError(`Cannot format ${ms} as an HTTP date: out of range`);
  }
  const seconds = Math.floor(ms / SECOND);
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

/** The date of the current second, since most responses share it. */
let currentSecond = NaN;
let currentDate = "";

/**
 * Formats the current time for the `Date` field.
 *
 * @param now The time, in milliseconds since the epoch.
 * @returns The time as {@linkcode formatHttpDate} gives it.
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
  const second = Math.floor(now / SECOND);
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
 * Nothing else is a date, and its recipient ignores it. The weekday has to be
 * one, but not the right one. Second 60, the leap second, is the one after 59.
 *
 * @param text The date.
 * @param now The present time that years of two digits are near to, in
 * milliseconds since the epoch.
 * @returns The time in milliseconds since the epoch, or `undefined` if the text
 * is no HTTP-date.
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

/** `Sun Nov  6 08:49:37 1994`; the day has two digits, or a space and one. */
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

  // The last year with these digits that is not too far in the future.
  const thisYear = civilFromDays(Math.floor(now / SECOND / DAY_SECONDS)).year;
  let year = thisYear - thisYear % 100 + 100 + lastDigits;
  while (
    (daysFromCivil(year - FUTURE_YEARS, month, day) * DAY_SECONDS + time) *
        SECOND > now
  ) year -= 100;
  return toMs(year, month, day, time);
}

/** The number that the characters from `start` to `end` are, or -1. */
function readDigits(text: string, start: number, end: number): number {
  let number = 0;
  for (let i = start; i < end; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}

/** The number of the month that is named at `start`, or -1. */
function readMonth(text: string, start: number): number {
  return MONTH_NAMES.indexOf(text.slice(start, start + 3));
}

/** The seconds since midnight of the `hh:mm:ss` at `start`, or -1. */
function readTime(text: string, start: number): number {
  const hour = readDigits(text, start, start + 2);
  const minute = readDigits(text, start + 3, start + 5);
  const second = readDigits(text, start + 6, start + 8);
  if (text[start + 2] !== ":" || text[start + 5] !== ":") return -1;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return -1;
  if (second < 0 || second > 60) return -1;
  return hour * 3600 + minute * 60 + second;
}

/** The time of a date, or `undefined` if a part of it is -1 or there is none. */
function toMs(
  year: number,
  month: number,
  day: number,
  time: number,
): number | undefined {
  if (year < 0 || month < 1 || day < 1 || time < 0) return undefined;
  const days = daysFromCivil(year, month, day);
  // The 30th of February is a day in March.
  if (civilFromDays(days).month !== month) return undefined;
  return (days * DAY_SECONDS + time) * SECOND;
}

/** The last line of the log had this second, and this text for it. */
let logSecond = NaN;
let logText = "";

/**
 * Formats a time for the log: local time, in Python's format.
 *
 * Lines of the same second share their text: there are thousands of them.
 *
 * @param ms The time, in milliseconds since the epoch.
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
  const second = Math.floor(ms / SECOND);
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

// The calendar counts from the first of March of year 0: so a leap day is the
// last day of a year, and a cycle of 400 years has always as many days.
const CYCLE_YEARS = 400;
const CYCLE_DAYS = 146_097;
const EPOCH_DAYS = 719_468; // from there to the first of January 1970

interface CivilDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** The date of a day, counted from the epoch. */
function civilFromDays(days: number): CivilDate {
  const cycle = Math.floor((days + EPOCH_DAYS) / CYCLE_DAYS);
  const cycleDay = days + EPOCH_DAYS - cycle * CYCLE_DAYS;
  // Without the leap days before it, a day is 365 times its year and a rest.
  const leapDays = Math.floor(cycleDay / 1460) -
    Math.floor(cycleDay / 36_524) + Math.floor(cycleDay / (CYCLE_DAYS - 1));
  const yearOfCycle = Math.floor((cycleDay - leapDays) / 365);
  const yearDay = cycleDay - daysOfYears(yearOfCycle);
  // From March on, months have 31, 30, 31, 30, 31 days, over and over.
  const monthFromMarch = Math.floor((5 * yearDay + 2) / 153);
  const day = yearDay - daysOfMonths(monthFromMarch) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = cycle * CYCLE_YEARS + yearOfCycle + (month < 3 ? 1 : 0);
  return { year, month, day };
}

/** The day of a date, counted from the epoch. */
function daysFromCivil(year: number, month: number, day: number): number {
  const yearFromMarch = month < 3 ? year - 1 : year;
  const monthFromMarch = month < 3 ? month + 9 : month - 3;
  const cycle = Math.floor(yearFromMarch / CYCLE_YEARS);
  const yearOfCycle = yearFromMarch - cycle * CYCLE_YEARS;
  return cycle * CYCLE_DAYS + daysOfYears(yearOfCycle) +
    daysOfMonths(monthFromMarch) + day - 1 - EPOCH_DAYS;
}

/** The days in the first years of a cycle. */
function daysOfYears(years: number): number {
  return 365 * years + Math.floor(years / 4) - Math.floor(years / 100);
}

/** The days in the first months of a year that begins in March. */
function daysOfMonths(months: number): number {
  return Math.floor((153 * months + 2) / 5);
}
