// Copyright 2026 the pystd authors. MIT license.

/**
 * How the command ends at a signal, and that a closed output does not end it.
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { delay } from "@std/async/delay";
import { ask, RawClient } from "./support/client.ts";
import { CLI, startCommand } from "./support/command.ts";
import { makeFiles } from "./support/tree.ts";

const GET =
  "GET /hello.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
const FILES = { "share/hello.txt": "hello\n" };
const POSIX = Deno.build.os !== "windows";

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test({
    name: `cli lets a slow download finish at a ${signal}`,
    ignore: !POSIX,
  }, async () => {
    const size = 16 * 1024 * 1024;
    await using tree = await makeFiles({ "big.bin": "x".repeat(size) });
    await using command = await startCommand([tree.root]);
    await using slow = await Deno.connect({ port: command.port });
    await slow.write(new TextEncoder().encode(
      "GET /big.bin HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ));
    const buffer = new Uint8Array(64 * 1024);
    let received = (await slow.read(buffer))!;
    await using idle = await RawClient.connect(command.port);
    await idle.send("GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert(await idle.waitFor(() => idle.received.includes("404")));
    const ended = command.stop(signal);
    // Idle connections close, new ones are refused, this one continues.
    assert(await idle.waitFor(() => idle.closed));
    let refused = false;
    for (let tries = 0; !refused && tries < 100; tries++) {
      const attempt = await ask(command.port, GET).catch(() => undefined);
      refused = attempt === undefined;
    }
    assert(refused);
    for (let count; (count = await slow.read(buffer)) !== null;) {
      received += count;
    }
    assert(received > size, `${received} bytes`);
    const { code, stderr } = await ended;
    assertEquals(code, 0, stderr);
  });
}

Deno.test(
  { name: "cli ends at once at a second signal", ignore: !POSIX },
  async () => {
    const size = 64 * 1024 * 1024;
    await using tree = await makeFiles({});
    await Deno.writeFile(tree.path("big.bin"), new Uint8Array(size));
    await using command = await startCommand([tree.root]);
    await using stuck = await Deno.connect({ port: command.port });
    await stuck.write(new TextEncoder().encode(
      "GET /big.bin HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ));
    await stuck.read(new Uint8Array(10));
    Deno.kill(command.pid, "SIGTERM");
    await command.says(/SIGTERM received, exiting\.\n/);
    const { code } = await command.stop("SIGTERM");
    // After `closeGrace` it would be 0.
    assertEquals(code, 130);
  },
);

Deno.test({
  name: "cli keeps serving when its output is closed",
  ignore: !POSIX,
}, async () => {
  await using tree = await makeFiles(FILES);
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-NR", CLI, "--port=0", tree.path("share")],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stdout = process.stdout.getReader();
  const first = new TextDecoder().decode((await stdout.read()).value);
  const port = Number(/ port (\d+) /.exec(first)![1]);
  await stdout.cancel();
  await process.stderr.cancel();
  for (let i = 0; i < 3; i++) {
    const [answer] = await ask(port, GET);
    assertEquals([answer.status, answer.body], [200, "hello\n"]);
  }
  process.kill("SIGINT");
  assertEquals((await process.status).code, 0);
});

Deno.test({
  name: "cli keeps serving when the disk for its output is full",
  ignore: Deno.build.os !== "linux",
}, async () => {
  await using tree = await makeFiles(FILES);
  const probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = probe.addr;
  probe.close();
  const process = new Deno.Command("sh", {
    args: [
      "-c",
      'exec "$@" >/dev/full 2>/dev/full',
      "sh",
      Deno.execPath(),
      ...["run", "-NR", CLI, `--port=${port}`, tree.path("share")],
    ],
    stdin: "null",
  }).spawn();
  let served = 0;
  for (let tries = 0; served < 3 && tries < 200; tries++) {
    const [answer] = await ask(port, GET).catch(() => []);
    if (answer?.body === "hello\n") served++;
    else await delay(50);
  }
  assertEquals(served, 3);
  process.kill("SIGTERM");
  assertEquals((await process.status).code, 0);
});
