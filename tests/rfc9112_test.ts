// Copyright 2026 the pystd authors. MIT license.

/**
 * RFC 9112 (HTTP/1.1), row by row: requirements for a server. Sections 6 to 9
 * are in `rfc9112_bodies_test.ts`.
 *
 * @module
 */

import { req, type Row, testTables, WHOLE } from "./support/rfc.ts";

const GET = req("GET /a.txt");
const BAD = { statuses: [400], closed: true };

const PARSING: Row[] = [
  {
    rule: "2.2 MAY recognize a single LF as a line terminator",
    send: "GET /a.txt HTTP/1.1\nHost: h\n\n",
    ...WHOLE,
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
    ...WHOLE,
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
    ...BAD,
  },
  {
    rule: "2.3 the version is case-sensitive",
    send: "GET /a.txt http/1.1\r\nHost: h\r\n\r\n",
    ...BAD,
  },
  {
    rule: "2.3 a higher minor version is served",
    send: "GET /a.txt HTTP/1.2\r\nHost: h\r\n\r\n",
    ...WHOLE,
  },
];

const REQUEST_LINE: Row[] = [
  {
    rule: "3 MAY parse on word boundaries: several spaces",
    send: "GET  /a.txt   HTTP/1.1\r\nHost: h\r\n\r\n",
    ...WHOLE,
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
    ...WHOLE,
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
    ...WHOLE,
  },
  {
    rule: "3.2 HTTP/1.0 needs no Host",
    send: "GET /a.txt HTTP/1.0\r\n\r\n",
    ...WHOLE,
  },
  {
    rule: "3.2.1 origin-form",
    send: req("GET /a.txt?where=q"),
    ...WHOLE,
  },
  {
    rule: "3.2.2 MUST accept the absolute-form",
    send: req("GET http://www.example.org/a.txt"),
    ...WHOLE,
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

testTables("RFC 9112", [
  ["2, parsing", PARSING],
  ["3, the request line", REQUEST_LINE],
  ["5, field lines", FIELDS],
]);
