// Copyright 2026 the pystd authors. MIT license.

/**
 * `--workers N`, in a separate process: sharing ports needs a flag of Deno that
 * the tests run without.
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { assertStringIncludes } from "@std/assert/string-includes";
import { delay } from "@std/async/delay";
import { splitLimit } from "../cli/workers/pool.ts";
import { ask, RawClient } from "./support/client.ts";
import {
  CLI,
  type ProcessOptions,
  ROOT,
  RunningCommand,
  runToEnd,
  startCommand,
} from "./support/command.ts";
import { makeFiles } from "./support/tree.ts";

// Other systems may not spread connections over listeners.
const ignore = Deno.build.os !== "linux";

const GET =
  "GET /hello.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/** Each thread loads the code again from the package's folder. */
function options(directory: string): ProcessOptions {
  return {
    permissions: [
      "--unstable-net",
      "--allow-net=127.0.0.1",
      `--allow-read=${directory},${ROOT}`,
    ],
  };
}

Deno.test("splitLimit adds up", () => {
  assertEquals(splitLimit(10, 3), [4, 3, 3]);
  assertEquals(splitLimit(2, 2), [1, 1]);
});

Deno.test("cli says that --workers needs --unstable-net", async () => {
  await using tree = await makeFiles({});
  const { code, stderr } = await runToEnd(["--workers=2", tree.root], {
    permissions: ["-NR"],
  });
  assertEquals(code, 1);
  assertMatch(stderr, /^http-server: [^\n]+\n$/);
  assertStringIncludes(stderr, "without --unstable-net; run: deno run --unst");
  assertStringIncludes(stderr, `${CLI} --workers=2 ${tree.root}\n`);
});

Deno.test("cli explains invalid numbers", async (t) => {
  const rows: [args: string[], message: string][] = [
    [["--workers=0"], 'Invalid value for "--workers"'],
    [["--workers=two"], 'Invalid value for "--workers"'],
    [["--max-connections=-1"], 'Invalid value for "--max-connections"'],
    [["--workers=3", "--max-connections=2"], "must be at least the number of"],
    [["--workers=2", "--unix=s"], "cannot be combined"],
  ];
  for (const [args, message] of rows) {
    await t.step(args.join(" "), async () => {
      const { code, stderr } = await runToEnd(args, { permissions: [] });
      assertEquals(code, 2);
      assertStringIncludes(stderr, message);
    });
  }
});

Deno.test("cli refuses connections beyond --max-connections", async () => {
  await using tree = await makeFiles({ "hello.txt": "hello\n" });
  await using command = await startCommand(["--max-connections=2", tree.root]);
  await using stack = new AsyncDisposableStack();
  for (let i = 0; i < 2; i++) {
    const client = stack.use(await RawClient.connect(command.port));
    await client.send("GET /hello.txt HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert(await client.waitFor(() => client.received.endsWith("hello\n")));
  }
  assertEquals((await ask(command.port, GET))[0].status, 503);
  await stack.disposeAsync();
  let status = 503;
  for (let tries = 0; status === 503 && tries < 50; tries++) {
    [{ status }] = await ask(command.port, GET);
  }
  assertEquals(status, 200);
  const { stderr } = await command.stop();
  assertStringIncludes(stderr, "Too many connections: refused one from 127.0");
});

Deno.test({
  name: "cli says why a worker cannot serve",
  ignore,
}, async () => {
  const code = `
import { readCommandLine } from "${ROOT}/cli/flags.ts";
import { readSettings } from "${ROOT}/cli/settings/settings.ts";
import { WorkerPool } from "${ROOT}/cli/workers/pool.ts";
const tls = undefined;
const task = (...args) => ({ settings: readSettings(readCommandLine(args)), tls });
for (const [module, ...args] of [
  ["tests/support/odd_worker.ts", "-b", "192.0.2.1"],
  ["tests/support/none.ts"],
]) {
  const url = new URL(module, "file://${ROOT}/");
  const pool = new WorkerPool(url, [task(...args)]);
  await pool.start().catch((error) => console.log(error.name, error.message));
  await pool.stop();
}
`;
  await using tree = await makeFiles({ "main.ts": code });
  const { stdout, stderr } = await runToEnd([], {
    module: tree.path("main.ts"),
    permissions: ["-A", `--config=${ROOT}/deno.json`, "--unstable-net"],
  });
  const lines = stdout.trimEnd().split("\n");
  assertMatch(
    lines[0],
    /^StartError Cannot listen on 192\.0\.2\.1 port 8000: /,
  );
  assertMatch(lines[1], /^StartError .*Module not found/, stderr);
  assertEquals(lines.length, 2, stdout);
});

Deno.test({ name: "workers share the connections", ignore }, async (t) => {
  await using command = new RunningCommand(["3"], {
    module: `${ROOT}/tests/support/worker_pool.ts`,
    permissions: ["--unstable-net", "-NR"],
  });
  const [, port] = await command.says(/port (\d+) now/);
  const served = async (count: number) => {
    const byWorker = new Map<string, number>();
    for (let i = 0; i < count; i++) {
      const [answer] = await ask(Number(port), "GET / HTTP/1.0\r\n\r\n");
      // Connections of a dead worker are reset.
      if (answer === undefined) continue;
      byWorker.set(answer.body, (byWorker.get(answer.body) ?? 0) + 1);
    }
    return byWorker;
  };
  const before = await served(120);
  await t.step("all of them serve", () => {
    assertEquals(before.size, 3);
    for (const count of before.values()) assert(count >= 10, `${count}`);
  });
  await t.step("one that dies is replaced", async () => {
    const [{ body }] = await ask(Number(port), "DIE / HTTP/1.0\r\n\r\n");
    for (
      let i = 0;
      !/starting another one/.test(command.stderr) && i < 2000;
      i++
    ) {
      await delay(10);
    }
    assertMatch(
      command.stderr,
      /^A worker died; starting another one: .*Asked to/m,
    );
    // The new worker must load its code first.
    const until = performance.now() + 20_000;
    let after = await served(60);
    while (after.size < 3 && performance.now() < until) {
      after = await served(60);
    }
    assertEquals(after.size, 3);
    assert(!after.has(body));
    const stayed = [...after.keys()].filter((id) => before.has(id));
    assertEquals(stayed.length, 2);
  });
  await t.step("they stop", async () => {
    assertEquals((await command.stop("SIGTERM")).code, 0);
  });
});

Deno.test({ name: "cli serves with workers", ignore }, async (t) => {
  const size = 32 * 1024 * 1024;
  await using tree = await makeFiles({ "hello.txt": "hello\n" });
  await Deno.writeFile(tree.path("big.bin"), new Uint8Array(size));
  const args = ["--workers=2", tree.root];
  await using command = await startCommand(args, options(tree.root));
  const { port } = command;
  await command.says(/can connect/);

  await t.step("a busy port is an error", async () => {
    const again = ["--workers=2", "--port", `${port}`, tree.root];
    const { code, stderr } = await runToEnd(again, options(tree.root));
    assertEquals(code, 1);
    assertStringIncludes(stderr, "another program uses it");
  });
  await t.step("log lines stay whole", async () => {
    await Promise.all(Array.from({ length: 20 }, async () => {
      for (let i = 0; i < 10; i++) {
        assertEquals((await ask(port, GET))[0].body, "hello\n");
      }
    }));
  });
  await t.step("requests under way finish at the end", async () => {
    const slow = await Promise.all([1, 2, 3, 4].map(async () => {
      const client = await Deno.connect({ port });
      await client.write(new TextEncoder().encode(
        "GET /big.bin HTTP/1.1\r\nHost: localhost\r\n\r\n",
      ));
      await client.read(new Uint8Array(10));
      return client;
    }));
    const ended = command.stop("SIGTERM");
    await command.says(/SIGTERM received/);
    for (const client of slow) {
      let received = 0;
      for await (const part of client.readable) received += part.length;
      assert(received > size, `${received} bytes`);
    }
    const { code, stderr } = await ended;
    assertEquals(code, 0);
    const lines = stderr.trimEnd().split("\n");
    assertEquals(lines.length, 204, stderr.slice(0, 500));
    for (const line of lines) {
      assertMatch(
        line,
        /^127\.0\.0\.1 - - \[[^\]]+\] "GET \S+ HTTP\/1\.1" 200 -$/,
      );
    }
  });
});

