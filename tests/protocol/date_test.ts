// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { assertThrows } from "@std/assert/throws";
import {
  currentHttpDate,
  formatHttpDate,
  formatLogDate,
  MONTH_NAMES,
  parseHttpDate,
  WEEKDAY_NAMES,
} from "../../protocol/date.ts";

const NOW = Date.UTC(2026, 0, 15, 12);

Deno.test("formatHttpDate writes IMF-fixdate", () => {
  const table: [number, string][] = [
    [0, "Thu, 01 Jan 1970 00:00:00 GMT"],
    [784111777000, "Sun, 06 Nov 1994 08:49:37 GMT"],
    [784111777999, "Sun, 06 Nov 1994 08:49:37 GMT"],
    [784111777999.9, "Sun, 06 Nov 1994 08:49:37 GMT"],
    [-1, "Wed, 31 Dec 1969 23:59:59 GMT"],
    [951782400000, "Tue, 29 Feb 2000 00:00:00 GMT"],
    [1709210096000, "Thu, 29 Feb 2024 12:34:56 GMT"],
    [4107542399000, "Sun, 28 Feb 2100 23:59:59 GMT"],
    [-62167219200000, "Sat, 01 Jan 0000 00:00:00 GMT"],
    [253402300799999, "Fri, 31 Dec 9999 23:59:59 GMT"],
  ];
  for (const [ms, text] of table) assertEquals(formatHttpDate(ms), text);
});

Deno.test("currentHttpDate equals formatHttpDate, with or without its cache", () => {
  const times = [-1, 0, 999, 1000, 784111777999, 784111777000, 0, -1000];
  for (const now of times) {
    assertEquals(currentHttpDate(now), formatHttpDate(now), `${now}`);
  }
});

Deno.test("formatHttpDate throws for years without four digits", () => {
  for (
    const ms of [NaN, Infinity, -Infinity, -62167219200001, 253402300800000]
  ) {
    assertThrows(
      () => formatHttpDate(ms),
      RangeError,
      `Cannot format ${ms} as an HTTP date: out of range`,
    );
  }
});

Deno.test("formatHttpDate and parseHttpDate agree with Date in all years", () => {
  // Steps of 37 days and a bit reach every month and weekday of every century
  const step = 37 * 86_400_000 + 12_345_000;
  for (let ms = -62167219200000; ms <= 253402300799999; ms += step) {
    const text = new Date(ms).toUTCString();
    assertEquals(formatHttpDate(ms), text);
    assertEquals(parseHttpDate(text), ms);
  }
});

Deno.test("parseHttpDate accepts the three formats of RFC 9110", () => {
  const table: [string, number][] = [
    ["Sun, 06 Nov 1994 08:49:37 GMT", 784111777000],
    ["Sunday, 06-Nov-94 08:49:37 GMT", 784111777000],
    ["Sun Nov  6 08:49:37 1994", 784111777000],
    ["Thu, 29 Feb 2024 12:34:56 GMT", 1709210096000],
    ["Thursday, 29-Feb-24 12:34:56 GMT", 1709210096000],
    ["Thu Feb 29 12:34:56 2024", 1709210096000],
    // The weekday may be wrong
    ["Mon, 06 Nov 1994 08:49:37 GMT", 784111777000],
    ["Wednesday, 06-Nov-94 08:49:37 GMT", 784111777000],
    ["Sat Nov  6 08:49:37 1994", 784111777000],
    ["Sun Nov 06 08:49:37 1994", 784111777000],
    // Leap seconds
    ["Sat, 31 Dec 2016 23:59:60 GMT", Date.UTC(2017, 0, 1)],
    ["Saturday, 31-Dec-16 23:59:60 GMT", Date.UTC(2017, 0, 1)],
    ["Sat Dec 31 23:59:60 2016", Date.UTC(2017, 0, 1)],
    ["Sat, 01 Jan 0000 00:00:00 GMT", -62167219200000],
    ["Thu, 01 Jan 0050 00:00:00 GMT", Date.parse("0050-01-01T00:00:00Z")],
  ];
  for (const [text, ms] of table) {
    assertEquals(parseHttpDate(text, NOW), ms, text);
  }
});

Deno.test("parseHttpDate reads a two-digit year as one within 50 years", () => {
  const table: [now: string, text: string, year: number][] = [
    ["2026-01-15", "Thursday, 14-Jan-76 00:00:00 GMT", 2076],
    ["2026-01-15", "Thursday, 15-Jan-76 00:00:00 GMT", 2076],
    ["2026-01-15", "Thursday, 15-Jan-76 00:00:01 GMT", 1976],
    ["2026-01-15", "Thursday, 16-Jan-76 00:00:00 GMT", 1976],
    ["2026-01-15", "Thursday, 15-Jan-77 00:00:00 GMT", 1977],
    ["2026-01-15", "Thursday, 15-Jan-26 00:00:00 GMT", 2026],
    ["2026-01-15", "Thursday, 15-Jan-00 00:00:00 GMT", 2000],
    ["2099-06-01", "Thursday, 15-Jan-05 00:00:00 GMT", 2105],
    ["1999-12-31", "Thursday, 15-Jan-00 00:00:00 GMT", 2000],
    ["2074-02-28", "Thursday, 29-Feb-24 00:00:00 GMT", 2024],
  ];
  for (const [now, text, year] of table) {
    const ms = parseHttpDate(text, Date.parse(now));
    assertEquals(new Date(ms!).getUTCFullYear(), year, `${now} ${text}`);
  }
});

