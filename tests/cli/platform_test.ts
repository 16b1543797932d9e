// Copyright 2026 the pystd authors. MIT license.

/**
 * What the command does on each system, wherever this runs.
 *
 * @module
 */

import { assertEquals } from "@std/assert/equals";
import { openerOn } from "../../cli/browser.ts";
import { quoteForShell } from "../../cli/permissions/shell_quote.ts";
import { stopSignalsOn } from "../../cli/signals.ts";

Deno.test("openerOn knows what opens the browser", () => {
  assertEquals(openerOn("linux"), ["xdg-open"]);
  assertEquals(openerOn("freebsd"), ["xdg-open"]);
  assertEquals(openerOn("darwin"), ["open"]);
  // The empty word is the title of a window, which `start` would take the URL for.
  assertEquals(openerOn("windows"), ["cmd", "/c", "start", ""]);
});

Deno.test("stopSignalsOn knows the signals that a system has", () => {
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
