// Copyright 2026 the pystd authors. MIT license.

/** Rules of `--allow` and `--allow-file`, by the command itself. */

import { assertEquals } from "@std/assert/equals";
import { assertStringIncludes } from "@std/assert/string-includes";
import { runToEnd, startCommand } from "./support/command.ts";
import { signedIn } from "./support/rights.ts";
import { makeFiles, type TemporaryTree } from "./support/tree.ts";

const POSIX = Deno.build.os !== "windows";

function makeShare(rules = ""): Promise<TemporaryTree> {
  return makeFiles({
    "share/a/x.txt": "a",
    "share/b/x.txt": "b",
    "users": "ann:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n",
    "rules": rules,
  });
}

/** Flags, the content of the file of rules, and the message. */
const WRONG: [flags: string[], rules: string, message: string][] = [
  [
    ["--allow=zoe /a read"],
    "",
    'Cannot use --allow "zoe /a read": there is no user "zoe"',
  ],
  [
    ["--allow=ann /a write"],
    "",
    'Cannot use --allow "ann /a write": Unknown right "write"',
  ],
  [
    ["--allow=ann a read"],
    "",
    'Cannot use --allow "ann a read": Expected "USER PATH',
  ],
  [["--allow=ann /a/../b read"], "", "Expected a path without"],
  [["--allow=ann /a upload"], "", 'the right "upload" requires "--upload"'],
  [
    ["--upload", "--allow=ann /a manage"],
    "",
    'the right "manage" requires "--manage"',
  ],
  [
    ["--allow-file=rules"],
    "ann /a read\nann /a x\n",
    'Cannot use "rules": Line 2: Unknown right "x"',
  ],
  [
    ["--allow-file=rules"],
    "# a\n\nzoe / read",
    'Cannot use "rules": Line 3: there is no user "zoe"',
  ],
  [["--allow-file=none"], "", 'Cannot read "none": there is no such file'],
  [
    ["--allow-file=share/a/x.txt"],
    "",
    'clients could read the file "share/a/x.txt" of "--allow-file"',
  ],
  [
    ["--allow=* / read", "--follow-symlinks"],
    "",
    'Options "--allow" and "--follow-symlinks" cannot be combined',
  ],
  [
    ["--allow=* / read", "--upload", "--auth-upload=a:b"],
    "",
    'Options "--allow" and "--auth-upload" cannot be combined',
  ],
  [["--allow=* / read", "--plain"], "", "cannot be combined"],
  [["--auth", "x:y@/a:rw"], "", '--allow "USER /path upload"'],
  [["-a", "x:y@/a:rw"], "", '--allow "USER /path upload"'],
];

Deno.test("cli does not start with rules that are wrong", async (t) => {
  for (const [flags, rules, message] of WRONG) {
    await t.step(flags.join(" "), async () => {
      await using tree = await makeShare(rules);
      const { code, stderr } = await runToEnd(
        ["--auth=ann:secret", ...flags, "share"],
        {
          cwd: tree.root,
          permissions: ["--allow-net", "--allow-read", "--allow-write"],
        },
      );
      assertStringIncludes(stderr, message);
      assertEquals(stderr.trim().split("\n").length, 1, stderr);
      assertEquals(code === 1 || code === 2, true);
    });
  }
});

Deno.test({
  name: "cli does not start with a rule for a path through a link",
  ignore: !POSIX,
  async fn() {
    await using tree = await makeShare();
    await Deno.symlink("a", tree.path("share/link"));
    const flags = ["--auth=ann:secret", "--allow=ann /link/x.txt read"];
    const { stderr } = await runToEnd([...flags, "share"], { cwd: tree.root });
    assertStringIncludes(
      stderr,
      'this path leads to "/a/x.txt"; name that one',
    );
  },
});

for (const workers of ["1", "2"]) {
  Deno.test({
    name: `cli follows rules of both flags with ${workers} worker(s)`,
    ignore: workers !== "1" && Deno.build.os !== "linux",
    async fn() {
      const rules = "# rules\nann /b read\n";
      await using tree = await makeShare(rules);
      const flags = ["--auth-file=users", "--allow=* / read"];
      await using command = await startCommand(
        [...flags, "--allow-file=rules", `--workers=${workers}`, "share"],
        {
          cwd: tree.root,
          permissions: ["--allow-net", "--allow-read", "--unstable-net"],
        },
      );
      await command.says(/^2 rules say who may read and change what\.$/m);
      for (let i = 0; i < 4; i++) {
        const statusOf = async (path: string, user: string) => {
          const headers = signedIn(user);
          const response = await fetch(command.url(path), { headers });
          await response.body?.cancel();
          return response.status;
        };
        assertEquals(await statusOf("/a/x.txt", ""), 200);
        assertEquals(await statusOf("/b/x.txt", ""), 401);
        assertEquals(await statusOf("/b/x.txt", "ann"), 200);
      }
    },
  });
}
