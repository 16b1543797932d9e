// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { commandOf, isExecutableFile } from "../../handlers/cgi/command.ts";
import type { Platform } from "../../protocol/path_segment.ts";

Deno.test("isExecutableFile depends on the platform", () => {
  const table: [string, number | null, Platform, boolean][] = [
    ["/a/x.sh", 0o755, "posix", true],
    ["/a/x.sh", 0o100, "posix", true],
    ["/a/x.sh", 0o001, "posix", true],
    ["/a/x.sh", 0o644, "posix", false],
    ["/a/x.py", 0o644, "posix", false],
    ["/a/x.exe", null, "posix", false],
    // Without an execute bit, the extension determines the interpreter.
    ["C:\\a\\x.py", null, "windows", true],
    ["C:\\a\\x.EXE", null, "windows", true],
    ["C:\\a\\x.sh", 0o644, "windows", true],
    ["C:\\a\\x.txt", 0o777, "windows", false],
    ["C:\\a\\x", null, "windows", false],
  ];
  for (const [path, mode, platform, expected] of table) {
    assertEquals(isExecutableFile(path, mode, platform), expected, path);
  }
});

Deno.test("commandOf uses the extension on Windows", () => {
  const table: [file: string, words: string[]][] = [
    ["C:\\a\\x.py", ["python", "-u", "C:\\a\\x.py"]],
    ["C:\\a\\x.exe", ["C:\\a\\x.exe"]],
    ["C:\\a\\x.bat", ["C:\\a\\x.bat"]],
  ];
  for (const [file, words] of table) {
    const { program, args } = commandOf(file, "windows", "");
    assertEquals([program, ...args], words);
  }
});

Deno.test({
  name:
    "commandOf runs a script itself when its first line has no usable interpreter",
  permissions: { read: true, write: true, run: false },
  ignore: Deno.build.os === "windows",
}, async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/x`;
  const itself = { program: path, args: [], takesWords: true };
  for (const text of [undefined, "", "\x7fELF", "#!\n"]) {
    if (text !== undefined) await Deno.writeTextFile(path, text);
    assertEquals(commandOf(path, "posix", "/usr/bin"), itself, text);
  }
  await Deno.remove(folder, { recursive: true });
});
