// Copyright 2026 the pystd authors. MIT license.

/**
 * The command's rules for each operating system, tested on any.
 *
 * @module
 */

import { assertEquals } from "@std/assert/equals";
import { openerOn } from "../../cli/browser.ts";
import { quoteForShell } from "../../cli/permissions/shell_quote.ts";
import { stopSignalsOn } from "../../cli/signals.ts";

Deno.test("openerOn returns the command that opens a URL", () => {
  assertEquals(openerOn("linux"), ["xdg-open"]);
  assertEquals(openerOn("freebsd"), ["xdg-open"]);
  assertEquals(openerOn("darwin"), ["open"]);
  // `start` takes its first quoted argument as a window title: hence "".
  assertEquals(openerOn("windows"), ["cmd", "/c", "start", ""]);
});

Deno.test("stopSignalsOn returns the signals of each system", () => {
  assertEquals(stopSignalsOn("linux"), ["SIGINT", "SIGTERM"]);
  assertEquals(stopSignalsOn("darwin"), ["SIGINT", "SIGTERM"]);
  assertEquals(stopSignalsOn("windows"), ["SIGINT", "SIGBREAK"]);
});

Deno.test("quoteForShell quotes for the shells of each platform", () => {
  const cases: [word: string, posix: string, windows: string][] = [
    ["deno", "deno", "deno"],
    ["--allow-read=./a", "--allow-read=./a", "--allow-read=./a"],
    ["--allow-read=a,b", "--allow-read=a,b", '"--allow-read=a,b"'],
    ["[::]:80", "'[::]:80'", '"[::]:80"'],
    ["C:\\srv", "'C:\\srv'", "C:\\srv"],
    ["C:\\my files", "'C:\\my files'", '"C:\\my files"'],
    ["C:\\my files\\", "'C:\\my files\\'", '"C:\\my files\\\\"'],
    ['A: "b"', `'A: "b"'`, '"A: \\"b\\""'],
    ['A\\"', `'A\\"'`, '"A\\\\\\""'],
    ["it's", `'it'\\''s'`, `"it's"`],
    ["", "''", '""'],
  ];
  for (const [word, posix, windows] of cases) {
    assertEquals(quoteForShell(word, "posix"), posix);
    assertEquals(quoteForShell(word, "windows"), windows);
  }
});
