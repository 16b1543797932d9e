// Copyright 2026 the pystd authors. MIT license.

/**
 * RFC 9110 (HTTP semantics), row by row: what it asks of an origin server that
 * serves files.
 *
 * @module
 */

import { assertEquals } from "@std/assert/equals";
import { SimpleHTTPRequestHandler } from "../handlers/simple.ts";
import { formatEtag } from "../protocol/etag.ts";
import { ask } from "./support/client.ts";
import {
  checkRows,
  MODIFIED,
  MODIFIED_DATE,
  req,
  type Row,
} from "./support/rfc.ts";
import { TestServer } from "./support/server.ts";
import { makeFiles } from "./support/tree.ts";

const ETAG = formatEtag(10, MODIFIED);
const EARLIER = "Thu, 29 Feb 2024 12:34:55 GMT";
const LATER = "Thu, 29 Feb 2024 12:34:57 GMT";
const get = (...fields: string[]): string => req("GET /a.txt", ...fields);
const put = (...fields: string[]): string => req("PUT /a.txt", ...fields);

const WHOLE = { statuses: [200], body: "0123456789" };
const HTTP_DATE =
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT$/;

const FIELDS: Row[] = [
  {
    rule: "5.5 NUL in a value MUST be rejected (or replaced)",
    send: get("A: b\0c"),
    statuses: [400],
    closed: true,
  },
  {
    rule: "5.6.1 MUST accept a reasonable number of empty list elements",
    send: get(`If-None-Match: , ,${ETAG},`),
    statuses: [304],
  },
  {
    rule: "5.4 a field larger than wished for MUST be answered by a 4xx",
    send: get(`A: ${"b".repeat(70_000)}`),
    statuses: [431],
    closed: true,
  },
  {
    rule: "6.6.1 MUST send Date in 2xx",
    send: get(),
    statuses: [200],
    fields: { Date: HTTP_DATE },
  },
  {
    rule: "6.6.1 MUST send Date in 3xx",
    send: req("GET /sub"),
    statuses: [301],
    fields: { Date: HTTP_DATE },
  },
  {
    rule: "6.6.1 MUST send Date in 4xx",
    send: req("GET /none"),
    statuses: [404],
    fields: { Date: HTTP_DATE },
  },
  {
    rule: "7.4 an https resource MUST be rejected without TLS",
    send: req("GET https://h/a.txt"),
    statuses: [421],
    closed: true,
  },
  {
    rule: "4.2.1 an empty host MUST be rejected",
    send: req("GET http:///a.txt"),
    statuses: [400],
  },
  {
    rule: "4.2.4 a user name in a target is an error",
    send: req("GET http://user@h/a.txt"),
    statuses: [400],
  },
  {
    rule: "7.8 a server MAY ignore Upgrade",
    send: get("Connection: Upgrade", "Upgrade: h2c"),
    ...WHOLE,
    fields: { Upgrade: null },
  },
];

