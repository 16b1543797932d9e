// Copyright 2026 the pystd authors. MIT license.

/**
 * The hosts that the command accepts, and DNS rebinding in a real browser.
 *
 * @module
 */

import { assertEquals } from "@std/assert/equals";
import { assertStringIncludes } from "@std/assert/string-includes";
import { HAS_OPENSSL } from "./support/certificates.ts";
import { ask } from "./support/client.ts";
import {
  isInstalled,
  type RunningCommand,
  runProgram,
  startCommand,
} from "./support/command.ts";
import { makeFiles } from "./support/tree.ts";

const FILES = { "share/a.txt": "alpha\n" };

async function statusOf(
  { port }: RunningCommand,
  host: string,
  target = "/a.txt",
): Promise<number | undefined> {
  const [answer] = await ask(
    port,
    `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
  );
  return answer?.status;
}

async function check(
  command: RunningCommand,
  answered: readonly string[],
  refused: readonly string[],
): Promise<void> {
  for (const host of answered) {
    assertEquals(await statusOf(command, host), 200, host);
  }
  for (const host of refused) {
    assertEquals(await statusOf(command, host), 421, host);
  }
}

const LOOPBACK = ["localhost:1", "a.localhost", "127.0.0.1", "[::1]:80", ""];
const EVIL = ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io"];

for (const flags of [[], ["--plain"], ["--cgi"], ["-p", "HTTP/1.0"]]) {
  Deno.test(`cli ${flags.join(" ")} answers on loopback to this machine's names`, async () => {
    await using tree = await makeFiles(FILES);
    const permissions = ["--allow-net", "--allow-read", "--allow-run"];
    const args = [...flags, tree.path("share")];
    await using command = await startCommand(args, { permissions });
    await check(command, LOOPBACK, [...EVIL, "192.0.2.7", "box.local"]);
    const absolute = "http://evil.example/a.txt";
    assertEquals(await statusOf(command, "localhost", absolute), 421);
    const [old] = await ask(command.port, "GET /a.txt HTTP/1.0\r\n\r\n");
    assertEquals(old?.status, 200);
    const { stderr } = await command.stop();
    assertStringIncludes(
      stderr,
      "] Host 'evil.example' is not in allowedHosts: --allow-host adds it\n",
    );
  });
}

Deno.test("cli answers to the names of --allow-host, too", async () => {
  await using tree = await makeFiles(FILES);
  const names = ["--allow-host", "Share.Example", "--allow-host=.b.example"];
  await using command = await startCommand([...names, tree.path("share")]);
  await command.says(/share\.example.*--allow-host/i);
  await check(
    command,
    [...LOOPBACK, "share.example.:8000", "b.example", "a.B.example"],
    [...EVIL, "a.share.example", "ab.example"],
  );
});

Deno.test("cli answers to any name with --allow-host '*'", async () => {
  await using tree = await makeFiles(FILES);
  const args = ["--allow-host", "*", tree.path("share")];
  await using command = await startCommand(args);
  await check(command, [...LOOPBACK, ...EVIL], []);
  await command.says(/answers to any host name/);
});

Deno.test("cli --lan answers to addresses and the machine's own names", async () => {
  await using tree = await makeFiles(FILES);
  const name = Deno.hostname();
  for (const knows of [true, false]) {
    await using command = await startCommand(["--lan", tree.path("share")], {
      permissions: ["-NR", ...knows ? ["--allow-sys=hostname"] : []],
    });
    const own = [name, `${name}:8000`];
    await check(
      command,
      [...LOOPBACK, "192.0.2.7:80", "[2001:db8::7]", "box.local"],
      [...EVIL, "notlocal", `${name}.evil.example`],
    );
    await check(command, knows ? own : [], knows ? [] : own);
  }
});

const CERTIFICATE = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=x " +
  "-keyout key.pem -out cert.pem -addext " +
  "subjectAltName=DNS:localhost,DNS:share.example,DNS:*.files.example";

Deno.test({
  name: "cli answers to the names of its certificate",
  ignore: !HAS_OPENSSL || !isInstalled("curl"),
}, async () => {
  await using tree = await makeFiles(FILES);
  await runProgram("openssl", CERTIFICATE.split(" "), tree.root);
  const [cert, key] = [tree.path("cert.pem"), tree.path("key.pem")];
  const args = ["--tls-cert", cert, "--tls-key", key, tree.path("share")];
  await using command = await startCommand(args);
  const statuses: string[] = [];
  for (const host of ["share.example", "a.files.example", "evil.example"]) {
    const url = `https://localhost:${command.port}/a.txt`;
    const asked = ["-sk", "-o", "/dev/null", "-w", "%{http_code}", url];
    const curl = await runProgram("curl", [...asked, "-H", `Host: ${host}`]);
    statuses.push(curl.stdout);
  }
  assertEquals(statuses, ["200", "200", "421"]);
});
