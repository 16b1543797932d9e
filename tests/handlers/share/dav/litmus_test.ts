// Copyright 2026 the pystd authors. MIT license.

/** litmus 0.13, a test suite for WebDAV servers, against the command. */

import { assertEquals } from "@std/assert/equals";
import {
  isInstalled,
  runProgram,
  startCommand,
} from "../../../support/command.ts";
import { makeFiles } from "../../../support/tree.ts";

const HAS_LITMUS = isInstalled("litmus");

/** The suites, and the number of tests of each. */
const SUITES = { basic: 16, copymove: 13, props: 30, locks: 41, http: 4 };

for (const auth of [undefined, "ann:secret"]) {
  Deno.test({
    name: `litmus passes whole ${auth ? "with" : "without"} a password${
      HAS_LITMUS ? "" : " (litmus is not installed)"
    }`,
    ignore: !HAS_LITMUS,
    async fn() {
      await using tree = await makeFiles({ "share/": "", "log/": "" });
      const share = tree.path("share");
      const flags = auth === undefined ? [] : ["--auth", auth];
      await using command = await startCommand(
        ["--dav", "--manage", ...flags, share],
        {
          permissions: [
            "--allow-net=127.0.0.1",
            `--allow-read=${share}`,
            `--allow-write=${share}`,
          ],
        },
      );
      const args = ["-k", command.url("/"), ...auth?.split(":") ?? []];
      const { code, stdout } = await runProgram(
        "litmus",
        args,
        tree.path("log"),
      );
      const found = [
        ...stdout.matchAll(
          /`(\w+)': of (\d+) tests run: (\d+) passed, (\d+) f/g,
        ),
      ].map(([, suite, run, passed, failed]) => [
        suite,
        ...[run, passed, failed].map(Number),
      ]);
      const wanted = Object.entries(SUITES)
        .map(([suite, count]) => [suite, count, count, 0]);
      assertEquals(found, wanted, stdout);
      assertEquals(/WARNING/.test(stdout), false, stdout);
      assertEquals(code, 0, stdout);
    },
  });
}
