// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { assertThrows } from "@std/assert/throws";
import { UsageError } from "../../../cli/errors.ts";
import { readCommandLine } from "../../../cli/flags.ts";
import {
  readSharingSettings,
  withoutPasswords,
} from "../../../cli/settings/sharing.ts";

Deno.test("readSharingSettings reads sizes with units", () => {
  const table: [text: string, size: number | undefined][] = [
    ["1", 1],
    ["1500", 1500],
    ["1K", 1024],
    ["1k", 1024],
    ["1KB", 1024],
    ["1KiB", 1024],
    ["1.5M", 1.5 * 2 ** 20],
    ["10G", 10 * 2 ** 30],
    ["2T", 2 * 2 ** 40],
    ["0", undefined],
    ["0.1", undefined],
    ["-1", undefined],
    ["1X", undefined],
    ["1 G", undefined],
    ["G", undefined],
    ["1e3", undefined],
    ["99999999T", undefined],
  ];
  for (const [text, size] of table) {
    const read = () =>
      readSharingSettings(
        readCommandLine(["--upload", `--max-upload=${text}`]),
      );
    if (size === undefined) assertThrows(read, UsageError, text, text);
    else assertEquals(read().maxUpload, size, text);
  }
});

Deno.test("readSharingSettings reads --max-total", () => {
  const read = (...args: string[]) =>
    readSharingSettings(readCommandLine(args));
  assertEquals(read().maxTotal, Infinity);
  assertEquals(read("--upload", "--max-total", "2G").maxTotal, 2 ** 31);
  assertThrows(() => read("--max-total", "2G"), UsageError, '"--upload"');
});

Deno.test("readSharingSettings reads the folder of --upload only after =", () => {
  const table: [args: string[], upload: string | undefined][] = [
    [[], undefined],
    [["--upload"], ""],
    [["--upload", "share"], ""],
    [["--upload=in"], "in"],
    [["--upload=in/deep", "share"], "in/deep"],
  ];
  for (const [args, upload] of table) {
    assertEquals(readSharingSettings(readCommandLine(args)).upload, upload);
  }
});

Deno.test("readSharingSettings reads --manage, which implies --upload and --overwrite", () => {
  const table: [args: string[], upload: string | undefined, manage: boolean][] =
    [
      [[], undefined, false],
      [["--upload"], "", false],
      [["--manage"], "", true],
      [["--manage", "--upload=in"], "in", true],
      [["--manage", "--max-upload=1G", "--auth-upload=a:b"], "", true],
    ];
  for (const [args, upload, manage] of table) {
    const settings = readSharingSettings(readCommandLine(args));
    const { overwrite } = settings;
    assertEquals(
      [settings.upload, settings.manage, overwrite],
      [upload, manage, manage],
    );
  }
  for (const other of ["--plain", "--cgi"]) {
    assertThrows(
      () => readSharingSettings(readCommandLine(["--manage", other])),
      UsageError,
      '"--manage"',
    );
  }
});

Deno.test("readSharingSettings reads --dav, and refuses what it cannot go with", () => {
  const read = (...args: string[]) =>
    readSharingSettings(readCommandLine(args)).dav;
  assertEquals([read(), read("--dav")], [false, true]);
  assertEquals(read("--dav", "--workers=2"), true);
  const refused: [args: string[], text: string][] = [
    [["--no-listing"], '"--no-listing"'],
    [["--plain"], '"--plain"'],
    [["--cgi"], '"--cgi"'],
    [["--upload", "--workers=2"], '"--workers"'],
    [["--manage", "--workers=2"], '"--workers"'],
  ];
  for (const [args, text] of refused) {
    assertThrows(() => read("--dav", ...args), UsageError, text);
  }
});

Deno.test("withoutPasswords hides passwords in both forms of a flag", () => {
  const table: [args: string[], shown: string[]][] = [
    [["--auth", "a:b:c", "x"], ["--auth", "a:...", "x"]],
    [["--auth=a:b:c"], ["--auth=a:..."]],
    [["--auth-upload", "a:b"], ["--auth-upload", "a:..."]],
    [["--auth-upload=a:b"], ["--auth-upload=a:..."]],
    [["--auth-file", "a:b", "-H", "a: b"], [
      ...["--auth-file", "a:b", "-H", "a: b"],
    ]],
  ];
  for (const [args, shown] of table) {
    assertEquals(withoutPasswords(args), shown);
  }
});

Deno.test("readSharingSettings refuses the --auth syntax of other servers", () => {
  const path = 'are rules of their own: --auth USER:PASSWORD --allow "USER';
  const hash = "password hashes are not accepted here; use --auth-file FILE";
  const table: [value: string, message: string | undefined][] = [
    ["ann:s3cret@/path:rw", path],
    ["ann:s3cret@/", path],
    ["ann:s3cret@/a:rw,/b", path],
    ["ann:s3cret|bob:x@/a", path],
    ["@/", path],
    [`ann:sha256:${"0a".repeat(32)}`, hash],
    ["ann:$2y$05$abc", hash],
    ["ann:$apr1$abc$def", hash],
    ["ann:{SHA}abc", hash],
    ["ann:$6$abc$def", hash],
    ["ann:...", 'put the password in place of "..."'],
    ["ann", "expected USER:PASSWORD"],
    ["ann:a@b", undefined],
    ["ann:/a:rw", undefined],
    ["ann:$2", undefined],
    ["ann:sha256", undefined],
  ];
  for (const flag of ["auth", "auth-upload"]) {
    for (const [value, message] of table) {
      const args = ["--upload", `--${flag}=${value}`];
      const read = () => readSharingSettings(readCommandLine(args));
      if (message === undefined) read();
      else {
        const error = assertThrows(read, UsageError, message, value);
        assertEquals(error.message.includes("s3cret"), false);
      }
    }
  }
});
