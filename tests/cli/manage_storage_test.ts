// Copyright 2026 the pystd authors. MIT license.

/** `--manage` over a bucket, with curl. */

import { assertEquals } from "@std/assert/equals";
import { isInstalled, runProgram, startCommand } from "../support/command.ts";
import { S3Store } from "../support/s3_store.ts";

Deno.test({
  name: "cli deletes, moves and copies in a bucket for curl",
  ignore: !isInstalled("curl"),
  async fn() {
    await using store = new S3Store({
      "top/a.txt": "alpha",
      "top/d/1": "one",
      "top/d/2": "two",
      "other": "not shared",
    });
    await using command = await startCommand(["--manage", "s3://share/top"], {
      permissions: ["--allow-net=127.0.0.1", "--allow-env=AWS_*"],
      env: store.environment,
    });
    const rows: [method: string, path: string, to: string, status: string][] = [
      ["COPY", "/a.txt", "/b.txt", "201"],
      ["MOVE", "/b.txt", "/d/b%20c.txt", "201"],
      ["MOVE", "/d", "/e", "201"],
      ["DELETE", "/a.txt", "", "204"],
      ["DELETE", "/e/1", "", "204"],
      ["DELETE", "/none", "", "404"],
      ["DELETE", "/..%2fother", "", "404"],
    ];
    for (const [method, path, to, status] of rows) {
      const { stdout } = await runProgram("curl", [
        ...["-s", "-o", "/dev/null", "-w", "%{http_code}", "-X", method],
        ...to === "" ? [] : ["-H", `Destination: ${to}`],
        command.url(path),
      ]);
      assertEquals(stdout, status, `${method} ${path}`);
    }
    assertEquals([...store.objects.keys()].sort(), [
      "other",
      "top/e/2",
      "top/e/b c.txt",
    ]);
  },
});
