// Copyright 2026 the pystd authors. MIT license.

/**
 * RFC 9112 (HTTP/1.1), row by row: bodies, their codings, and connections.
 *
 * @module
 */

import { req, type Row, testTables } from "./support/rfc.ts";

const GET = req("GET /a.txt");
const BAD = { statuses: [400], closed: true };

const CHUNKED = "Transfer-Encoding: chunked";
const post = (body: string, ...fields: string[]): string =>
  req("POST /", ...fields) + body;

const BODIES: Row[] = [
  {
    rule: "6 a body is read whatever the method",
    send: req("GET /a.txt", "Content-Length: 5") + "hello" + GET,
    statuses: [200, 200],
  },
  {
    rule: "6.1 a coding in an HTTP/1.0 message: faulty framing, closed",
    send: `POST / HTTP/1.0\r\n${CHUNKED}\r\n\r\n0\r\n\r\n${GET}`,
    methods: true,
    ...BAD,
  },
  {
    rule: "6.1 chunked is not applied more than once",
    send: post("0\r\n\r\n" + GET, "Transfer-Encoding: chunked, chunked"),
    methods: true,
    ...BAD,
  },
  {
    rule: "6.1 a coding that is not understood SHOULD be answered by 501",
    send: post("0\r\n\r\n" + GET, "Transfer-Encoding: gzip, chunked"),
    methods: true,
    statuses: [501],
    closed: true,
  },
  {
    rule: "6.1 MUST NOT send Transfer-Encoding to an HTTP/1.0 client",
    send: "STREAM / HTTP/1.0\r\n\r\n",
    methods: true,
    statuses: [200],
    closed: true,
    fields: { "Transfer-Encoding": null },
    body: "streamed",
  },
  {
    rule: "6.1 nor to one that asks to keep an HTTP/1.0 connection",
    send: "STREAM / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    methods: true,
    statuses: [200],
    closed: true,
    fields: { "Transfer-Encoding": null },
    body: "streamed",
  },
  {
    rule: "6.1 MUST NOT send Transfer-Encoding with a 204",
    send: req("NOTHING /"),
    methods: true,
    statuses: [204],
    closed: false,
    fields: { "Transfer-Encoding": null, "Content-Length": null },
  },
  {
    rule: "6.2 MUST NOT send Content-Length with Transfer-Encoding",
    send: req("STREAM /"),
    methods: true,
    statuses: [200],
    closed: false,
    fields: { "Transfer-Encoding": "chunked", "Content-Length": null },
    body: "streamed",
  },
  {
    rule: "6.3 both fields ought to be handled as an error",
    send: post("5\r\nhello\r\n0\r\n\r\n" + GET, CHUNKED, "Content-Length: 5"),
    methods: true,
    ...BAD,
  },
  {
    rule: "6.3 both fields in the other order",
    send: post("0\r\n\r\n" + GET, "Content-Length: 5", CHUNKED),
    methods: true,
    ...BAD,
  },
  {
    rule: "6.3 chunked is not the final coding: MUST respond 400 and close",
    send: post(GET, "Transfer-Encoding: chunked, gzip"),
    methods: true,
    ...BAD,
  },
  {
    rule: "6.3 an invalid Content-Length: MUST respond 400 and close",
    send: post(GET, "Content-Length: +5"),
    methods: true,
    ...BAD,
  },
  {
    rule: "6.3 two lengths that differ likewise",
    send: post("hello" + GET, "Content-Length: 5", "Content-Length: 6"),
    methods: true,
    ...BAD,
  },
  {
    rule: "6.3 the same length repeated may be taken for one",
    send: post("hello", "Content-Length: 5, 5"),
    methods: true,
    statuses: [200],
    body: "hello|null",
  },
  {
    rule: "6.3 a connection that closes within the body: not complete",
    send: post("hel", "Content-Length: 5"),
    methods: true,
    halfClose: true,
    statuses: [400],
    closed: true,
  },
  {
    rule: "6.3 neither field: no body",
    send: post(GET),
    methods: true,
    statuses: [200, 200],
  },
];