const REPRESENTATION: Row[] = [
  {
    rule: "8.3 SHOULD send Content-Type",
    send: get(),
    ...WHOLE,
    fields: { "Content-Type": "text/plain" },
  },
  {
    rule: "8.6 SHOULD send Content-Length where the size is known",
    send: get(),
    ...WHOLE,
    fields: { "Content-Length": "10" },
  },
  {
    rule: "8.6 MAY send that of a GET in a response to HEAD",
    send: req("HEAD /a.txt"),
    statuses: [200],
    body: "",
    fields: { "Content-Length": "10" },
  },
  {
    rule: "8.6 MUST NOT send Content-Length with a 204",
    send: req("NOTHING /"),
    methods: true,
    statuses: [204],
    fields: { "Content-Length": null },
  },
  {
    rule: "8.6 a length that is none MUST NOT be forwarded: refused",
    send: put("Content-Length: -1"),
    statuses: [400],
    closed: true,
  },
  {
    rule: "8.8.1 SHOULD send validators",
    send: get(),
    ...WHOLE,
    fields: { "Last-Modified": MODIFIED_DATE, ETag: ETAG },
  },
  {
    rule: "8.8.2.1 MUST NOT send a Last-Modified later than Date",
    send: req("GET /future.txt"),
    statuses: [200],
    fields: { "Last-Modified": null, ETag: /^"/ },
  },
  {
    rule: "8.8.3 an entity tag is quoted",
    send: get(),
    ...WHOLE,
    fields: { ETag: /^(W\/)?"[!#-~]+"$/ },
  },
];

const METHODS: Row[] = [
  {
    rule: "9.1 an unknown method SHOULD be answered by 501",
    send: req("NONSENSE /a.txt"),
    statuses: [501],
  },
  {
    rule: "9.3.2 HEAD MUST NOT have content",
    send: req("HEAD /a.txt") + get(),
    statuses: [200, 200],
    body: "0123456789",
  },
  {
    rule: "9.3.2 not in an error either",
    send: req("HEAD /none"),
    statuses: [404],
    body: "",
  },
  {
    rule: "9.3.6 CONNECT to an invalid port MUST be rejected",
    send: req("CONNECT h:0"),
    statuses: [400],
  },
  {
    rule: "9.3.6 an origin server need not support CONNECT",
    send: req("CONNECT h:80"),
    statuses: [501],
  },
  {
    rule: "9.3.8 TRACE is refused: it would show a client its own cookies",
    send: req("TRACE /a.txt", "Cookie: secret"),
    statuses: [501],
    body: /^(?![^]*secret)/,
  },
  {
    rule: "10.1.1 an expectation that is not known MAY be answered by 417",
    send: get("Expect: 200-ok"),
    statuses: [417],
  },
  {
    rule: "10.1.1 Expect is case-insensitive",
    send: req("POST /", "Expect: 100-Continue", "Content-Length: 2") + "hi",
    methods: true,
    statuses: [100, 200],
    body: "hi|null",
  },
  {
    rule: "10.1.1 MUST ignore 100-continue of an HTTP/1.0 client",
    send: "POST / HTTP/1.0\r\nExpect: 100-continue\r\n" +
      "Content-Length: 2\r\n\r\nhi",
    methods: true,
    statuses: [200],
    body: "hi|null",
  },
  {
    rule: "10.1.1 a final status may come instead of 100",
    send: req(
      "POST /",
      "Expect: 100-continue",
      "Content-Length: 99999999999",
    ),
    methods: true,
    statuses: [413],
    closed: true,
  },
];

const PRECONDITIONS: Row[] = [
  {
    rule: "13.1.1 If-Match holds by strong comparison",
    send: get(`If-Match: "x", ${ETAG}`),
    ...WHOLE,
  },
  {
    rule: "13.1.1 and for * if there is a representation",
    send: get("If-Match: *"),
    ...WHOLE,
  },
  {
    rule: "13.1.1 MUST NOT perform the method where it fails: 412",
    send: get('If-Match: "x"'),
    statuses: [412],
  },
  {
    rule: "13.1.1 a weak tag never matches strongly",
    send: get(`If-Match: W/${ETAG}`),
    statuses: [412],
  },
  {
    rule: "13.1.2 If-None-Match fails by weak comparison: 304",
    send: get(`If-None-Match: "x", W/${ETAG}`),
    statuses: [304],
  },
  {
    rule: "13.1.2 also for HEAD",
    send: req("HEAD /a.txt", `If-None-Match: ${ETAG}`),
    statuses: [304],
  },
  {
    rule: "13.1.2 * fails where there is a representation",
    send: get("If-None-Match: *"),
    statuses: [304],
  },
  {
    rule: "13.1.2 holds otherwise",
    send: get('If-None-Match: "x"'),
    ...WHOLE,
  },
  {
    rule: "13.1.2 what does not exist is no 304",
    send: req("GET /none", "If-None-Match: *"),
    statuses: [404],
  },
  {
    rule: "13.1.3 If-Modified-Since, not modified: 304",
    send: get(`If-Modified-Since: ${MODIFIED_DATE}`),
    statuses: [304],
  },
  {
    rule: "13.1.3 modified since",
    send: get(`If-Modified-Since: ${EARLIER}`),
    ...WHOLE,
  },
  {
    rule: "13.1.3 a later date than that of the file",
    send: get(`If-Modified-Since: ${LATER}`),
    statuses: [304],
  },
  {
    rule: "13.1.3 MUST ignore what is no HTTP-date",
    send: get("If-Modified-Since: yesterday"),
    ...WHOLE,
  },
  {
    rule: "13.1.3 MUST ignore more than one member",
    send: get(`If-Modified-Since: ${LATER}, ${LATER}`),
    ...WHOLE,
  },
  {
    rule: "13.1.3 MUST ignore it beside If-None-Match",
    send: get('If-None-Match: "x"', `If-Modified-Since: ${LATER}`),
    ...WHOLE,
  },
  {
    rule: "13.1.4 If-Unmodified-Since, modified since: 412",
    send: get(`If-Unmodified-Since: ${EARLIER}`),
    statuses: [412],
  },
  {
    rule: "13.1.4 not modified since",
    send: get(`If-Unmodified-Since: ${MODIFIED_DATE}`),
    ...WHOLE,
  },
  {
    rule: "13.1.4 MUST ignore what is no HTTP-date",
    send: get("If-Unmodified-Since: 2001-02-03"),
    ...WHOLE,
  },
  {
    rule: "13.1.4 MUST ignore it beside If-Match",
    send: get(`If-Match: ${ETAG}`, `If-Unmodified-Since: ${EARLIER}`),
    ...WHOLE,
  },
  {
    rule: "5.6.7 MUST accept all three formats: rfc850-date",
    send: get("If-Modified-Since: Thursday, 29-Feb-24 12:34:56 GMT"),
    statuses: [304],
  },
  {
    rule: "5.6.7 asctime-date",
    send: get("If-Modified-Since: Thu Feb 29 12:34:56 2024"),
    statuses: [304],
  },
  {
    rule: "13.2.2 If-Match before If-None-Match",
    send: get('If-Match: "x"', `If-None-Match: ${ETAG}`),
    statuses: [412],
  },
  {
    rule: "13.2.2 If-Unmodified-Since before If-None-Match",
    send: get(`If-Unmodified-Since: ${EARLIER}`, `If-None-Match: ${ETAG}`),
    statuses: [412],
  },
  {
    rule: "13.2.2 If-None-Match before Range",
    send: get(`If-None-Match: ${ETAG}`, "Range: bytes=0-1"),
    statuses: [304],
  },
  {
    rule: "13.2.1 MUST ignore preconditions where the answer is no 2xx",
    send: req("GET /none", 'If-Match: "x"'),
    statuses: [404],
  },
  {
    rule: "13.2.1 nor do they turn a redirect into a 412",
    send: req("GET /sub", 'If-Match: "x"'),
    statuses: [301],
  },
];

const range = (value: string, ...more: string[]): string =>
  get(`Range: ${value}`, ...more);

const RANGES: Row[] = [
  {
    rule: "14.3 SHOULD send Accept-Ranges",
    send: get(),
    ...WHOLE,
    fields: { "Accept-Ranges": "bytes" },
  },
  {
    rule: "14.1.2 first and last position",
    send: range("bytes=0-0"),
    statuses: [206],
    body: "0",
    fields: { "Content-Range": "bytes 0-0/10", "Content-Length": "1" },
  },
  {
    rule: "14.1.2 no last position",
    send: range("bytes=7-"),
    statuses: [206],
    body: "789",
    fields: { "Content-Range": "bytes 7-9/10" },
  },
  {
    rule: "14.1.2 a suffix is the end, not the start",
    send: range("bytes=-3"),
    statuses: [206],
    body: "789",
    fields: { "Content-Range": "bytes 7-9/10" },
  },
  {
    rule: "14.1.2 a suffix longer than the file is all of it",
    send: range("bytes=-99"),
    statuses: [206],
    body: "0123456789",
    fields: { "Content-Range": "bytes 0-9/10" },
  },
  {
    rule: "14.1.2 a last position beyond the end is clamped",
    send: range("bytes=8-99"),
    statuses: [206],
    body: "89",
    fields: { "Content-Range": "bytes 8-9/10" },
  },
  {
    rule: "14.1.1 MUST ignore an invalid Range: last before first",
    send: range("bytes=5-3"),
    ...WHOLE,
    fields: { "Content-Range": null },
  },
  {
    rule: "14.2 MUST ignore it: not digits",
    send: range("bytes=a-b"),
    ...WHOLE,
  },
  { rule: "14.2 no range at all", send: range("bytes="), ...WHOLE },
  { rule: "14.2 a lone dash", send: range("bytes=-"), ...WHOLE },
  {
    rule: "14.2 MUST ignore a unit that is not understood",
    send: range("lines=0-1"),
    ...WHOLE,
  },
  {
    rule: "14.1 units are case-insensitive",
    send: range("Bytes=0-1"),
    statuses: [206],
    body: "01",
  },
  {
    rule: "14.2 MUST ignore it with another method: HEAD",
    send: req("HEAD /a.txt", "Range: bytes=0-1"),
    statuses: [200],
    fields: { "Content-Length": "10", "Content-Range": null },
  },
  {
    rule: "15.5.17 no satisfiable range: 416 with the size",
    send: range("bytes=10-"),
    statuses: [416],
    body: "",
    closed: false,
    fields: { "Content-Range": "bytes */10", "Content-Length": "0" },
  },
  {
    rule: "14.1.2 a suffix of no bytes is not satisfiable",
    send: range("bytes=-0"),
    statuses: [416],
  },
  {
    rule: "14.2 an empty file: MAY ignore it",
    send: req("GET /empty.txt", "Range: bytes=0-"),
    statuses: [200],
    body: "",
    fields: { "Content-Length": "0" },
  },
  {
    rule: "15.3.7.2 several ranges are multipart/byteranges",
    send: range("bytes=0-1,5-6"),
    statuses: [206],
    fields: {
      "Content-Type": /^multipart\/byteranges; boundary=\S+$/,
      "Content-Range": null,
    },
    body:
      /^--(\S+)\r\nContent-Type: text\/plain\r\nContent-Range: bytes 0-1\/10\r\n\r\n01\r\n--\1\r\nContent-Type: text\/plain\r\nContent-Range: bytes 5-6\/10\r\n\r\n56\r\n--\1--\r\n$/,
  },
  {
    rule: "15.3.7.2 ranges that overlap MAY be coalesced into one part",
    send: range("bytes=0-3,2-5"),
    statuses: [206],
    body: "012345",
    fields: { "Content-Range": "bytes 0-5/10" },
  },
  {
    rule: "15.3.7.2 one part that is left is no multipart",
    send: range("bytes=0-1,20-30"),
    statuses: [206],
    body: "01",
    fields: { "Content-Range": "bytes 0-1/10" },
  },
  {
    rule: "14.2 SHOULD ignore many small or overlapping ranges",
    send: range("bytes=0-,0-,0-"),
    ...WHOLE,
  },
  {
    rule: "14.2 more ranges than are allowed",
    send: range(`bytes=${"0-0,".repeat(100)}1-1`),
    ...WHOLE,
  },
  {
    rule: "15.3.7 MUST send Date, ETag, Content-Location, Vary as a 200 has",
    send: range("bytes=0-1"),
    statuses: [206],
    fields: { Date: HTTP_DATE, ETag: ETAG },
  },
  {
    rule: "13.1.5 If-Range with the tag",
    send: range("bytes=0-1", `If-Range: ${ETAG}`),
    statuses: [206],
    body: "01",
  },
  {
    rule: "13.1.5 MUST ignore Range where the tag is another",
    send: range("bytes=0-1", 'If-Range: "x"'),
    ...WHOLE,
  },
  {
    rule: "13.1.5 a weak tag MUST NOT match",
    send: range("bytes=0-1", `If-Range: W/${ETAG}`),
    ...WHOLE,
  },
  {
    rule: "13.1.5 If-Range with the exact date",
    send: range("bytes=0-1", `If-Range: ${MODIFIED_DATE}`),
    statuses: [206],
    body: "01",
  },
  {
    rule: "13.1.5 a later date is not the exact one",
    send: range("bytes=0-1", `If-Range: ${LATER}`),
    ...WHOLE,
  },
  {
    rule: "13.1.5 MUST ignore If-Range without Range",
    send: get('If-Range: "x"'),
    ...WHOLE,
  },
  {
    rule: "13.1.5 a 416 does not come where If-Range fails",
    send: range("bytes=10-", 'If-Range: "x"'),
    ...WHOLE,
  },
];

const STATUSES: Row[] = [
  {
    rule: "15.2 MUST NOT send a 1xx to an HTTP/1.0 client",
    send: "EARLY / HTTP/1.0\r\n\r\n",
    methods: true,
    statuses: [200],
  },
  {
    rule: "15.2 a 1xx comes before the final response",
    send: req("EARLY /"),
    methods: true,
    statuses: [103, 200],
  },
  {
    rule: "15.3.5 a 204 ends with its header section",
    send: req("NOTHING /") + req("GET /x"),
    methods: true,
    statuses: [204, 200],
    body: "/x h",
  },
  {
    rule: "15.3.6 a 205 MUST NOT have content",
    send: req("RESET /"),
    methods: true,
    statuses: [205],
    body: "",
  },
  {
    rule: "15.4.2 a 301 SHOULD have Location",
    send: req("GET /sub?x=1"),
    statuses: [301],
    fields: { Location: "/sub/?x=1", "Content-Length": "0" },
  },
  {
    rule: "15.4.5 a 304 MUST send ETag and Date",
    send: get(`If-None-Match: ${ETAG}`),
    statuses: [304],
    fields: { ETag: ETAG, Date: HTTP_DATE },
  },
  {
    rule: "15.4.5 it ends with its header section, and has no framing",
    send: get(`If-None-Match: ${ETAG}`) + get(),
    statuses: [304, 200],
    body: "0123456789",
  },
  {
    rule: "15.4.5 no representation metadata beyond validators",
    send: get(`If-None-Match: ${ETAG}`),
    statuses: [304],
    closed: false,
    fields: {
      "Content-Length": null,
      "Transfer-Encoding": null,
      "Content-Type": null,
    },
  },
  {
    rule: "15.5.14 413, and the connection MAY be closed",
    send: put("Content-Length: 99999999999"),
    statuses: [413],
    closed: true,
    fields: { Connection: "close" },
  },
  {
    rule: "15.5.20 421",
    send: req("GET https://h/"),
    statuses: [421],
  },
  {
    rule: "15.6.2 501 where a method is not recognized for any resource",
    send: put(),
    statuses: [501],
  },
  {
    rule: "15.6.6 505, with a representation of why",
    send: "GET / HTTP/2.0\r\nHost: h\r\n\r\n",
    // CPython: the page alone, since no version is known that both speak.
    statuses: [0],
    closed: true,
    body: /505/,
  },
];

const TABLES: [string, Row[]][] = [
  ["4 to 7, fields and messages", FIELDS],
  ["8, representations", REPRESENTATION],
  ["9 and 10, methods", METHODS],
  ["13, preconditions", PRECONDITIONS],
  ["14, ranges", RANGES],
  ["15, statuses", STATUSES],
];

for (const [section, rows] of TABLES) {
  Deno.test(`servers meet RFC 9110 section ${section}`, async () => {
    await checkRows(rows);
  });
}

Deno.test("HEAD equals GET in every header (RFC 9110 9.3.2)", async () => {
  await using tree = await makeFiles({
    "a.txt": "alpha",
    "empty": "",
    "large.bin": "x".repeat(200_000),
    "index/index.html": "<p>",
    "list/b": "",
  });
  const Files = SimpleHTTPRequestHandler.with({ directory: tree.root });
  await using server = new TestServer(Files);
  const paths = [
    ..."/a.txt /empty /large.bin /index/ /list/ /list /none /%00 /a.txt/".split(
      " ",
    ),
  ];
  const conditions = [
    [],
    ["If-None-Match: *"],
    ['If-Match: "x"'],
    ["If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT"],
    ["Connection: close"],
    ["Expect: x"],
    ["Content-Length: x"],
  ];
  const head = (text: string): string =>
    text.replace(/^Date: .*\r\n/m, "Date: now\r\n");
  for (const path of paths) {
    for (const fields of conditions) {
      const [[got], [wanted]] = await Promise.all(
        ["HEAD", "GET"].map((method) =>
          ask(server.port, req(`${method} ${path}`, ...fields))
        ),
      );
      assertEquals(head(got!.head), head(wanted!.head), `${path} ${fields}`);
      assertEquals(got!.body, "", `${path} ${fields}`);
    }
  }
});
