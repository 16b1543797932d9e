// Copyright 2026 the pystd authors. MIT license.

/**
 * The TLS servers with certificates by OpenSSL and independent clients,
 * including clients that misbehave.
 */

/**
 * The command over TLS, in its own process.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { curl, HAS_OPENSSL, makeCertificates } from "./support/certificates.ts";
import { RawClient } from "./support/client.ts";
import {
  type RunningCommand,
  runToEnd,
  startCommand,
} from "./support/command.ts";
import type { TemporaryTree } from "./support/tree.ts";
import { captureLog } from "./support/log.ts";

captureLog();

const ignore = !HAS_OPENSSL;

async function startTls(
  stack: AsyncDisposableStack,
): Promise<{ tree: TemporaryTree; command: RunningCommand }> {
  const tree = stack.use(await makeCertificates());
  const path = (name: string) => tree.path(name);
  const read = ["share", "cert.pem", "pkcs8.pem", "password.txt"].map(path);
  const command = stack.use(
    await startCommand([
      `--tls-cert=${path("cert.pem")}`,
      `--tls-key=${path("pkcs8.pem")}`,
      `--tls-password-file=${path("password.txt")}`,
      path("share"),
    ], { permissions: ["--allow-net=127.0.0.1", `--allow-read=${read}`] }),
  );
  return { tree, command };
}

Deno.test({ name: "cli serves HTTPS with --tls-cert", ignore }, async () => {
  await using stack = new AsyncDisposableStack();
  const { tree, command } = await startTls(stack);
  assertMatch(
    command.stdout,
    /^Serving HTTPS on 127\.0\.0\.1 port \d+ \(https:\/\/127\.0\.0\.1:\d+\/\) \.\.\.\n/,
  );
  const { code, stdout } = await curl(tree, command.port);
  assertEquals([code, stdout], [0, "hello\n"]);
  const ended = await command.stop("SIGTERM");
  assertEquals(ended.code, 0, ended.stderr);
});

Deno.test(
  { name: "cli explains unusable TLS files", ignore },
  async (t) => {
    await using tree = await makeCertificates();
    const rows: [args: string[], status: number, message: RegExp][] = [
      [["--tls-key=key.pem"], 2, /"--tls-key" requires "--tls-cert"/],
      [
        ["--tls-cert=cert.pem", "--tls-key=ec_key.pem"],
        1,
        /the key "ec_key.pem": it does not match "cert.pem"/,
      ],
      [["--tls-cert=expired.pem", "--tls-key=key.pem"], 1, /it expired on/],
      [
        ["--tls-cert=cert.pem"],
        1,
        /no private key .*; name its file with --tls-key/,
      ],
      [["--tls-cert=none.pem"], 1, /"none.pem": there is no such file/],
      [
        [
          "--tls-cert=cert.pem",
          "--tls-key=pkcs8.pem",
          "--tls-password-file=wrong.txt",
        ],
        1,
        /the password is wrong/,
      ],
      [
        ["--tls-cert=cert.pem", "--tls-password-file=none.txt"],
        1,
        /the password file "none.txt": there is no such file/,
      ],
    ];
    for (const [args, status, message] of rows) {
      await t.step(args.join(" "), async () => {
        const { code, stderr, stdout } = await runToEnd(
          ["--port", "0", ...args, "share"],
          { cwd: tree.root },
        );
        assertEquals([code, stdout], [status, ""], stderr);
        assertMatch(stderr, /^http-server: [^\n]+\n$/);
        assertMatch(stderr, message);
      });
    }
  },
);

Deno.test({
  name: "cli does not log failed handshakes with -q",
  ignore,
}, async (t) => {
  await using tree = await makeCertificates();
  for (const args of [[], ["-q"], ["-q", "--plain"]]) {
    await t.step(args.join(" ") || "without -q", async () => {
      await using command = await startCommand(
        [...args, "--tls-cert=both.pem", "share"],
        { cwd: tree.root },
      );
      await using client = await RawClient.connect(command.port);
      await client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
      // The server ends a connection whose handshake failed.
      assert(await client.waitFor(() => client.closed));
      const { stderr } = await command.stop("SIGTERM");
      const wanted = args.length === 0
        ? /^TLS handshake with 127\.0\.0\.1 failed: .+\n$/
        : /^$/;
      assertMatch(stderr, wanted);
    });
  }
});
