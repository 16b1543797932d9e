// Copyright 2026 the pystd authors. MIT license.

/** Large files and many readers. */

import { assertEquals } from "@std/assert/equals";
import { assertLess } from "@std/assert/less";
import { deadline } from "@std/async/deadline";
import { createHash } from "node:crypto";
import { startCommand } from "./support/command.ts";
import { download, memoryOf } from "./support/download.ts";
import { makeTree } from "./support/tree.ts";

const MIB = 1024 * 1024;

/** `/proc` has the server's memory use. */
const IGNORED = Deno.build.os !== "linux";

/** Ends a test that hangs; each takes a few seconds on two cores. */
const TIME_LIMIT = 60_000;

/** Beyond 2 GiB, to reveal offsets of 31 bits. */
const HUGE = 2 ** 31 + 12_345;
const HUGE_MARKS = [[0, "first"], [2 ** 31 - 4, "boundary"], [
  HUGE - 4,
  "last",
]];
/** `sha256sum` of the file with these marks. */
const HUGE_SHA256 =
  "cc81b691c0502e2bc1500b492302be549e88fe2d8c2f1546a40a92598b55a31c";

async function writeHuge(path: string): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true });
  await file.truncate(HUGE);
  for (const [offset, text] of HUGE_MARKS) {
    await file.seek(Number(offset), Deno.SeekMode.Start);
    await file.write(new TextEncoder().encode(String(text)));
  }
}

/** Bytes without a pattern (xorshift32), so that a misplaced one shows. */
function noise(length: number): Uint8Array {
  const words = new Uint32Array(length / 4);
  let state = 0x9e3779b9;
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return new Uint8Array(words.buffer);
}

Deno.test({
  name: "cli sends a file of 2 GiB in constant memory",
  ignore: IGNORED,
  async fn() {
    await using tree = await makeTree();
    await writeHuge(tree.path("huge.bin"));
    await using command = await startCommand([tree.root]);
    await download(command.port, "/");
    const before = await memoryOf(command.pid);
    const whole = await deadline(
      download(command.port, "/huge.bin"),
      TIME_LIMIT,
    );
    const after = await memoryOf(command.pid);
    assertEquals(whole.answer.status, 200);
    assertEquals(whole.length, HUGE);
    assertEquals(whole.sha256, HUGE_SHA256);
    assertLess(after.peak - before.now, 64 * MIB);

    const part = await download(command.port, "/huge.bin", {
      headers: `Range: bytes=${2 ** 31 - 4}-${2 ** 31 + 3}\r\n`,
    });
    assertEquals(part.answer.status, 206);
    assertEquals(
      part.sha256,
      createHash("sha256").update("boundary").digest("hex"),
    );
  },
});

Deno.test({
  name: "cli sends 20 MiB to 200 readers at once, including slow ones",
  ignore: IGNORED,
  async fn() {
    await using tree = await makeTree();
    const content = noise(20 * MIB);
    const sha256 = createHash("sha256").update(content).digest("hex");
    await Deno.writeFile(tree.path("noise.bin"), content);
    await using command = await startCommand([tree.root]);
    await download(command.port, "/");
    const before = await memoryOf(command.pid);
    const readers = Array.from(
      { length: 200 },
      (_, number) =>
        download(command.port, "/noise.bin", {
          slow: number % 10 === 0 ? 500 : 0,
        }),
    );
    const all = await deadline(Promise.all(readers), TIME_LIMIT);
    const after = await memoryOf(command.pid);
    const wrong = all.filter((one) =>
      one.answer.status !== 200 || one.sha256 !== sha256
    );
    assertEquals(wrong, []);
    // A thirtieth of the data sent: the server holds pieces, not files.
    const growth = after.peak - before.now;
    assertLess(growth, 128 * MIB);
  },
});
