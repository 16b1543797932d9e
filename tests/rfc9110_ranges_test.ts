// Copyright 2026 the pystd authors. MIT license.

/**
 * RFC 9110 (HTTP semantics), row by row: preconditions and ranges.
 *
 * @module
 */

import {
  ETAG,
  HTTP_DATE,
  MODIFIED_DATE,
  req,
  type Row,
  testTables,
  WHOLE,
} from "./support/rfc.ts";

const EARLIER = "Thu, 29 Feb 2024 12:34:55 GMT";
const LATER = "Thu, 29 Feb 2024 12:34:57 GMT";
const get = (...fields: string[]): string => req("GET /a.txt", ...fields);

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

testTables("RFC 9110", [
  ["13, preconditions", PRECONDITIONS],
  ["14, ranges", RANGES],
]);
