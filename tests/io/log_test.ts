// Copyright 2026 the pystd authors. MIT license.

/**
 * Tests of the log in a process of its own, since it writes to stderr.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";

const LOG = new URL("../../io/log.ts", import.meta.url).href;

/** Runs code with the functions of the log in a module, to count coverage. */
function module(code: string): string {
  const whole =
    `import { drainLog, flushLog, logLine, redirectLog } from "${LOG}";\n${code}`;
  return `data:text/javascript,${encodeURIComponent(whole)}`;
}

function start(code: string): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", module(code)],
    stderr: "piped",
    stdout: "piped",
    env: { NO_COLOR: "1" },
  });
}

Deno.test("logLine writes lines whole and in order", async () => {
  const { stderr } = await start(`
    for (let i = 0; i < 3000; i++) {
      logLine(i + " " + "x".repeat(i % 100));
      if (i % 500 === 0) await new Promise((resolve) => setTimeout(resolve));
    }
  `).output();
  const lines = new TextDecoder().decode(stderr).trimEnd().split("\n");
  assertEquals(lines.length, 3000);
  for (const [i, line] of lines.entries()) {
    assertEquals(line, `${i} ${"x".repeat(i % 100)}`);
  }
});

Deno.test("drainLog waits for the write in progress", async () => {
  const { stderr } = await start(`
    logLine("a".repeat(100_000));
    await new Promise((resolve) => setImmediate(resolve));
    logLine("b");
    await drainLog();
    Deno.exit();
  `).output();
  assertEquals(new TextDecoder().decode(stderr), `${"a".repeat(100_000)}\nb\n`);
});

Deno.test("drainLog stops waiting for a blocked stderr", async () => {
  const process = start(`
    logLine("a".repeat(1_000_000));
    await new Promise((resolve) => setImmediate(resolve));
    await drainLog(10);
    console.log("ends");
    Deno.exit();
  `).spawn();
  const reader = process.stdout.getReader();
  const { value } = await reader.read();
  assertEquals(new TextDecoder().decode(value), "ends\n");
  await reader.cancel();
  await process.stderr.cancel();
  await process.status;
});

Deno.test("logLine loses nothing when the process ends", async () => {
  for (const end of ["", "Deno.exit(3);", "flushLog(); Deno.exit(3);"]) {
    const { stderr } = await start(`logLine("last words"); ${end}`).output();
    assertEquals(new TextDecoder().decode(stderr), "last words\n", end);
  }
});

Deno.test("redirectLog receives all lines, also those at the end", async () => {
  const { stdout, stderr } = await start(`
    redirectLog((lines) => console.log(JSON.stringify(lines)));
    logLine("a");
    logLine("b");
    await new Promise((resolve) => setTimeout(resolve, 20));
    logLine("c");
    flushLog();
    flushLog();
  `).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assertEquals([decode(stdout), decode(stderr)], ['"a\\nb"\n"c"\n', ""]);
});

Deno.test("logLine uses the console on other platforms", async () => {
  const { stderr } = await start(`
    delete globalThis.Deno;
    logLine("a");
  `).output();
  assertEquals(new TextDecoder().decode(stderr), "a\n");
});

Deno.test("logLine drops lines rather than wait for a blocked stderr", async () => {
  const child = start(`
    const started = performance.now();
    for (let round = 0; round < 100; round++) {
      for (let i = 0; i < 1000; i++) logLine("y".repeat(99));
      await new Promise((resolve) => setTimeout(resolve));
    }
    const { heapUsed, rss } = Deno.memoryUsage();
    console.log(JSON.stringify({
      ms: performance.now() - started,
      mib: (heapUsed + rss) / 2 ** 20,
    }));
  `).spawn();
  // The test reads stderr only after the process has reported on stdout.
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  const { ms } = JSON.parse(new TextDecoder().decode(value));
  assert(ms < 5000, `${ms} ms`);
  reader.releaseLock();
  const [text] = await Promise.all([
    new Response(child.stderr).text(),
    child.stdout.cancel(),
    child.status,
  ]);
  assert(text.length < 5 * 2 ** 20, `${text.length} characters`);
  const dropped = [...text.matchAll(/\((\d+) log lines dropped\)/g)];
  const written = text.split("\n").length - 1 - dropped.length;
  const lost = dropped.reduce((sum, [, count]) => sum + Number(count), 0);
  assertEquals(written + lost, 100_000);
  assert(lost > 0);
});

Deno.test({
  name: "logLine survives a full disk (needs /dev/full)",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const { code, stdout } = await new Deno.Command("sh", {
      args: [
        "-c",
        'exec "$0" run "$1" 2>/dev/full',
        Deno.execPath(),
        module(`logLine("a");
         await new Promise((resolve) => setTimeout(resolve, 50));
         logLine("b"); flushLog(); console.log("alive");`),
      ],
      stderr: "null",
    }).output();
    assertEquals(new TextDecoder().decode(stdout), "alive\n");
    assertEquals(code, 0);
  },
});