const CODINGS: Row[] = [
  {
    rule: "7.1 MUST be able to parse the chunked coding",
    send: post("5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n" + GET, CHUNKED),
    methods: true,
    statuses: [200, 200],
  },
  {
    rule: "7.1 MUST anticipate large hexadecimal numerals",
    send: post("fffffffffffffffff\r\nhello\r\n0\r\n\r\n" + GET, CHUNKED),
    methods: true,
    ...BAD,
  },
  {
    rule: "7.1 a chunk that lies about its length",
    send: post("3\r\nhello\r\n0\r\n\r\n" + GET, CHUNKED),
    methods: true,
    ...BAD,
  },
  {
    rule: "7.1.1 MUST ignore unrecognized chunk extensions",
    send: post('5;a;b=c;d="e f"\r\nhello\r\n0;x\r\n\r\n', CHUNKED),
    methods: true,
    statuses: [200],
    body: "hello|null",
  },
  {
    rule: "7.1.1 ought to limit the length of chunk extensions",
    send: post(`5;${"x".repeat(20_000)}\r\nhello\r\n0\r\n\r\n`, CHUNKED),
    methods: true,
    ...BAD,
  },
  {
    rule: "7.1.2 trailer fields MUST NOT be merged into the header section",
    send: post("5\r\nhello\r\n0\r\nX-Trailer: t\r\n\r\n" + GET, CHUNKED),
    methods: true,
    statuses: [200, 200],
  },
  {
    rule: "7.1.2 and are not seen by a handler",
    send: post("5\r\nhello\r\n0\r\nX-Trailer: t\r\n\r\n", CHUNKED),
    methods: true,
    statuses: [200],
    body: "hello|null",
  },
  {
    rule: "7 transfer coding names are case-insensitive",
    send: post("5\r\nhello\r\n0\r\n\r\n", "transfer-encoding: CHUNKED"),
    methods: true,
    statuses: [200],
    body: "hello|null",
  },
  {
    rule: "7.4 TE is no reason for anything; chunked is always acceptable",
    send: req("STREAM /", "TE: trailers, deflate;q=0.5", "Connection: TE"),
    methods: true,
    statuses: [200],
    fields: { "Transfer-Encoding": "chunked" },
  },
];

const CONNECTIONS: Row[] = [
  {
    rule: "8 an incomplete request MAY be answered by an error",
    send: "GET /a.txt HTTP/1.1\r\nHost: h\r\n",
    halfClose: true,
    ...BAD,
  },
  {
    rule: "9.3 HTTP/1.1 connections persist",
    send: GET + GET,
    statuses: [200, 200],
    closed: false,
    fields: { Connection: null },
  },
  {
    rule: "9.3 close ends them",
    send: req("GET /a.txt", "Connection: close"),
    statuses: [200],
    closed: true,
  },
  {
    rule: "9.3 Connection is a list",
    send: req("GET /a.txt", "Connection: TE, Close"),
    statuses: [200],
    closed: true,
  },
  {
    rule: "9.3 also of several lines",
    send: req("GET /a.txt", "Connection: TE", "Connection: close"),
    statuses: [200],
    closed: true,
  },
  {
    rule: "9.3 HTTP/1.0 connections do not persist",
    send: "GET /a.txt HTTP/1.0\r\n\r\n",
    statuses: [200],
    closed: true,
  },
  {
    rule: "9.3 unless keep-alive is asked for",
    send: "GET /a.txt HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    statuses: [200],
    closed: false,
    fields: { connection: "keep-alive" },
  },
  {
    rule: "9.3 MUST read the whole body or close the connection",
    send: req("GET /a.txt", "Content-Length: 5") + "hello" + GET,
    statuses: [200, 200],
    closed: false,
  },
  {
    rule: "9.3 a body that is too large to read",
    send: [
      req("GET /a.txt", "Content-Length: 400000"),
      { repeat: "x", times: 400_000 },
      GET,
    ],
    statuses: [200],
    closed: true,
  },
  {
    rule: "9.3.2 responses MUST be in the order of the requests",
    send: [1, 2, 3].map((i) => req(`GET /${i}`)).join("") + req("OPTIONS /4"),
    methods: true,
    statuses: [200, 200, 200, 200],
    body: "/4",
  },
  {
    rule: "9.6 MUST NOT process requests after one with close",
    send: req("GET /a.txt", "Connection: close") + GET,
    statuses: [200],
    closed: true,
  },
  {
    rule: "9.6 SHOULD send close in the final response",
    send: req("GET /a.txt", "Connection: close"),
    statuses: [200],
    fields: { Connection: "close" },
  },
  {
    rule: "9.6 a server that closes SHOULD say so",
    send: req("GET /none"),
    statuses: [404],
    closed: true,
    fields: { Connection: "close" },
  },
];

testTables("RFC 9112", [
  ["6, the body", BODIES],
  ["7, transfer codings", CODINGS],
  ["8 and 9, connections", CONNECTIONS],
]);
