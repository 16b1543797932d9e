// Copyright 2026 the pystd authors. MIT license.

/** A page that rebinds its name to the command's address. */

import { assertEquals } from "@std/assert/equals";
import { startCommand } from "../support/command.ts";
import { makeFiles } from "../support/tree.ts";
import { launch } from "./browser.ts";

/**
 * The script of a page whose name now resolves to 127.0.0.1: reads a file and
 * uploads one.
 */
const ATTACK = `<script>
  const attack = async () => {
    const read = await fetch("/a.txt");
    const put = await fetch("/in/x.txt", { method: "PUT", body: "x" });
    return [read.status, read.status === 200 ? await read.text() : "", put.status];
  };
</script>`;

Deno.test({
  name: "a browser cannot be rebound to the command",
  sanitizeResources: false,
  sanitizeOps: false,
  async fn() {
    await using tree = await makeFiles({
      "share/a.txt": "alpha\n",
      "share/in/": "",
    });
    const browser = await launch(
      "--host-resolver-rules=MAP evil.example 127.0.0.1",
      // Newer browsers ask for permission first; not all do.
      "--disable-features=LocalNetworkAccessChecks",
    );
    const permissions = ["-NR", `--allow-write=${tree.path("share/in")}`];
    const attack = async (...flags: string[]): Promise<unknown> => {
      const args = [...flags, "--upload=in", tree.path("share")];
      await using command = await startCommand(args, { permissions });
      const page = await browser.newPage();
      const url = `http://evil.example:${command.port}/attack`;
      // The page comes from the name's former address.
      await page.route(
        url,
        (route) => route.fulfill({ contentType: "text/html", body: ATTACK }),
      );
      await page.goto(url);
      const result = await page.evaluate("attack()");
      await page.close();
      return result;
    };
    try {
      assertEquals(await attack(), [421, "", 421]);
      assertEquals([...Deno.readDirSync(tree.path("share/in"))], []);
      // Without the check, the attack works.
      const open = await attack("--allow-host=evil.example");
      assertEquals(open, [200, "alpha\n", 201]);
    } finally {
      await browser.close();
    }
  },
});
