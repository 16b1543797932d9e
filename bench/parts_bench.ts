// Copyright 2026 the pystd authors. MIT license.

/**
 * Compares the parts of a request with their previous implementation: `deno bench
 * bench/parts_bench.ts`. The baseline of each group is a copy from the history in
 * `previous/`, which names its commit, or the simplest implementation.
 *
 * Each result is assigned to `sink`, so that V8 does not optimize the work away.
 */

import { Buffer } from "node:buffer";
import { plainListing } from "../handlers/plain_listing.ts";
import type { View } from "../handlers/share/listing/view.ts";
import { TABLE } from "../handlers/share/listing/table.ts";
import { currentHttpDate, formatHttpDate } from "../protocol/date.ts";
import { parseHttpDate } from "../protocol/date.ts";
import { HeadScanner, parseHead } from "../protocol/request_head.ts";
import { HeadBuilder } from "../protocol/response_head_builder.ts";
import { localPath } from "../protocol/local_path.ts";
import { parseRange } from "../protocol/ranges.ts";
import { parseRange as parseRangeBefore } from "./previous/ranges.ts";
import { HeadBuilder as HeadBuilderBefore } from "./previous/response_head.ts";
import { localPath as localPathBefore } from "./previous/target.ts";

/** Keeps the results; exported, so that it counts as used. */
export let sink: unknown;

const HEAD = "GET /static/js/application.min.js HTTP/1.1\r\n" +
  "Host: www.example.org\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; " +
  "rv:128.0) Gecko/20100101 Firefox/128.0\r\nAccept: */*\r\n" +
  "Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br\r\n" +
  "Connection: keep-alive\r\nReferer: https://www.example.org/\r\n" +
  'If-None-Match: "sg-lt77k6m8"\r\n\r\n';
const BYTES = Buffer.from(HEAD, "latin1");
const LIMITS = { lineBytes: 65536, lines: 100, headBytes: 262144 };
const scanner = new HeadScanner();

Deno.bench(
  "head: split, into Headers",
  { group: "head", baseline: true },
  () => {
    const text = BYTES.toString("latin1");
    const [requestline, ...lines] = text.slice(0, -4).split("\r\n");
    const headers = new Headers();
    for (const line of lines) {
      const colon = line.indexOf(":");
      headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
    }
    sink = [requestline.split(" "), headers];
  },
);
Deno.bench("head: now", { group: "head" }, () => {
  scanner.scan(BYTES, 0, BYTES.length, LIMITS);
  sink = parseHead(
    BYTES,
    0,
    scanner.lineLength,
    scanner.headLength,
    true,
  );
  scanner.reset();
});

const FIELDS: readonly (readonly [name: string, value: string])[] = [
  ["Server", "pystd-http/0.1 Deno/2.9.6"],
  ["Date", "Thu, 29 Feb 2024 12:34:56 GMT"],
  ["Content-type", "text/javascript"],
  ["Content-Length", "1024"],
  ["Last-Modified", "Thu, 29 Feb 2024 12:34:56 GMT"],
  ["ETag", '"sg-lt77k6m8"'],
  ["Accept-Ranges", "bytes"],
];
const before = new HeadBuilderBefore();
const now = new HeadBuilder();

Deno.bench("response head: 7c39f61", {
  group: "response head",
  baseline: true,
}, () => {
  before.addStatusLine("HTTP/1.1", 200, "OK");
  for (const [name, value] of FIELDS) before.add(name, value);
  sink = before.take();
});
Deno.bench("response head: now", { group: "response head" }, () => {
  now.begin(200, { silent: false, strict: true });
  now.addStatusLine("HTTP/1.1", "OK");
  for (const [name, value] of FIELDS) now.add(name, value);
  now.end();
  sink = now.take();
});

for (
  const [name, target] of [
    ["path", "/static/js/application.min.js"],
    ["escaped path", "/caf%C3%A9/../hello%20world.txt?x=1"],
  ]
) {
  Deno.bench(`${name}: 814cfab`, { group: name, baseline: true }, () => {
    sink = localPathBefore(target, "/srv");
  });
  Deno.bench(`${name}: now`, { group: name }, () => {
    sink = localPath(target, "/srv", "posix");
  });
}

for (
  const [name, field] of [
    ["one range", "bytes=0-1023"],
    ["three ranges", "bytes=0-1023, 5000-5999, -500"],
  ]
) {
  Deno.bench(`${name}: 5e14c65`, { group: name, baseline: true }, () => {
    sink = parseRangeBefore(field, 1_000_000, 16);
  });
  Deno.bench(`${name}: now`, { group: name }, () => {
    sink = parseRange(field, 1_000_000, 16);
  });
}

/** Simulates two requests per millisecond. */
let time = Date.UTC(2024, 1, 29, 12, 34, 56);

Deno.bench("date: 0c85b08", { group: "date", baseline: true }, () => {
  sink = formatHttpDate(time += 0.5);
});
Deno.bench("date: now", { group: "date" }, () => {
  sink = currentHttpDate(time += 0.5);
});

const DATE = "Thu, 29 Feb 2024 12:34:56 GMT";
Deno.bench("parsed date: Date.parse", {
  group: "parsed date",
  baseline: true,
}, () => {
  sink = Date.parse(DATE);
});
Deno.bench("parsed date: now", { group: "parsed date" }, () => {
  sink = parseHttpDate(DATE);
});

const ENTRIES = Array.from({ length: 1000 }, (_, i) => ({
  name: `Holiday photo ${i * 7919 % 1000} (1).jpeg`,
  isDirectory: false,
  isSymlink: false,
  kind: "file" as const,
  size: i * 1000,
  mtime: 1709210096000 + i,
  key: "",
}));
const VIEW: View = {
  names: ["list"],
  title: "Files",
  sort: "name",
  descending: false,
  grid: false,
  uploads: false,
  signIn: "",
  links: false,
  manages: false,
  archives: [],
};

Deno.bench("listing of 1,000: names alone, encodeURIComponent", {
  group: "listing",
  baseline: true,
}, () => {
  let page = "";
  for (const { name } of ENTRIES) {
    page += `<li><a href="${encodeURIComponent(name)}">${name}</a></li>\n`;
  }
  sink = page;
});
Deno.bench("listing of 1,000: CPython's page", { group: "listing" }, () => {
  sink = plainListing("/list/", ENTRIES);
});
Deno.bench("listing of 1,000: the rich rows", { group: "listing" }, () => {
  sink = TABLE.rows(ENTRIES, VIEW);
});
