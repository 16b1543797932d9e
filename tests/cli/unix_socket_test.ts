// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { StartError } from "../../cli/errors.ts";
import { removeStaleSocket, socketRemover } from "../../cli/unix_socket.ts";
import { RunningCommand } from "../support/command.ts";
import { makeFiles } from "../support/tree.ts";

const ignore = Deno.build.os === "windows";

Deno.test({
  name: "removeStaleSocket keeps a socket that it cannot connect to",
  ignore,
}, async () => {
  // The path is too long for an address; the listener uses a relative one.
  const folder = "d".repeat(200);
  await using tree = await makeFiles({
    [`${folder}/main.ts`]: `Deno.listen({ transport: "unix", path: "s" });
      console.log("It listens");
      setInterval(() => {}, 1000);`,
  });
  await using listener = new RunningCommand([], {
    module: "main.ts",
    permissions: ["-A"],
    cwd: tree.path(folder),
  });
  await listener.says(/It listens/);
  const path = tree.path(folder, "s");
  await assertRejects(
    () => removeStaleSocket(path),
    StartError,
    `Cannot listen on "${path}": `,
  );
  assert((await Deno.lstat(path)).isSocket);
});

Deno.test({
  name: "socketRemover removes its own socket only",
  ignore,
}, async (t) => {
  const exists = (path: string): boolean => {
    try {
      return Deno.lstatSync(path) !== undefined;
    } catch {
      return false;
    }
  };
  await using tree = await makeFiles({ "d/s": "", "other": "" });
  const path = tree.path("d/s");
  await t.step("a socket that replaced it stays", async () => {
    const remove = socketRemover(path);
    await Deno.rename(tree.path("other"), path);
    remove();
    assertEquals(exists(path), true);
  });
  await t.step("its own socket goes", () => {
    const remove = socketRemover(path);
    remove();
    assertEquals(exists(path), false);
    remove();
  });
  await t.step("a folder that became a file stays", async () => {
    await Deno.writeTextFile(path, "");
    const remove = socketRemover(path);
    await Deno.remove(tree.path("d"), { recursive: true });
    await Deno.writeTextFile(tree.path("d"), "");
    remove();
    assertEquals(exists(tree.path("d")), true);
  });
});
