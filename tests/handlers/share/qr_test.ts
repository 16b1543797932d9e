// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { field } from "../../support/answers.ts";
import { ask } from "../../support/client.ts";
import { get, serveFiles } from "../../support/sharing.ts";

Deno.test("the QR code is that of the page that shows it", async () => {
  await using site = await serveFiles({ "a b/c.txt": "c" });
  const svg = async (path: string, ...fields: string[]) => {
    const [answer] = await ask(site.port, get(path, ...fields));
    return answer;
  };
  const good: [string, string[]][] = [
    ["/a%20b/?qr", ["Referer: http://h/a%20b/?grid"]],
    ["/a%20b/c.txt?qr", ["Referer: http://h/a%20b/c.txt?view"]],
    ["/a%20b/%63.txt?qr", ["Referer: http://h/A/a%20b/c.txt"]],
    ["/a%20b/?qr", [
      "Referer: https://other.example/prefix/a%20b/",
      "Sec-Fetch-Site: same-origin",
    ]],
  ];
  const codes = new Set<string>();
  for (const [path, fields] of good) {
    const answer = await svg(path, ...fields);
    assertEquals(answer.status, 200, answer.body);
    assertEquals(field(answer, "content-type"), "image/svg+xml");
    assertEquals(
      field(answer, "content-security-policy"),
      "default-src 'none'",
    );
    assert(answer.body.startsWith("<svg"));
    codes.add(answer.body);
  }
  assertEquals(codes.size, 4);
  const bad: [string, string[]][] = [
    ["/a%20b/?qr", []],
    ["/a%20b/?qr", ["Referer: https://evil.example/a%20b/"]],
    ["/a%20b/?qr", [
      "Referer: https://evil.example/a%20b/",
      "Sec-Fetch-Site: cross-site",
    ]],
    ["/a%20b/?qr", ["Referer: http://h/"]],
    ["/a%20b/?qr", ["Referer: javascript:alert(1)"]],
    ["/a%20b/c.txt?qr", ["Referer: http://h/a%20b/"]],
    ["/a%20b/?qr", [`Referer: http://h/${"x".repeat(5000)}/a%20b/`]],
  ];
  for (const [path, fields] of bad) {
    assertEquals((await svg(path, ...fields)).status, 400, fields.join());
  }
  assertEquals((await svg("/a%20b/c.txt?qr=1")).body, "c");
});
