// Copyright 2026 the pystd authors. MIT license.

/**
 * RFC 9112 (HTTP/1.1), row by row: what it asks of a server.
 *
 * @module
 */

import { checkRows, req, type Row } from "./support/rfc.ts";

const GET = req("GET /a.txt");
const BAD = { statuses: [400], closed: true };
const GOOD = { statuses: [200], body: "0123456789" };

const PARSING: Row[] = [
  {
    rule: "2.2 MAY recognize a single LF as a line terminator",
    send: "GET /a.txt HTTP/1.1\nHost: h\n\n",
    ...GOOD,
  },
  {
    rule: "2.2 a bare CR in a field line MUST be considered invalid",
    send: req("GET /a.txt", "A: b\rC: d"),
    ...BAD,
  },
  {
    rule: "2.2 a bare CR in the request line MUST be considered invalid",
    send: "GET /a.txt HTTP/1.1\r\r\nHost: h\r\n\r\n",
    ...BAD,
  },
  {
    rule: "2.2 SHOULD ignore an empty line before the request line",
    send: "\r\n" + GET,
    ...GOOD,
  },
  {
    rule: "2.2 SHOULD ignore one between two requests",
    send: GET + "\r\n" + GET,
    statuses: [200, 200],
  },
  {
    rule: "2.2 white space before the first field line MUST be rejected",
    send: "GET /a.txt HTTP/1.1\r\n Host: h\r\n\r\n",
    ...BAD,
  },
  {
    rule: "2.2 what does not match the grammar SHOULD be answered by 400",
    send: "nonsense without an end of sense\r\n\r\n",
    // CPython: no status line before a version was read.
    statuses: [0],
    closed: true,
  },
  {
    rule: "2.3 the version is case-sensitive",
    send: "GET /a.txt http/1.1\r\nHost: h\r\n\r\n",
    statuses: [0],
    closed: true,
  },
  {
    rule: "2.3 a higher minor version is served",
    send: "GET /a.txt HTTP/1.2\r\nHost: h\r\n\r\n",
    ...GOOD,
  },
];

const REQUEST_LINE: Row[] = [
  {
    rule: "3 MAY parse on word boundaries: several spaces",
    send: "GET  /a.txt   HTTP/1.1\r\nHost: h\r\n\r\n",
    ...GOOD,
  },
  {
    rule: "3 an invalid request line SHOULD be answered by 400",
    send: "GET /a .txt HTTP/1.1\r\nHost: h\r\n\r\n",
    ...BAD,
  },
  {
    rule: "3 white space other than spaces is refused",
    send: "GET\t/a.txt HTTP/1.1\r\nHost: h\r\n\r\n",
    ...BAD,
  },
  {
    rule: "3 a method longer than any implemented SHOULD be answered by 501",
    send: req(`${"M".repeat(2000)} /`),
    statuses: [501],
  },
  {
    rule: "3 a target longer than wished for MUST be answered by 414",
    send: [{ repeat: "a", times: 70_000 }],
    statuses: [414],
    closed: true,
  },
  {
    rule: "3 SHOULD support request lines of at least 8000 octets",
    send: req(`GET /a.txt?${"x".repeat(8000)}`),
    ...GOOD,
  },
  {
    rule: "3.1 the method is case-sensitive",
    send: req("get /a.txt"),
    statuses: [501],
  },
  {
    rule: "3.2 no white space, no control in a target",
    send: req("GET /a\x01.txt"),
    ...BAD,
  },
  {
    rule: "3.2 MUST respond 400 to a request without Host",
    send: "GET /a.txt HTTP/1.1\r\n\r\n",
    ...BAD,
  },
  {
    rule: "3.2 MUST respond 400 to more than one Host",
    send: req("GET /a.txt", "Host: h"),
    ...BAD,
  },
  {
    rule: "3.2 MUST respond 400 to an invalid Host",
    send: "GET /a.txt HTTP/1.1\r\nHost: a b\r\n\r\n",
    ...BAD,
  },
  {
    rule: "3.2 an empty Host is valid",
    send: "GET /a.txt HTTP/1.1\r\nHost:\r\n\r\n",
    ...GOOD,
  },
  {
    rule: "3.2 HTTP/1.0 needs no Host",
    send: "GET /a.txt HTTP/1.0\r\n\r\n",
    ...GOOD,
  },
  {
    rule: "3.2.1 origin-form",
    send: req("GET /a.txt?where=q"),
    ...GOOD,
  },
  {
    rule: "3.2.2 MUST accept the absolute-form",
    send: req("GET http://www.example.org/a.txt"),
    ...GOOD,
  },
  {
    rule: "3.2.2 an empty path is the root",
    send: req("GET http://www.example.org"),
    methods: true,
    statuses: [200],
    body: "/ www.example.org",
  },
  {
    rule: "3.2.2 MUST ignore Host and use that of the absolute-form",
    send: req("GET http://other:1/x"),
    methods: true,
    statuses: [200],
    body: "/x other:1",
  },
  {
    rule: "3.2.3 the authority-form is for CONNECT alone",
    send: req("GET www.example.com:80"),
    ...BAD,
  },
  {
    rule: "3.2.3 CONNECT, which is not supported",
    send: req("CONNECT www.example.com:80"),
    statuses: [501],
  },
  {
    rule: "3.2.4 OPTIONS *",
    send: req("OPTIONS *"),
    methods: true,
    statuses: [200],
    body: "*",
  },
  {
    rule: "3.2.4 the asterisk-form is for OPTIONS alone",
    send: req("GET *"),
    ...BAD,
  },
  {
    rule: "3.3 a scheme that is none of ours",
    send: req("GET ftp://h/a.txt"),
    ...BAD,
  },
];

const FIELDS: Row[] = [
  {
    rule: "5 a field name is a token",
    send: req("GET /a.txt", "A(B): c"),
    ...BAD,
  },
  {
    rule: "5 a field line has a colon",
    send: req("GET /a.txt", "nothing"),
    ...BAD,
  },
  {
    rule: "5.1 white space before the colon MUST be rejected by 400",
    send: req("GET /a.txt", "Range : bytes=0-1"),
    ...BAD,
  },
  {
    rule: "5.1 white space around the value is excluded from it",
    send: req("GET /a.txt", "Range: \t bytes=0-1 \t "),
    statuses: [206],
    body: "01",
  },
  {
    rule: "5.2 obs-fold MUST be rejected by 400 (or replaced)",
    send: req("GET /a.txt", "A: b", " c"),
    ...BAD,
  },
  {
    rule: "5.2 also before the end of the header section",
    send: req("GET /a.txt", "A: b", "\t"),
    ...BAD,
  },
];

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

const TABLES: [string, Row[]][] = [
  ["2, parsing", PARSING],
  ["3, the request line", REQUEST_LINE],
  ["5, field lines", FIELDS],
  ["6, the body", BODIES],
  ["7, transfer codings", CODINGS],
  ["8 and 9, connections", CONNECTIONS],
];

for (const [section, rows] of TABLES) {
  Deno.test(`servers meet RFC 9112 section ${section}`, async () => {
    await checkRows(rows);
  });
}
