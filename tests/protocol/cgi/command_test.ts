// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import {
  isFoundInPath,
  isPythonScript,
  parseShebang,
  systemPath,
  windowsCommand,
} from "../../../protocol/cgi/command.ts";

Deno.test("parseShebang reads the first line as the kernel does", () => {
  const table: [line: string, command: string[] | undefined][] = [
    ["#!/bin/sh\n:", ["/bin/sh", "F"]],
    ["#!/bin/sh", ["/bin/sh", "F"]],
    ["#! /bin/sh \n", ["/bin/sh", "F"]],
    ["#!/bin/sh\r\n", ["/bin/sh", "F"]],
    ["#!/usr/bin/perl -w\n", ["/usr/bin/perl", "-w", "F"]],
    ["#!/usr/bin/perl -w -T\n", ["/usr/bin/perl", "-w -T", "F"]],
    ["#!/usr/bin/env python3\n", ["python3", "F"]],
    ["#!/usr/bin/env -S deno run -R\n", ["deno", "run", "-R", "F"]],
    ["#!/usr/bin/env php-cgi\n<?php\n", ["php-cgi", "F"]],
    ["#!/usr/bin/env -i sh\n", undefined],
    ["#!/usr/bin/env A=b sh\n", undefined],
    ["#!/usr/bin/env\n", undefined],
    ["#!\n/bin/sh", undefined],
    ["/bin/sh\n", undefined],
    ["", undefined],
    ["\x7fELF", undefined],
  ];
  for (const [line, command] of table) {
    const found = parseShebang(new TextEncoder().encode(line), "F");
    if (command === undefined) {
      assertEquals(found, undefined, line);
    } else {
      const [program, ...args] = command;
      assertEquals(found, { program, args, takesWords: true }, line);
    }
  }
});

Deno.test("windowsCommand runs a script by its extension", () => {
  const table: [file: string, command: string[] | undefined][] = [
    ["a.py", ["python", "-u", "a.py"]],
    ["A.PYW", ["python", "-u", "A.PYW"]],
    ["a.pl", ["perl", "a.pl"]],
    ["a.php", ["php-cgi", "a.php"]],
    ["a.ts", ["deno", "run", "a.ts"]],
    ["a.exe", ["a.exe"]],
    ["a.cmd", ["a.cmd"]],
    ["a.bat", ["a.bat"]],
    ["a.txt", undefined],
    ["a", undefined],
    ["a.", undefined],
    ["a.py\\b", undefined],
    ["a.constructor", undefined],
  ];
  for (const [file, command] of table) {
    const found = windowsCommand(file);
    if (command === undefined) {
      assertEquals(found, undefined, file);
    } else {
      const [program, ...args] = command;
      // CVE-2024-24576: cmd.exe could run commands in an argument.
      const takesWords = !/\.(?:bat|cmd)$/.test(file);
      assertEquals(found, { program, args, takesWords }, file);
    }
  }
});

Deno.test("isPythonScript checks the extension, as CPython does", () => {
  const table: [path: string, expected: boolean][] = [
    ["a.py", true],
    ["/b/a.PY", true],
    ["a.pyw", true],
    ["a.pyc", false],
    ["a.py/b", false],
    [".py", false],
    ["/b/.py", false],
    ["py", false],
  ];
  for (const [path, expected] of table) {
    assertEquals(isPythonScript(path), expected, path);
  }
});

Deno.test("isFoundInPath distinguishes names from paths", () => {
  const cases: [program: string, posix: boolean, windows: boolean][] = [
    ["python", true, true],
    ["php-cgi.exe", true, true],
    ["/usr/bin/python3", false, false],
    ["./a.sh", false, false],
    ["C:\\www\\a.exe", true, false],
  ];
  for (const [program, posix, windows] of cases) {
    assertEquals(isFoundInPath(program, "posix"), posix, program);
    assertEquals(isFoundInPath(program, "windows"), windows, program);
  }
});

Deno.test("systemPath lists the program folders of each platform", () => {
  assertEquals(systemPath("posix").split(":").at(-1), "/bin");
  assertEquals(systemPath("windows").split(";").at(-1), "C:\\Windows");
});
