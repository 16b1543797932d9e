// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { basicChallenge, parseBasic } from "../../protocol/basic_auth.ts";
import { parseContentRange } from "../../protocol/content_range.ts";
import { parseDigest } from "../../protocol/digest_field.ts";
import {
  formatAttachment,
  parsePartNames,
} from "../../protocol/content_disposition.ts";
import {
  checkUploadName,
  isTemporaryName,
  temporaryName,
} from "../../protocol/upload_name.ts";

Deno.test("parseContentRange reads partial PUTs", () => {
  const table: [string, [number, number, number] | undefined][] = [
    ["bytes 0-0/1", [0, 1, 1]],
    ["bytes 5-9/10", [5, 10, 10]],
    ["Bytes  5-9/10", [5, 10, 10]],
    ["bytes */10", [0, 0, 10]],
    ["bytes */0", [0, 0, 0]],
    ["bytes 5-10/10", undefined],
    ["bytes 9-5/10", undefined],
    ["bytes 5-4/10", undefined],
    ["bytes 0-0/0", undefined],
    ["bytes 5-9/*", undefined],
    ["bytes=5-9/10", undefined],
    ["bytes -9/10", undefined],
    ["bytes 5-/10", undefined],
    ["bytes 5-9", undefined],
    ["lines 5-9/10", undefined],
    ["bytes 5-9/10, bytes 5-9/10", undefined],
    ["bytes 0-1/99999999999999999999", undefined],
    ["", undefined],
  ];
  for (const [value, wanted] of table) {
    const range = parseContentRange(value);
    assertEquals(range && [range.start, range.end, range.size], wanted, value);
  }
});

Deno.test("parseDigest returns the strongest supported checksum", () => {
  const sha256 = btoa("\x01".repeat(32));
  const sha512 = btoa("\x02".repeat(64));
  const table: [string, string | undefined][] = [
    [`sha-256=:${sha256}:`, "sha256"],
    [`sha-512=:${sha512}:`, "sha512"],
    [`sha-256=:${sha256}:, sha-512=:${sha512}:`, "sha512"],
    [`unixsum=:AAA=:, sha-256=:${sha256}:`, "sha256"],
    ["md5=:AAAA:", undefined],
    [`sha-256=:${sha512}:`, "malformed"],
    ["sha-256=:!:", "malformed"],
    ["sha-256=:A:", "malformed"],
    [`sha-256=${sha256}`, "malformed"],
    ["", "malformed"],
  ];
  for (const [value, wanted] of table) {
    const digest = parseDigest(value);
    const got = typeof digest === "object" ? digest.algorithm : digest;
    assertEquals(got, wanted, value);
  }
});

Deno.test("parsePartNames reads the forms of browsers, curl and others", () => {
  const table: [string, [string, string | undefined] | undefined][] = [
    ['form-data; name="a"', ["a", undefined]],
    ['form-data; name="a"; filename="b.txt"', ["a", "b.txt"]],
    ["Form-Data;name=a;filename=b.txt;", ["a", "b.txt"]],
    ['form-data; name="a"; filename=""', ["a", ""]],
    ['form-data; name="a"; filename="d/e/f.txt"', ["a", "d/e/f.txt"]],
    ['form-data; name="a"; filename="%22%0d%0A%41.txt"', ["a", '"\r\n%41.txt']],
    ['form-data; name="a"; filename="\\"b\\".txt"', ["a", '"b".txt']],
    ['form-data; name="a"; filename="C:\\b.txt"', ["a", "C:\\b.txt"]],
    ['form-data; name="a"; filename="b\\"', ["a", "b\\"]],
    ['form-data; name="a"; filename="b;c=\\"d.txt"', ["a", 'b;c="d.txt']],
    ['form-data; name="a"; filename="\u00e9\u{1f600}.txt"', [
      "a",
      "\u00e9\u{1f600}.txt",
    ]],
    ["form-data; name=a; filename*=UTF-8''%c3%a9.txt; filename=\"e\"", [
      "a",
      "\u00e9.txt",
    ]],
    ["form-data; name=a; filename*=UTF-8''%ff; filename=\"e\"", ["a", "e"]],
    ["form-data", ["", undefined]],
    ['form-data; name="a"; name="b"', undefined],
    ['form-data; name="a"; filename="b" x', undefined],
    ['form-data; name="a', undefined],
    ['attachment; filename="b"', undefined],
    ["", undefined],
  ];
  for (const [value, wanted] of table) {
    const names = parsePartNames(value);
    assertEquals(names && [names.name, names.filename], wanted, value);
  }
  assertEquals(parsePartNames(undefined), undefined);
});

