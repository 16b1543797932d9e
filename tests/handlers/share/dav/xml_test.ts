// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { assertThrows } from "@std/assert/throws";
import { parseXml, standalone } from "../../../../handlers/share/dav/xml.ts";
import { RequestError } from "../../../../protocol/request_error.ts";

const LIMITS = { maxBytes: 1000, maxDepth: 5, maxNodes: 20 };

Deno.test("parseXml refuses what is not well-formed, and every DOCTYPE", () => {
  const table = [
    "",
    " ",
    "x",
    "<a>",
    "<a></b>",
    "<a/><b/>",
    "<a b=1/>",
    "<p:a/>",
    '<a xmlns:p=""/>',
    "<a>&undefined;</a>",
    "<a>&#0;</a>",
    "<a>\x01</a>",
    "<!DOCTYPE a><a/>",
    '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
    '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    '<!DOCTYPE a SYSTEM "http://127.0.0.1/x.dtd"><a/>',
    '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1/"> %x;]><a/>',
    '<?xml version="1.0" encoding="iso-8859-1"?><a/>',
    "<a>".repeat(6) + "</a>".repeat(6),
    `<a>${"<b/>".repeat(20)}</a>`,
    `<a ${Array.from({ length: 20 }, (_, i) => `b${i}="1"`).join(" ")}/>`,
  ];
  for (const text of table) {
    const { status } = assertThrows(() => parseXml(text, LIMITS), RequestError);
    assertEquals(status, 400, text);
  }
});

Deno.test("parseXml keeps names, namespaces and text", () => {
  const { uri, local, elements } = parseXml(
    '<?xml version="1.0" encoding="UTF-8"?><!-- c --><D:a xmlns:D="DAV:">' +
      "<b>x&amp;<c/>y</b><D:d/></D:a>",
    LIMITS,
  );
  assertEquals([uri, local], ["DAV:", "a"]);
  assertEquals(
    elements.map(({ uri, local, text }) => [uri, local, text]),
    [["", "b", "x&y"], ["DAV:", "d", ""]],
  );
});

Deno.test("standalone declares what an element needs, and changes nothing else", () => {
  const rows: [inner: string, alone: string][] = [
    ["<p:x>&lt;1&gt;</p:x>", '<p:x xmlns:p="u" xmlns="v">&lt;1&gt;</p:x>'],
    [
      '<x a="&quot;&#10;"> <y/> </x>',
      '<x xmlns:p="u" xmlns="v" a="&quot;&#10;"> <y></y> </x>',
    ],
    ['<p:x xmlns:p="w"/>', '<p:x xmlns="v" xmlns:p="w"></p:x>'],
    // An attribute that looks like a declaration is none.
    ['<p:x a=" xmlns:p="/>', '<p:x xmlns:p="u" xmlns="v" a=" xmlns:p="></p:x>'],
    ["<x><![CDATA[<&>]]></x>", '<x xmlns:p="u" xmlns="v">&lt;&amp;&gt;</x>'],
  ];
  for (const [inner, alone] of rows) {
    const root = parseXml(`<a xmlns:p="u" xmlns="v">${inner}</a>`, LIMITS);
    const xml = standalone(root.elements[0]);
    assertEquals(xml, alone);
    assertEquals(standalone(parseXml(xml, LIMITS)), xml);
  }
});
