// Copyright 2026 the pystd authors. MIT license.

/**
 * Runs the tests of `tests/browser/`, which have a configuration and a lock of
 * their own: serving a folder in a clone must not download the driver of a
 * browser.
 *
 * @module
 */

import { assertEquals } from "@std/assert/equals";
import { NO_BROWSER } from "./support/chromium.ts";
import { ROOT, runProgram } from "./support/command.ts";

const reason = NO_BROWSER === undefined ? "" : ` (${NO_BROWSER})`;

Deno.test({
  name: `the tests of tests/browser/ pass${reason}`,
  ignore: NO_BROWSER !== undefined,
  async fn() {
    const { code, stdout, stderr } = await runProgram(
      Deno.execPath(),
      ["test", "--quiet", "--parallel", "--allow-all"],
      `${ROOT}/tests/browser`,
    );
    assertEquals(code, 0, `${stdout}${stderr}`);
  },
});
