// Copyright 2026 the pystd authors. MIT license.

/**
 * Targets and `Host` fields: RFC 9112 section 3.2, RFC 9110 section 7.2.
 *
 * @module
 */

import { assertEquals } from "@std/assert/equals";
import { Fields } from "../../protocol/fields.ts";
import { RequestError } from "../../protocol/request_error.ts";
import { checkTargetAndHost } from "../../protocol/strict_request.ts";

function check(
  command: string,
  target: string,
  hosts: string[] = ["h"],
  atLeast11 = true,
): string | number {
  const fields = Fields.from(hosts.map((host) => ["Host", host]));
  const checked = checkTargetAndHost(command, target, fields, atLeast11);
  return checked instanceof RequestError ? checked.status : checked.path;
}

Deno.test("checkTargetAndHost accepts the four forms of a target", () => {
  const cases: [string, string, string | number][] = [
    // 3.2.1 origin-form
    ["GET", "/", "/"],
    ["GET", "/a?b", "/a?b"],
    ["GET", "//a", "//a"],
    ["GET", "a", 400],
    ["GET", "?a", 400],
    ["GET", "", 400],
    // 3.2.2 absolute-form
    ["GET", "http://h", "/"],
    ["GET", "http://h/", "/"],
    ["GET", "HTTP://h/a?b", "/a?b"],
    ["GET", "https://h/a", "/a"],
    ["GET", "http://h:80/a", "/a"],
    ["GET", "http://[::1]:8000/a", "/a"],
    ["GET", "http://h?a", "/?a"],
    ["GET", "http://h//e.example/", "//e.example/"],
    ["GET", "http:///a", 400],
    ["GET", "http://:80/a", 400],
    ["GET", "http://user@h/", 400],
    ["GET", "http://h\\@x/", 400],
    ["GET", "http:/a", 400],
    ["GET", "ftp://h/a", 400],
    ["GET", "javascript:alert(1)", 400],
    ["OPTIONS", "http://h/a", "/a"],
    // 3.2.3 authority-form
    ["CONNECT", "h:443", "h:443"],
    ["CONNECT", "[::1]:443", "[::1]:443"],
    ["CONNECT", "h:1", "h:1"],
    ["CONNECT", "h:065535", "h:065535"],
    ["CONNECT", "h", 400],
    ["CONNECT", "h:", 400],
    ["CONNECT", "h:0", 400],
    ["CONNECT", "h:65536", 400],
    ["CONNECT", "h:x", 400],
    ["CONNECT", ":443", 400],
    ["CONNECT", "/", 400],
    ["CONNECT", "http://h:80/", 400],
    ["GET", "h:443", 400],
    // 3.2.4 asterisk-form
    ["OPTIONS", "*", "*"],
    ["GET", "*", 400],
    ["OPTIONS", "**", 400],
  ];
  for (const [command, target, wanted] of cases) {
    assertEquals(check(command, target), wanted, `${command} ${target}`);
  }
});

Deno.test("checkTargetAndHost requires one valid Host (9112 3.2)", () => {
  const cases: [string[], boolean, string | number][] = [
    [["h"], true, "/"],
    [[], true, 400],
    [[], false, "/"],
    [["h", "h"], true, 400],
    [["h", "h"], false, 400],
    [[""], true, "/"],
    [["h:80"], true, "/"],
    [["h:"], true, "/"],
    [["127.0.0.1:8000"], true, "/"],
    [["[::1]"], true, "/"],
    [["[::1]:8000"], true, "/"],
    [["[v1.a:b]"], true, "/"],
    [["[x]"], true, 400],
    [["xn--bcher-kva.example"], true, "/"],
    [["a_b"], true, "/"],
    [["%41"], true, "/"],
    [["%4"], true, 400],
    [["h:x"], true, 400],
    [["h:80:80"], true, 400],
    [["a b"], true, 400],
    [["a/b"], true, 400],
    [["user@h"], true, 400],
    [["h, h"], true, 400],
    [["h\\x"], true, 400],
    [["h?"], true, 400],
    [["h#"], true, 400],
    [["[::1"], true, 400],
    [["::1"], true, 400],
    [["\xe4"], true, 400],
    [["<b>"], true, 400],
  ];
  for (const [hosts, atLeast11, wanted] of cases) {
    assertEquals(check("GET", "/", hosts, atLeast11), wanted, hosts.join("|"));
  }
  for (const hosts of [[], ["h", "h"]]) {
    const fields = Fields.from(hosts.map((host) => ["Host", host]));
    const error = checkTargetAndHost("GET", "/", fields, true) as RequestError;
    const message = hosts.length === 0 ? "Missing Host" : "Repeated Host";
    assertEquals(error.message, message);
  }
});

Deno.test("checkTargetAndHost returns the host and scheme of an absolute-form", () => {
  const fields = Fields.from([["Host", "other"]]);
  const cases: [string, string, boolean][] = [
    ["http://h:1/a", "h:1", false],
    ["https://h/a", "h", true],
  ];
  for (const [target, host, secure] of cases) {
    const checked = checkTargetAndHost("GET", target, fields, true);
    assertEquals(checked, { path: "/a", host, secure });
  }
  assertEquals(checkTargetAndHost("GET", "/a", fields, true), { path: "/a" });
});
