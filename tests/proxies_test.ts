// Copyright 2026 the pystd authors. MIT license.

/**
 * `--trusted-proxy`: which fields of which client the command believes.
 * `deploying_test.ts` uses real proxies.
 *
 * @module
 */

import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { assertStringIncludes } from "@std/assert/string-includes";
import { ask } from "./support/client.ts";
import {
  type RunningCommand,
  runToEnd,
  startCommand,
} from "./support/command.ts";
import { makeFiles, makeTree } from "./support/tree.ts";
import { waitUntil } from "./support/wait.ts";

const CLIENT = "X-Forwarded-For: 6.6.6.6, 192.0.2.7\r\n";

async function get(
  { port }: RunningCommand,
  target: string,
  fields = "",
): Promise<{ status: number; body: string }> {
  const [answer] = await ask(
    port,
    `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n` +
      `${fields}\r\n`,
  );
  return answer!;
}

Deno.test("cli trusts only the proxies of --trusted-proxy", async () => {
  await using tree = await makeFiles({ "a.txt": "alpha\n" });
  const table: [flags: string[], client: string][] = [
    [[], "127.0.0.1"],
    [["--trusted-proxy=10.0.0.0/8"], "127.0.0.1"],
    [["--trusted-proxy=unix"], "127.0.0.1"],
    [["--trusted-proxy=127.0.0.0/8"], "192.0.2.7"],
    [
      ["--trusted-proxy=unix", "--trusted-proxy", "::ffff:127.0.0.1"],
      "192.0.2.7",
    ],
    [["--plain", "--trusted-proxy=127.0.0.1"], "192.0.2.7"],
    [["--log-format=clf", "--trusted-proxy=127.0.0.1"], "192.0.2.7"],
  ];
  for (const [flags, client] of table) {
    await using command = await startCommand([...flags, tree.root]);
    assertEquals((await get(command, "/a.txt", CLIENT)).status, 200);
    // The line is written after the response.
    await waitUntil(() => command.stderr.includes("\n"));
    assertEquals(command.stderr.split(" ")[0], client, flags.join(" "));
  }
});

Deno.test("cli checks both hosts from a trusted proxy", async () => {
  await using tree = await makeFiles({ "a.txt": "alpha\n" });
  const args = ["--trusted-proxy=127.0.0.1", "--allow-host=a.example"];
  await using command = await startCommand([...args, tree.root]);
  const table: [fields: string, status: number][] = [
    ["X-Forwarded-Host: a.example\r\n", 200],
    ["X-Forwarded-Host: evil.example\r\n", 421],
    ["Forwarded: for=192.0.2.7;host=evil.example\r\n", 421],
  ];
  for (const [fields, status] of table) {
    assertEquals((await get(command, "/a.txt", fields)).status, status, fields);
  }
  // A page after DNS rebinding can send these fields itself.
  const [rebound] = await ask(
    command.port,
    "GET /a.txt HTTP/1.1\r\nHost: evil.example\r\n" +
      "X-Forwarded-Host: a.example\r\nConnection: close\r\n\r\n",
  );
  assertEquals(rebound?.status, 421);
});

Deno.test("cli gives scripts the client behind a trusted proxy", async () => {
  const script = "#!/bin/sh\nprintf 'Content-Type: text/plain\\r\\n\\r\\n'\n" +
    'echo "$REMOTE_ADDR $HTTPS $SERVER_NAME $SERVER_PORT $HTTP_HOST"\n';
  await using tree = await makeTree([
    { path: "cgi-bin/env.sh", type: "file", content: script, mode: "755" },
  ]);
  const permissions = ["-NR", `--allow-run=${tree.path("cgi-bin/env.sh")}`];
  const fields = `${CLIENT}X-Forwarded-Proto: https\r\n`;
  const host = "X-Forwarded-Host: a.example\r\n";
  const table: [flags: string[], fields: string, told: RegExp][] = [
    [[], fields + host, /^127\.0\.0\.1 {2}127\.0\.0\.1 \d+ localhost\n$/],
    [
      ["--trusted-proxy=127.0.0.1"],
      fields + host,
      /^192\.0\.2\.7 on a\.example 443 a\.example\n$/,
    ],
    [
      ["--trusted-proxy=127.0.0.1"],
      fields,
      /^192\.0\.2\.7 on 127\.0\.0\.1 \d+ localhost\n$/,
    ],
  ];
  for (const [flags, sent, told] of table) {
    const args = ["--cgi", "--allow-host=a.example", ...flags, tree.root];
    await using command = await startCommand(args, { permissions });
    assertMatch((await get(command, "/cgi-bin/env.sh", sent)).body, told);
  }
});

Deno.test("cli counts wrong passwords by clients behind a trusted proxy", async () => {
  await using tree = await makeFiles({ "a.txt": "alpha\n" });
  const args = ["--trusted-proxy=127.0.0.1", "--auth=ann:secret", tree.root];
  await using command = await startCommand(args);
  const statusOf = async (client: string, password: string) => {
    const fields = `X-Forwarded-For: ${client}\r\n` +
      `Authorization: Basic ${btoa(`ann:${password}`)}\r\n`;
    return (await get(command, "/a.txt", fields)).status;
  };
  const wrong = Array.from(
    { length: 14 },
    (_, i) => statusOf(`2001:db8::${i}`, `wrong${i}`),
  );
  const statuses = (await Promise.all(wrong)).sort();
  assertEquals(statuses, [...Array(10).fill(401), ...Array(4).fill(429)]);
  assertEquals(await statusOf("2001:db8:0:1::1", "secret"), 200);
  assertEquals(await statusOf("2001:db8::ffff", "secret"), 429);
});

Deno.test("cli explains invalid hosts and proxies", async () => {
  const table: [args: string[], message: string][] = [
    [
      ["--trusted-proxy=localhost"],
      'Invalid proxy "localhost": expected ADDRESS',
    ],
    [["--trusted-proxy=10.0.0.0/33"], 'Invalid proxy "10.0.0.0/33"'],
    [["--allow-host=a:80"], 'Invalid host "a:80": expected NAME'],
    [["--allow-host=*.a"], 'Invalid host "*.a": expected NAME, .NAME or *'],
    [["--allow-host="], '"--allow-host" requires a value'],
  ];
  for (const [args, message] of table) {
    const { code, stderr } = await runToEnd(args, { permissions: [] });
    assertEquals(code, 2);
    assertStringIncludes(stderr, message);
  }
});
