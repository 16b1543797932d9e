// Copyright 2026 the pystd authors. MIT license.

/** `--health`, as a load balancer asks for it. */

import { assertEquals } from "@std/assert/equals";
import { assertStringIncludes } from "@std/assert/string-includes";
import { runToEnd, startCommand } from "./support/command.ts";
import { makeFiles } from "./support/tree.ts";

Deno.test("--health answers without a password, and 503 without the directory", async () => {
  await using tree = await makeFiles({ "share/a.txt": "alpha" });
  const share = tree.path("share");
  await using command = await startCommand(
    ["--health=/up/now", "--auth=ann:secret", "--manage", share],
    { permissions: ["-NR", `--allow-write=${share}`] },
  );
  const ask = async (
    path: string,
    method = "GET",
  ): Promise<[number, string, string | null]> => {
    const response = await fetch(command.url(path), { method });
    const cached = response.headers.get("cache-control");
    return [response.status, await response.text(), cached];
  };
  const ok = '{"status":"ok"}\n';
  assertEquals(await ask("/up/now"), [200, ok, "no-store"]);
  assertEquals(await ask("/up/now?probe=1"), [200, ok, "no-store"]);
  assertEquals(await ask("/up/now", "HEAD"), [200, "", "no-store"]);
  for (const path of ["/up/now/", "/up", "/up/now/x", "/a.txt", "/"]) {
    assertEquals([path, (await ask(path))[0]], [path, 401]);
  }
  assertEquals((await ask("/up/now", "POST"))[0], 401);
  await Deno.rename(tree.path("share"), tree.path("gone"));
  const missing = '{"status":"the served directory is missing"}\n';
  assertEquals(await ask("/up/now"), [503, missing, "no-store"]);
  await Deno.rename(tree.path("gone"), tree.path("share"));
  assertEquals(await ask("/up/now"), [200, ok, "no-store"]);
});

Deno.test("--health knows of a single file, and of --prefix", async () => {
  await using tree = await makeFiles({ "a.txt": "alpha" });
  const path = tree.path("a.txt");
  await using command = await startCommand(
    ["--health=/health", "--prefix=/files", path],
    { permissions: ["--allow-net", `--allow-read=${path}`] },
  );
  const statuses: number[] = [];
  for (const target of ["/files/health", "/health"]) {
    const response = await fetch(command.url(target));
    await response.body?.cancel();
    statuses.push(response.status);
  }
  assertEquals(statuses, [200, 404]);
  await Deno.remove(path);
  const response = await fetch(command.url("/files/health"));
  await response.body?.cancel();
  assertEquals(response.status, 503);
});

Deno.test("--health takes a path", async () => {
  for (const path of ["health", "/", "/a b", "//", "/a?b"]) {
    const { code, stderr } = await runToEnd(["--health", path], {
      permissions: [],
    });
    assertEquals(code, 2);
    assertStringIncludes(
      stderr,
      'Invalid value for "--health": expected a path',
    );
  }
});
