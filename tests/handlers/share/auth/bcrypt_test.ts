// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { matchesBcrypt } from "../../../../handlers/share/auth/bcrypt.ts";
import { ROOT, runToEnd } from "../../../support/command.ts";
import { outsideConfig } from "../../../support/outside.ts";
import { makeFiles } from "../../../support/tree.ts";

/** Of "secret", at the lowest cost. */
const HASH = "$2b$04$ZxHaIbfmvciOEFdDZZPLB.WRw2zgDQpTotJD6hdMUYvflcHFkgspu";

async function compares(): Promise<void> {
  assertEquals(await matchesBcrypt("secret", HASH), true);
  assertEquals(await matchesBcrypt("other", HASH), false);
}

Deno.test("matchesBcrypt compares on the event loop after its thread has failed", async () => {
  await compares();
  await assertRejects(() => matchesBcrypt("secret", 5 as unknown as string));
  await compares();
});

Deno.test("matchesBcrypt compares on the event loop without threads", async () => {
  const config = JSON.parse(outsideConfig());
  config.imports["node:worker_threads"] = "data:text/javascript,throw Error()";
  await using tree = await makeFiles({
    "deno.json": JSON.stringify(config),
    "main.ts": `
      import { matchesBcrypt } from "${ROOT}/handlers/share/auth/bcrypt.ts";
      for (const password of ["secret", "other"]) {
        console.log(await matchesBcrypt(password, "${HASH}"));
      }`,
  });
  const module = tree.path("main.ts");
  const { code, stdout } = await runToEnd([], { module, permissions: [] });
  assertEquals([code, stdout], [0, "true\nfalse\n"]);
});
