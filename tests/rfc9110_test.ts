// Copyright 2026 the pystd authors. MIT license.

/**
 * RFC 9110 (HTTP semantics), row by row: requirements for an origin server of
 * files. Sections 13 and 14 are in `rfc9110_ranges_test.ts`.
 *
 * @module
 */

import { assertEquals } from "@std/assert/equals";
import { SimpleHTTPRequestHandler } from "../handlers/simple.ts";
import { ask } from "./support/client.ts";
import {
  ETAG,
  HTTP_DATE,
  MODIFIED_DATE,
  req,
  type Row,
  testTables,
  WHOLE,
} from "./support/rfc.ts";
import { TestServer } from "./support/server.ts";
import { makeFiles } from "./support/tree.ts";

const get = (...fields: string[]): string => req("GET /a.txt", ...fields);
const put = (...fields: string[]): string => req("PUT /a.txt", ...fields);

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
    statuses: [505],
    closed: true,
    body: /505/,
  },
];

testTables("RFC 9110", [
  ["4 to 7, fields and messages", FIELDS],
  ["8, representations", REPRESENTATION],
  ["9 and 10, methods", METHODS],
  ["15, statuses", STATUSES],
]);

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