Deno.test("formatAttachment follows RFC 6266", () => {
  const table: [string, string][] = [
    ["a.zip", 'attachment; filename="a.zip"'],
    [
      'a"b\\c.zip',
      "attachment; filename=\"a_b_c.zip\"; filename*=UTF-8''a%22b%5Cc.zip",
    ],
    [
      "\u{1f600}'.zip",
      "attachment; filename=\"_'.zip\"; filename*=UTF-8''%F0%9F%98%80%27.zip",
    ],
    [
      "a\r\nb.zip",
      "attachment; filename=\"a__b.zip\"; filename*=UTF-8''a%0D%0Ab.zip",
    ],
  ];
  for (const [name, wanted] of table) {
    assertEquals(formatAttachment(name), wanted);
  }
});

Deno.test("checkUploadName refuses unsafe names", () => {
  const table: [string, "unsafe" | "hidden" | undefined][] = [
    ["a", undefined],
    ["\u202eexe.txt", undefined],
    ["..", "unsafe"],
    [".", "unsafe"],
    ["", "unsafe"],
    ["a/b", "unsafe"],
    ["a\0", "unsafe"],
    ["\x1b[2J", "unsafe"],
    ["a\u009b", "unsafe"],
    ["a\x7f", "unsafe"],
    ["x".repeat(255), undefined],
    ["x".repeat(256), "unsafe"],
    ["\u00e9".repeat(128), "unsafe"],
    [".a", "hidden"],
    [temporaryName("0".repeat(32)), "hidden"],
  ];
  for (const [name, wanted] of table) {
    assertEquals(checkUploadName(name, false, "posix"), wanted, name);
  }
  assertEquals(checkUploadName(".a", true, "posix"), undefined);
  assertEquals(
    checkUploadName(temporaryName("f".repeat(32)), true, "posix"),
    "hidden",
  );
  assertEquals(checkUploadName("a:b", true, "windows"), "unsafe");
  assertEquals(isTemporaryName(temporaryName("0".repeat(31))), false);
});

Deno.test("parseBasic reads credentials as RFC 7617 does", () => {
  const encode = (text: string) =>
    btoa(String.fromCharCode(...new TextEncoder().encode(text)));
  const table: [string, [string, string] | undefined][] = [
    [`Basic ${encode("a:b")}`, ["a", "b"]],
    [`BASIC  ${encode("a:b")} `, ["a", "b"]],
    [`Basic ${encode("a:b:c")}`, ["a", "b:c"]],
    [`Basic ${encode("a:")}`, ["a", ""]],
    [`Basic ${encode(":b")}`, ["", "b"]],
    [`Basic ${encode("\u00e9:\u{1f600}")}`, ["\u00e9", "\u{1f600}"]],
    [`Basic ${encode("\ufeffa:b")}`, ["\ufeffa", "b"]],
    [`Basic ${encode("ab")}`, undefined],
    [`Basic ${encode("a:b\n")}`, undefined],
    [`Basic ${btoa("\xe9:b")}`, undefined],
    ["Basic !", undefined],
    ["Basic ", undefined],
    ["Basic", undefined],
    [`Basic${encode("a:b")}`, undefined],
    [`Bearer ${encode("a:b")}`, undefined],
    [`Basic ${encode("a:b")}, Basic ${encode("a:b")}`, undefined],
    ["", undefined],
  ];
  for (const [value, wanted] of table) {
    const got = parseBasic(value);
    assertEquals(got && [got.user, got.password], wanted, value);
  }
  assertEquals(basicChallenge("a"), 'Basic realm="a", charset="UTF-8"');
});
