// Copyright 2026 the pystd authors. MIT license.

/** `--server-timing`, as a browser's developer tools read it. */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { ask } from "./support/client.ts";
import { startCommand } from "./support/command.ts";
import { HAS_SH } from "./support/scripts.ts";
import { makeFiles } from "./support/tree.ts";

/** Parses the field: the durations by name, in ms. */
function entries(value: string | null): [name: string, ms: number][] {
  return (value ?? "").split(", ").map((entry) => {
    const [, name, ms] = /^([\w-]+);dur=([0-9.]+)$/.exec(entry) ?? [];
    assert(name !== undefined, `${value}`);
    return [name, Number(ms)];
  });
}

async function timing(url: string, init?: RequestInit): Promise<string | null> {
  const response = await fetch(url, init);
  await response.body?.cancel();
  return response.headers.get("server-timing");
}

function names(value: string | null): string[] {
  return entries(value).map(([name]) => name);
}

Deno.test("--server-timing sends the time until the head, and of parts", async () => {
  await using tree = await makeFiles({ "share/a/b.txt": "beta" });
  const share = tree.path("share");
  await using command = await startCommand([
    "--server-timing",
    "--archive",
    "--hash",
    "--auth=ann:secret",
    share,
  ]);
  const headers = { authorization: `Basic ${btoa("ann:secret")}` };
  const of = (path: string) => timing(command.url(path), { headers });
  assertEquals(names(await of("/a/b.txt")), ["total", "auth"]);
  assertEquals(names(await of("/a/")), ["total", "auth", "listing"]);
  assertEquals(names(await of("/a/b.txt?sha256")), ["total", "auth", "hash"]);
  assertEquals(names(await of("/a/?archive=zip")), [
    "total",
    "auth",
    "archive",
  ]);
  assertEquals(names(await of("/none")), ["total", "auth"]);
  // Without a password, too.
  assertEquals(names(await timing(command.url("/a/b.txt"))), ["total", "auth"]);
  for (const [, ms] of entries(await of("/a/"))) {
    assert(ms >= 0 && ms < 10_000, `${ms}`);
  }
});

Deno.test({
  name: "--server-timing has the time of a CGI script until its head",
  ignore: !HAS_SH,
  async fn() {
    await using tree = await makeFiles({
      "share/cgi-bin/slow.sh": "#!/bin/sh\nsleep 0.2\n" +
        "printf 'Content-Type: text/plain\\n\\nhello\\n'\n",
    });
    const script = tree.path("share", "cgi-bin", "slow.sh");
    await Deno.chmod(script, 0o755);
    await using command = await startCommand(
      ["--server-timing", "--cgi", tree.path("share")],
      { permissions: ["-NR", `--allow-run=${script}`] },
    );
    const found = entries(await timing(command.url("/cgi-bin/slow.sh")));
    assertEquals(found.map(([name]) => name), ["total", "cgi"]);
    const [[, total], [, cgi]] = found as [[string, number], [string, number]];
    // The script sleeps for 200 ms.
    assert(cgi >= 190, `${cgi}`);
    assert(total >= cgi, `${total} ${cgi}`);
  },
});

Deno.test("without --server-timing, no response has the field", async () => {
  await using tree = await makeFiles({ "share/a.txt": "alpha" });
  for (const flags of [[], ["--plain"], ["--metrics=/m"]]) {
    await using command = await startCommand([...flags, tree.path("share")]);
    assertEquals(await timing(command.url("/a.txt")), null);
  }
  await using command = await startCommand(
    ["--server-timing", "--plain", tree.path("share")],
  );
  assertEquals(names(await timing(command.url("/a.txt"))), ["total"]);
  // HTTP/0.9 has no head.
  const [answer] = await ask(command.port, "GET /a.txt\r\n");
  assertEquals(answer!.body, "alpha");
});
