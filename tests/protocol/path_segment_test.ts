// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { isSafeSegment } from "../../protocol/path_segment.ts";

Deno.test("isSafeSegment follows the rules of each platform", () => {
  const table: [segment: string, posix: boolean, windows: boolean][] = [
    ["a", true, true],
    ["a b.txt", true, true],
    [".hidden", true, true],
    ["...a", true, true],
    ["caf\u00e9 \u{1f600}", true, true],
    ["100%.txt", true, true],
    // No name, or more than one
    ["", false, false],
    [".", false, false],
    ["..", false, false],
    ["a/b", false, false],
    ["/", false, false],
    ["a\0.txt", false, false],
    ["\ud800", false, false],
    ["a\udc80", false, false],
    // The parts of a file on macOS: `/a.php/..namedfork/data` is `/a.php`
    ["..namedfork", false, false],
    ["..NamedFork", false, false],
    ["..namedforks", true, true],
    // Separators, drives, streams
    ["..\\..\\x", true, false],
    ["a\\b", true, false],
    ["C:", true, false],
    ["C:x", true, false],
    ["a.txt:stream", true, false],
    ["a.txt::$DATA", true, false],
    // Characters that Windows forbids or drops
    ["a\nb", true, false],
    ["a\x1f", true, false],
    ["what?", true, false],
    ["*.txt", true, false],
    ["<a>", true, false],
    ['"a"', true, false],
    ["a|b", true, false],
    ["a.", true, false],
    ["a. .", true, false],
    ["a ", true, false],
    ["...", true, false],
    [" ", true, false],
    [" a", true, true],
    // Devices (CVE-2022-41720 was COM1)
    ["CON", true, false],
    ["con", true, false],
    ["Nul.txt", true, false],
    ["nul.tar.gz", true, false],
    ["AUX .txt", true, false],
    ["prn", true, false],
    ["COM1", true, false],
    ["com0", true, false],
    ["COM\xb9", true, false],
    ["com\xb2.log", true, false],
    ["lpt9", true, false],
    ["LPT\xb3", true, false],
    ["CONIN$", true, false],
    ["conout$.x", true, false],
    ["console", true, true],
    ["com", true, true],
    ["COM10", true, true],
    ["xCON", true, true],
    ["a.con", true, true],
    ["aux-1", true, true],
    // Short names: second names of long ones
    ["PROGRA~1", true, false],
    ["htacce~1.txt", true, false],
    ["~1", true, false],
    ["A~12.TXT", true, false],
    ["~$report.docx", true, true],
    ["a~b", true, true],
    ["file.txt~", true, true],
    ["longername~1.txt", true, true],
  ];
  for (const [segment, posix, windows] of table) {
    const label = JSON.stringify(segment);
    assertEquals(isSafeSegment(segment, "posix"), posix, label);
    assertEquals(isSafeSegment(segment, "windows"), windows, label);
  }
});
