// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { assertThrows } from "@std/assert/throws";
import { BusyError } from "../../files/busy_error.ts";
import {
  IncomingFile,
  lacksHardLinks,
  lstatIfExists,
} from "../../files/incoming.ts";
import { removeLeftovers } from "../../files/leftovers.ts";
import { temporaryName } from "../../protocol/upload_name.ts";
import { stub, systemError } from "../support/stub.ts";
import { makeTree, type TemporaryTree } from "../support/tree.ts";

const ID = "0123456789abcdef".repeat(2);

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function namesIn(tree: TemporaryTree): string[] {
  return Array.from(Deno.readDirSync(tree.root), ({ name }) => name).sort();
}

Deno.test("IncomingFile.commit names a complete file atomically", async () => {
  const table: [present: boolean, overwrite: boolean, string, string][] = [
    [false, false, "created", "new"],
    [false, true, "created", "new"],
    [true, false, "exists", "old"],
    [true, true, "replaced", "new"],
  ];
  for (const [present, overwrite, placement, text] of table) {
    await using tree = await makeTree([]);
    if (present) await Deno.writeTextFile(tree.path("a"), "old");
    const file = IncomingFile.create(tree.root);
    await file.write(encode("n"));
    await file.write(encode("ew"));
    assertEquals(await file.commit("a", { overwrite }), placement);
    assertEquals(await Deno.readTextFile(tree.path("a")), text);
    assertEquals(namesIn(tree), ["a"]);
  }
});

Deno.test("IncomingFile.commit does not replace a folder", async () => {
  await using tree = await makeTree([{ path: "a", type: "dir" }]);
  const file = IncomingFile.create(tree.root);
  assertEquals(await file.commit("a", { overwrite: true }), "exists");
  assertEquals(namesIn(tree), ["a"]);
});

Deno.test("IncomingFile.commit calls check at the last moment, and removes a refused file", async () => {
  await using tree = await makeTree([{
    path: "a",
    type: "file",
    content: "1",
  }]);
  const file = IncomingFile.create(tree.root);
  const check = (present?: Deno.FileInfo) => {
    throw new RangeError(`${present?.size}`);
  };
  await assertRejects(
    () => file.commit("a", { overwrite: true, check }),
    RangeError,
    "1",
  );
  assertEquals(namesIn(tree), ["a"]);
});

Deno.test("IncomingFile.commit throws when its folder was moved", async () => {
  await using tree = await makeTree([
    { path: "in", type: "dir" },
    { path: "out", type: "dir" },
  ]);
  const file = IncomingFile.create(tree.path("in"));
  await Deno.rename(tree.path("in"), tree.path("moved"));
  await Deno.symlink("out", tree.path("in"));
  await assertRejects(
    () => file.commit("a"),
    Error,
    "The folder does not exist",
  );
  assertEquals([...Deno.readDirSync(tree.path("out"))], []);
});

Deno.test("IncomingFile.resume continues a kept file", async () => {
  await using tree = await makeTree([]);
  const first = IncomingFile.resume(tree.root, ID);
  await first.write(encode("0123"));
  await first.keep();
  assertEquals(namesIn(tree), [temporaryName(ID)]);
  const second = IncomingFile.resume(tree.root, ID);
  assertEquals(second.size, 4);
  assertThrows(() => IncomingFile.resume(tree.root, ID), BusyError);
  await second.truncate(2);
  await second.write(encode("ab"));
  await second.written();
  let text = "";
  await second.readBack((bytes) => text += new TextDecoder().decode(bytes));
  assertEquals(text, "01ab");
  await second.takeOver();
  await assertRejects(() => second.write(encode("x")), BusyError);
  const third = IncomingFile.resume(tree.root, ID);
  assertEquals(await third.commit("a"), "created");
  assertEquals(namesIn(tree), ["a"]);
});

Deno.test("IncomingFile.resume does not follow a link", async () => {
  await using tree = await makeTree([
    { path: "secret", type: "file", content: "secret" },
    { path: temporaryName(ID), type: "symlink", target: "secret" },
  ]);
  assertThrows(() => IncomingFile.resume(tree.root, ID), BusyError);
  assertEquals(await Deno.readTextFile(tree.path("secret")), "secret");
});

