// Copyright 2026 the pystd authors. MIT license.

/**
 * Measures the pure functions on the request path: `deno bench
 * bench/protocol_bench.ts`. The first of each group is the most frequent case.
 *
 * Each result is assigned to `sink`, so that V8 does not optimize the work away.
 */

import { frameByteRanges } from "../protocol/byteranges.ts";
import { evaluatePreconditions, ifRangeHolds } from "../protocol/conditions.ts";
import {
  formatHttpDate,
  formatLogDate,
  parseHttpDate,
} from "../protocol/date.ts";
import { formatEtag } from "../protocol/etag.ts";
import { DEFAULT_EXTENSIONS_MAP, guessType } from "../protocol/media_types.ts";
import { formatNamed, formatPercent } from "../python/percent_format.ts";
import { escapeControls, repr } from "../python/text.ts";
import { quote, unquote, unquotePath } from "../protocol/percent_encoding.ts";
import { parseRange } from "../protocol/ranges.ts";
import { isSafeSegment } from "../protocol/path_segment.ts";
import { collapsePath, splitTarget } from "../protocol/request_target.ts";

/** Keeps the results; exported, so that it counts as used. */
export let sink: unknown;

/** Returns another time at each call. */
let time = Date.UTC(2024, 1, 29, 12, 34, 56);
function nextTime(): number {
  return time += 977_000;
}

const REQUEST_LINE = "GET /static/js/application.min.js HTTP/1.1";
const VALIDATORS = { etag: '"sg-lt77k6m8"', lastModified: 1709210096000 };
const NO_FIELDS = new Map<string, string>();
const CONDITIONAL = new Map([
  ["if-none-match", '"sg-lt77k6m8"'],
  ["if-modified-since", "Thu, 29 Feb 2024 12:34:56 GMT"],
]);
const MODIFIED_SINCE = new Map([
  ["if-modified-since", "Thu, 29 Feb 2024 12:34:56 GMT"],
]);
const IF_RANGE = new Map([["if-range", '"sg-lt77k6m8"']]);
const RANGES = [{ start: 0, end: 100 }, { start: 500, end: 600 }];

Deno.bench("path, plain", { group: "target", baseline: true }, () => {
  const { path } = splitTarget("/static/js/application.min.js");
  sink = collapsePath(unquotePath(path));
});
Deno.bench("path with escapes and query", { group: "target" }, () => {
  const { path } = splitTarget("/caf%C3%A9/hello%20world.txt?x=1");
  sink = collapsePath(unquotePath(path));
});
Deno.bench("decodeURIComponent, for comparison", { group: "target" }, () => {
  sink = decodeURIComponent("/caf%C3%A9/hello%20world.txt");
});
Deno.bench("unquote, no UTF-8", { group: "target" }, () => {
  sink = unquote("/caf%E9/hello%20world.txt");
});
Deno.bench("quote, plain", { group: "target" }, () => {
  sink = quote("application.min.js");
});
Deno.bench("quote, accents and spaces", { group: "target" }, () => {
  sink = quote("caf\u00e9 au lait.txt");
});
Deno.bench("isSafeSegment, posix", { group: "target" }, () => {
  sink = isSafeSegment("application.min.js", "posix");
});
Deno.bench("isSafeSegment, windows", { group: "target" }, () => {
  sink = isSafeSegment("application.min.js", "windows");
});

Deno.bench("log line", { group: "text", baseline: true }, () => {
  sink = escapeControls(
    formatPercent('"%s" %s %s', [REQUEST_LINE, "200", "-"]),
  );
});
Deno.bench("log line with controls", { group: "text" }, () => {
  sink = escapeControls("GET /\x1b[31mred\x1b[0m HTTP/1.1");
});
Deno.bench("repr", { group: "text" }, () => {
  sink = repr(REQUEST_LINE);
});
Deno.bench("formatNamed", { group: "text" }, () => {
  sink = formatNamed("<p>Error code: %(code)d</p><p>%(message)s</p>", {
    code: 404,
    message: "File not found",
  });
});
Deno.bench("formatPercent, a float", { group: "text" }, () => {
  sink = formatPercent("%08.3f", [3.14159]);
});

Deno.bench("formatHttpDate", { group: "date", baseline: true }, () => {
  sink = formatHttpDate(nextTime());
});
Deno.bench("toUTCString, for comparison", { group: "date" }, () => {
  sink = new Date(nextTime()).toUTCString();
});
Deno.bench("parseHttpDate, IMF-fixdate", { group: "date" }, () => {
  sink = parseHttpDate("Thu, 29 Feb 2024 12:34:56 GMT");
});
Deno.bench("parseHttpDate, RFC 850", { group: "date" }, () => {
  sink = parseHttpDate("Thursday, 29-Feb-24 12:34:56 GMT");
});
Deno.bench("Date.parse, for comparison", { group: "date" }, () => {
  sink = Date.parse("Thu, 29 Feb 2024 12:34:56 GMT");
});
Deno.bench("formatLogDate, the same second", { group: "date" }, () => {
  sink = formatLogDate(1709210096000);
});
Deno.bench("formatLogDate, another second", { group: "date" }, () => {
  sink = formatLogDate(nextTime());
});

Deno.bench("no conditions", { group: "file", baseline: true }, () => {
  sink = evaluatePreconditions("GET", NO_FIELDS, VALIDATORS);
});
Deno.bench("If-None-Match", { group: "file" }, () => {
  sink = evaluatePreconditions("GET", CONDITIONAL, VALIDATORS);
});
Deno.bench("If-Modified-Since", { group: "file" }, () => {
  sink = evaluatePreconditions("GET", MODIFIED_SINCE, VALIDATORS);
});
Deno.bench("If-Range", { group: "file" }, () => {
  sink = ifRangeHolds(IF_RANGE, VALIDATORS, 1709999999000);
});
Deno.bench("formatEtag", { group: "file" }, () => {
  sink = formatEtag(1024, nextTime());
});
Deno.bench("one range", { group: "file" }, () => {
  sink = parseRange("bytes=0-1023", 1_000_000, 16);
});
Deno.bench("three ranges", { group: "file" }, () => {
  sink = parseRange("bytes=0-1023, 5000-5999, -500", 1_000_000, 16);
});
Deno.bench("frameByteRanges", { group: "file" }, () => {
  sink = frameByteRanges(RANGES, {
    size: 1_000_000,
    type: "text/plain",
    boundary: "3d6b6a416f9b5",
  });
});
Deno.bench("guessType", { group: "file" }, () => {
  sink = guessType("/srv/static/js/application.min.js", DEFAULT_EXTENSIONS_MAP);
});