Deno.test({ name: "cli serves HTTPS with workers", ignore }, async () => {
  await using tree = await makeFiles({ "hello.txt": "hello\n" });
  const args = ["--workers=2", "--tls-self-signed", tree.root];
  await using command = await startCommand(args, options(tree.root));
  await command.says(/Its SHA-256 is\n {2}([0-9A-F:]{95})\n/);
  await using client = await Deno.connect({ port: command.port });
  // A TLS alert to plain data shows that the port uses TLS.
  await client.write(new TextEncoder().encode(GET));
  const answer = new Uint8Array(1);
  await client.read(answer);
  assertEquals(answer[0], 21);
});

Deno.test(
  { name: "workers share a limit on connections", ignore },
  async () => {
    await using tree = await makeFiles({ "hello.txt": "hello\n" });
    const args = ["--workers=2", "--max-connections=2", tree.root];
    await using command = await startCommand(args, options(tree.root));
    await using stack = new AsyncDisposableStack();
    const statuses: string[] = [];
    for (let i = 0; i < 8; i++) {
      const client = stack.use(await RawClient.connect(command.port));
      await client.send("GET /hello.txt HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assert(await client.waitFor(() => client.received.includes("\r\n\r\n")));
      statuses.push(client.received.slice(9, 12));
    }
    const open = statuses.filter((status) => status === "200").length;
    assert(open === 1 || open === 2, statuses.join(" "));
    assert(statuses.includes("503"));
  },
);

Deno.test(
  { name: "workers count wrong passwords together", ignore },
  async () => {
    await using tree = await makeFiles({ "hello.txt": "hello\n" });
    const args = ["--workers=4", "--auth=ann:secret", tree.root];
    await using command = await startCommand(args, options(tree.root));
    const statusOf = async (user: string, password: string) => {
      const credentials = btoa(`${user}:${password}`);
      const fields =
        `Host: localhost\r\nAuthorization: Basic ${credentials}\r\n`;
      const request = GET.replace("Host: localhost\r\n", fields);
      return (await ask(command.port, request))[0]!.status;
    };
    // Any worker knows that it was right from this address before.
    assertEquals(await statusOf("ann", "secret"), 200);
    const wrong = Array.from(
      { length: 48 },
      (_, i) => statusOf("ann", `wrong${i}`),
    );
    const statuses = await Promise.all(wrong);
    const looked = statuses.filter((status) => status === 401).length;
    assertEquals([looked, statuses.length - looked], [10, 38]);
    for (let i = 0; i < 8; i++) {
      assertEquals(await statusOf("ann", "secret"), 200);
    }
  },
);
