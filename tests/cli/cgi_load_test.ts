// Copyright 2026 the pystd authors. MIT license.

/** Large bodies, and many at once, through a script that echoes them. */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { createHash } from "node:crypto";
import { type RunningCommand, startCommand } from "../support/command.ts";
import { memoryOf } from "../support/download.ts";
import { HAS_SH, PLAIN } from "../support/scripts.ts";
import { makeTree } from "../support/tree.ts";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
/** Most memory for one body of any size, in bytes. */
const MOST_FOR_ONE = 160 * MIB;

/** Posts `size` bytes and compares the SHA-256 of the echo. */
async function comesBack(port: number, size: number): Promise<boolean> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const sent = createHash("sha256");
  const received = createHash("sha256");
  const send = async (bytes: Uint8Array): Promise<void> => {
    for (let at = 0; at < bytes.length;) {
      at += await conn.write(bytes.subarray(at));
    }
  };
  const upload = async (): Promise<void> => {
    await send(
      new TextEncoder().encode(
        `POST /cgi-bin/cat.sh HTTP/1.0\r\nContent-Length: ${size}\r\n\r\n`,
      ),
    );
    const piece = crypto.getRandomValues(new Uint8Array(65536));
    const number = new DataView(piece.buffer);
    for (let left = size, i = 0; left > 0; left -= piece.length, i++) {
      number.setUint32(0, i);
      const bytes = piece.subarray(0, left);
      sent.update(bytes);
      await send(bytes);
    }
  };
  const download = async (): Promise<number> => {
    const buffer = new Uint8Array(262144);
    let head = "";
    let length = 0;
    for (;;) {
      const count = await conn.read(buffer);
      if (count === null) return length;
      let bytes = buffer.subarray(0, count);
      if (!head.includes("\r\n\r\n")) {
        const before = head.length;
        head += bytes.reduce(
          (text, byte) => text + String.fromCharCode(byte),
          "",
        );
        const end = head.indexOf("\r\n\r\n");
        if (end === -1) continue;
        bytes = bytes.subarray(end + 4 - before);
      }
      received.update(bytes);
      length += bytes.length;
    }
  };
  const [length] = await Promise.all([download(), upload()]);
  return length === size && sent.digest("hex") === received.digest("hex");
}

/** Starts the command with a script that echoes its input. */
async function startCat(stack: AsyncDisposableStack): Promise<RunningCommand> {
  const tree = stack.use(
    await makeTree([{
      path: "cgi-bin/cat.sh",
      type: "file",
      content: `#!/bin/sh\n${PLAIN}; exec cat\n`,
      mode: "755",
    }]),
  );
  return stack.use(
    await startCommand(["-q", "--cgi", tree.root], {
      permissions: ["--allow-net", "--allow-read", "--allow-run=/bin/sh"],
    }),
  );
}

Deno.test({
  name: "a script echoes a body of 1 GiB in constant memory",
  // The test reads the memory from /proc.
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using stack = new AsyncDisposableStack();
    const command = await startCat(stack);
    assert(await comesBack(command.port, MIB));
    const before = await memoryOf(command.pid);
    assert(await comesBack(command.port, GIB));
    const { peak } = await memoryOf(command.pid);
    assert(
      peak - before.now < MOST_FOR_ONE,
      `${(peak - before.now) / MIB} MiB more`,
    );
  },
});

Deno.test({
  name: "100 scripts at once echo bodies of 1 MiB",
  ignore: !HAS_SH,
  async fn() {
    await using stack = new AsyncDisposableStack();
    const command = await startCat(stack);
    const all = await Promise.all(
      Array.from({ length: 100 }, () => comesBack(command.port, MIB)),
    );
    assertEquals(all.filter((right) => right).length, 100);
  },
});