Deno.test("parseHttpDate ignores invalid dates", () => {
  const table = [
    "",
    "yesterday",
    "0",
    "1994-11-06T08:49:37Z",
    "06 Nov 1994 08:49:37 GMT",
    "Sun, 6 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37",
    "Sun, 06 Nov 1994 08:49:37 UTC",
    "Sun, 06 Nov 1994 08:49:37 +0000",
    "Sun, 06 Nov 1994 08:49:37 gmt",
    "Sun, 06 Nov 94 08:49:37 GMT",
    "Sun, 06-Nov-1994 08:49:37 GMT",
    "Sun, 06 NOV 1994 08:49:37 GMT",
    "sun, 06 Nov 1994 08:49:37 GMT",
    "Son, 06 Nov 1994 08:49:37 GMT",
    "Sun  06 Nov 1994 08:49:37 GMT",
    "Sun,_06 Nov 1994 08:49:37 GMT",
    "Sun, 06_Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov_1994 08:49:37 GMT",
    "Sun, 06 Nov 1994_08:49:37 GMT",
    "Sun, 06 Nov 1994 08.49:37 GMT",
    "Sun, 06 Nov 1994 08:49.37 GMT",
    "Sun, 06 Nov 1994 08:49:3: GMT",
    "Sun, 06 Nov 19/4 08:49:37 GMT",
    "Sun, 06     1994 08:49:37 GMT",
    "Sun, +6 Nov 1994 08:49:37 GMT",
    "Sun,  6 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov -994 08:49:37 GMT",
    "Sun, 00 Nov 1994 08:49:37 GMT",
    "Sun, 31 Nov 1994 08:49:37 GMT",
    "Sun, 32 Dec 1994 08:49:37 GMT",
    "Wed, 29 Feb 2023 00:00:00 GMT",
    "Thu, 29 Feb 1900 00:00:00 GMT",
    "Sun, 06 Nov 1994 24:00:00 GMT",
    "Sun, 06 Nov 1994 08:60:00 GMT",
    "Sun, 06 Nov 1994 08:49:61 GMT",
    "Sun, 06 Nov 1994 08:49:37 GMT ",
    " Sun, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06-Nov-94 08:49:37 GMT",
    "Sunday, 06-Nov-1994 08:49:37 GMT",
    "Sunday, 06 Nov 94 08:49:37 GMT",
    "Sunday, 06-Nov-9x 08:49:37 GMT",
    "Sunday, 06-Xxx-94 08:49:37 GMT",
    "Sunday, xx-Nov-94 08:49:37 GMT",
    "Sunday, 06-Nov-94 xx:49:37 GMT",
    "Wednesday, 29-Feb-23 00:00:00 GMT",
    "Sonntag, 06-Nov-94 08:49:37 GMT",
    "Sun Nov 6 08:49:37 1994",
    "Sun Nov   08:49:37 1994 ",
    "Sun Nov_ 6 08:49:37 1994",
    "Sun Nov  6_08:49:37 1994",
    "Sun Nov  6 08:49:37_1994",
    "Sun Nov  0 08:49:37 1994",
    "Sun Nov 31 08:49:37 1994",
    "Sun Nov  6 08:49:37 19x4",
    "Sun Nov  6 08:49:37 1994 GMT",
    "\u0000".repeat(29),
    "Sun, \u0660\u0666 Nov 1994 08:49:37 GMT",
    // Dates that crashed servers, such as CVE-2019-10775
    "Sun, 06 Nov 275760 08:49:37 GMT",
    "Invalid Date",
    "Sunday," + " ".repeat(100_000),
  ];
  for (const text of table) {
    assertEquals(parseHttpDate(text, NOW), undefined, text.slice(0, 80));
  }
});

Deno.test("formatLogDate writes local time", () => {
  const times = [
    new Date(2024, 1, 29, 12, 34, 56, 0),
    new Date(2024, 1, 29, 12, 34, 56, 999),
    new Date(2026, 11, 1, 0, 0, 0),
    new Date(2024, 1, 29, 12, 34, 56),
    new Date(999, 6, 9, 23, 59, 59),
  ];
  const texts = times.map((time) => formatLogDate(time.getTime()));
  assertEquals(texts, [
    "29/Feb/2024 12:34:56",
    "29/Feb/2024 12:34:56",
    "01/Dec/2026 00:00:00",
    "29/Feb/2024 12:34:56",
    "09/Jul/0999 23:59:59",
  ]);
  assertMatch(
    formatLogDate(Date.now()),
    /^\d\d\/[A-Z][a-z]{2}\/\d{4} \d\d:\d\d:\d\d$/,
  );
});

Deno.test("WEEKDAY_NAMES and MONTH_NAMES are indexed as in Python", () => {
  assertEquals(WEEKDAY_NAMES[0], "Mon");
  assertEquals(WEEKDAY_NAMES.length, 7);
  assertEquals(MONTH_NAMES[1], "Jan");
  assertEquals(MONTH_NAMES[12], "Dec");
});
