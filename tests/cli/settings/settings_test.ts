// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { assertObjectMatch } from "@std/assert/object-match";
import { assertThrows } from "@std/assert/throws";
import { UsageError } from "../../../cli/errors.ts";
import { FLAG_GROUPS, readCommandLine } from "../../../cli/flags.ts";
import { readSettings, type Settings } from "../../../cli/settings/settings.ts";

Deno.test("readSettings reads each flag", () => {
  const cases: [args: string[], wanted: Partial<Settings>][] = [
    [[], { directory: ".", protocolVersion: "HTTP/1.1", headers: [] }],
    [["--directory", "d"], { directory: "d" }],
    [["-d", "7", "8000"], { directory: "7", port: 8000 }],
    [["-p", "9000"], { port: 9000, protocolVersion: "HTTP/1.1" }],
    [["-p", "HTTP/1.0"], { protocolVersion: "HTTP/1.0" }],
    [
      ["-H", "X-A: 1", "--header=X-B:\t\xe9:2 "],
      { headers: [["X-A", "1"], ["X-B", "\xe9:2"]] },
    ],
    [["-H", "X-A:"], { headers: [["X-A", ""]] }],
    [["--content-type", "text/plain"], { contentType: "text/plain" }],
    [[], { freshFor: 0 }],
    [["--fresh", "1000"], { freshFor: 1000 }],
    [["--plain", "--dotfiles", "-q"], {
      plain: true,
      dotfiles: true,
      quiet: true,
    }],
    [["--cgi", "--cgi-env=A=b=c", "--cgi-env", "HOME"], {
      cgi: true,
      cgiEnv: [["A", "b=c"], ["HOME", undefined]],
    }],
  ];
  for (const [args, wanted] of cases) {
    assertObjectMatch({ ...readSettings(readCommandLine(args)) }, wanted);
  }
});

Deno.test("readSettings refuses invalid values", () => {
  const cases: [args: string[], message: string][] = [
    [["-p", "HTTP/2"], 'Invalid protocol "HTTP/2"'],
    [["-p", "9000", "8000"], "More than one port was given"],
    [["-d", "a", "b"], "More than one directory was given"],
    [["-d", "a", "-d", "b"], 'Option "--directory" was given twice'],
    [["-H", "X-A"], 'Invalid header "X-A": expected "NAME: VALUE"'],
    [["-H", ": a"], 'Invalid header ": a"'],
    [["-H", "X A: a"], 'Invalid header "X A: a"'],
    [["-H", "X-A: a\r\nX-B: b"], 'Invalid header "X-A: a'],
    [["-H", "X-A: \u{1f600}"], "Invalid header"],
    [["-H", "content-length: 5"], "the server sets it for each response"],
    [
      ["-H", "Transfer-Encoding: chunked"],
      "the server sets it for each response",
    ],
    [["--fresh", "1s"], 'Invalid value for "--fresh": expected a number'],
    [["--cgi", "--cgi-env=1=2"], 'Invalid variable "1=2"'],
    [["--cgi-env=A"], '"--cgi-env" requires "--cgi"'],
  ];
  for (const [args, message] of cases) {
    const error = assertThrows(
      () => readSettings(readCommandLine(args)),
      UsageError,
    );
    assertEquals(error.message.includes(message), true, error.message);
  }
});

Deno.test("readCommandLine refuses a value of any switch", () => {
  for (
    const { name, short, value } of FLAG_GROUPS.flatMap(({ flags }) => flags)
  ) {
    if (value !== undefined) continue;
    const long = `--${name}`;
    const cases = [[`${long}=1`], [`${long}=`], [`${long}=false`], [
      long,
      "true",
    ]];
    if (short !== undefined) {
      const last = `-${short}`;
      cases.push([`${last}=1`], [`${last}1`], [last, "false"], [
        `-q${short}=1`,
      ]);
    }
    for (const args of cases) {
      assertThrows(
        () => readCommandLine(args),
        UsageError,
        `Option "${long}" takes no value`,
        args.join(" "),
      );
    }
    const given = readCommandLine([long, "x", "--", `${long}=1`, "true"]);
    assertEquals([...given.switches], [name]);
    assertEquals(given.positionals, ["x", `${long}=1`, "true"]);
  }
  const { switches, values } = readCommandLine(["-qob", "::1", "-d=--hash=1"]);
  assertEquals([...switches].sort(), ["open", "quiet"]);
  assertEquals(values, { bind: "::1", directory: "--hash=1" });
});