Deno.test("removeLeftovers removes temporary files without a writer", async () => {
  await using tree = await makeTree([
    { path: temporaryName(ID), type: "file", content: "left" },
    { path: `sub/${temporaryName(ID)}`, type: "file", content: "left" },
    { path: "linked", type: "symlink", target: "elsewhere" },
    { path: ".pystd-upload-mine.part", type: "file", content: "mine" },
    { path: `x${temporaryName(ID)}`, type: "file", content: "mine" },
  ]);
  await using other = await makeTree([
    { path: temporaryName(ID), type: "file", content: "theirs" },
  ]);
  await Deno.symlink(other.root, tree.path("out"));
  const live = IncomingFile.create(tree.root);
  await live.write(encode("live"));
  await live.written();
  // A file in use is locked; a newer one belongs to another server.
  assertEquals(await removeLeftovers(tree.root, Date.now() + 1000), 2);
  const late = tree.path(temporaryName(ID));
  await Deno.writeTextFile(late, "late");
  assertEquals(await removeLeftovers(tree.root, Date.now() - 10_000), 0);
  assertEquals(await live.commit("a"), "created");
  assertEquals(namesIn(other).length, 1);
  assert(namesIn(tree).includes(".pystd-upload-mine.part"));
  assert(namesIn(tree).includes(temporaryName(ID)));
});

Deno.test("IncomingFile.commit renames on a file system without hard links", async () => {
  const { linkSync } = Deno;
  Deno.linkSync = () => {
    throw Object.assign(new Error("no links here"), { code: "EPERM" });
  };
  try {
    await using tree = await makeTree([]);
    const placements: string[] = [];
    for (const text of ["first", "second"]) {
      const file = IncomingFile.create(tree.root);
      await file.write(encode(text));
      placements.push(await file.commit("a"));
    }
    assertEquals(placements, ["created", "exists"]);
    assertEquals(await Deno.readTextFile(tree.path("a")), "first");
    assertEquals(namesIn(tree), ["a"]);
  } finally {
    Deno.linkSync = linkSync;
  }
});

Deno.test("lacksHardLinks recognizes the errors of file systems without hard links", () => {
  const cases: [why: string, error: Error, none: boolean][] = [
    ["FAT on Linux", coded("EPERM"), true],
    ["FAT and network shares on macOS", coded("ENOTSUP"), true],
    ["Linux over FUSE", coded("EOPNOTSUPP"), true],
    ["no such call", coded("ENOSYS"), true],
    ["exFAT on Windows", coded("EISDIR"), true],
    ["a share on Windows", new Deno.errors.NotSupported(), true],
    ["somebody was faster", new Deno.errors.AlreadyExists(), false],
    ["a full disk", coded("ENOSPC"), false],
    ["another disk", coded("EXDEV"), false],
  ];
  for (const [why, error, none] of cases) {
    assertEquals(lacksHardLinks(error), none, why);
  }
});

/** A system error, as Deno throws it. */
function coded(code: string): Error {
  return Object.assign(new Error("Deliberate"), { code });
}

Deno.test("lstatIfExists throws other errors than NotFound", async () => {
  await using tree = await makeTree([{ path: "a", type: "file" }]);
  assertEquals(lstatIfExists(tree.path("b")), undefined);
  assertEquals(lstatIfExists(tree.path("a"))?.isFile, true);
  if (Deno.build.os !== "windows") {
    assertThrows(() => lstatIfExists(tree.path("a/b")));
  }
});

Deno.test("removeLeftovers skips files that it cannot open", async () => {
  await using tree = await makeTree([
    { path: `d/${temporaryName(ID)}`, type: "file" },
  ]);
  using _ = stub(Deno, "openSync", () => () => {
    throw systemError("EACCES", Deno.errors.PermissionDenied);
  });
  assertEquals(await removeLeftovers(tree.root), 0);
  assertEquals(await removeLeftovers(tree.path("none")), 0);
});

Deno.test("IncomingFile.commit does not replace a file created a moment before", async () => {
  await using tree = await makeTree();
  const file = IncomingFile.create(tree.root);
  using _ = stub(Deno, "linkSync", (real) => (path, target) => {
    Deno.writeTextFileSync(target, "other");
    real(path, target);
  });
  assertEquals(await file.commit("a"), "exists");
  assertEquals(await Deno.readTextFile(tree.path("a")), "other");
  assertEquals(namesIn(tree), ["a"]);
});
