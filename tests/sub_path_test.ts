// Copyright 2026 the pystd authors. MIT license.

/**
 * A share below a path of another site, behind a real nginx that removes the
 * path, or keeps it for `--prefix`.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { ask } from "./support/client.ts";
import { isInstalled, startCommand } from "./support/command.ts";
import { makeFiles } from "./support/tree.ts";
import { waitUntil } from "./support/wait.ts";

const PERMISSIONS = ["--allow-net", "--allow-read", "--allow-write"];

/** Returns the links of a page, as a browser resolves them. */
function linksOf(page: string, url: string): string[] {
  return [...page.matchAll(/<a href="([^"]*)"/g)]
    .map(([, href]) => new URL(href!, url).pathname);
}

/** Returns a port that was free a moment ago. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

Deno.test({
  name: "cli serves a share below a path of another site",
  ignore: !isInstalled("nginx", "-v"),
  async fn() {
    await using tree = await makeFiles({
      "share/dir/a.txt": "alpha",
      "nginx/": "",
    });
    const flags = [tree.path("share"), "-q", "--upload", "--clean-urls"];
    const options = { permissions: PERMISSIONS };
    await using stripped = await startCommand(flags, options);
    await using kept = await startCommand(
      [...flags, "--prefix", "/kept"],
      options,
    );
    const port = freePort();
    const config = tree.path("nginx/nginx.conf");
    await Deno.writeTextFile(
      config,
      `daemon off; pid ${tree.path("nginx/pid")}; error_log stderr;
       events {} http { access_log off; server { listen 127.0.0.1:${port};
       location /files/ { proxy_pass http://127.0.0.1:${stripped.port}/; }
       location /kept { proxy_pass http://127.0.0.1:${kept.port}; } } }`,
    );
    const nginx = new Deno.Command("nginx", {
      args: ["-p", tree.path("nginx"), "-c", config],
      stderr: "null",
    }).spawn();
    try {
      for (const path of ["/files/", "/kept/"]) {
        const root = `http://127.0.0.1:${port}${path}`;
        await waitUntil(async () => {
          const answer = await fetch(root).catch(() => undefined);
          await answer?.body?.cancel();
          return answer?.ok ?? false;
        });
        // A folder without its slash redirects to itself, not out of the share.
        const folder = await fetch(`${root}dir?sort=size`, {
          headers: { Accept: "text/html" },
        });
        assertEquals(folder.url, `${root}dir/?sort=size`);
        const links = linksOf(await folder.text(), folder.url);
        assert(links.includes(`${path}dir/a.txt`), `${links}`);
        assert(links.every((link) => link.startsWith(path)), `${links}`);
        const missing = await fetch(`${root}dir/none/x`, {
          headers: { Accept: "text/html" },
        });
        assertEquals(missing.status, 404);
        assertEquals(linksOf(await missing.text(), missing.url), [path]);
        const name = `${path.slice(1, -1)}.txt`;
        const put = await fetch(`${root}dir/${name}`, {
          method: "PUT",
          body: "x",
        });
        assertEquals(await put.text(), `Saved /dir/${name}, 1 bytes\n`);
        const location = new URL(put.headers.get("location")!, put.url);
        assertEquals(location.href, `${root}dir/${name}`);
        assertEquals(await (await fetch(location)).text(), "x");
      }
      const bare = await fetch(`http://127.0.0.1:${port}/kept`);
      assertEquals(bare.url, `http://127.0.0.1:${port}/kept/`);
      await bare.body?.cancel();
    } finally {
      nginx.kill();
      await nginx.status;
    }
    const server = "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n" +
      "Connection: close\r\n\r\n";
    const [asked] = await ask(kept.port, server);
    assertEquals(asked!.status, 204);
    const other = await fetch(`http://127.0.0.1:${kept.port}/dir/a.txt`);
    assertEquals(other.status, 404);
    await other.body?.cancel();
  },
});
