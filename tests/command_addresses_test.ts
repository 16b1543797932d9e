// Copyright 2026 the pystd authors. MIT license.

/**
 * The command's output and addresses.
 */

/**
 * Where the command listens, and its output about it.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { assertStringIncludes } from "@std/assert/string-includes";
import { RawClient } from "./support/client.ts";
import {
  isInstalled,
  RunningCommand,
  runProgram,
  runToEnd,
  startCommand,
} from "./support/command.ts";
import { makeFiles } from "./support/tree.ts";

const GET =
  "GET /hello.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
const FILES = { "share/hello.txt": "hello\n" };
const POSIX = Deno.build.os !== "windows";

Deno.test("cli names an address on which it cannot listen", async () => {
  // RFC 5737: this address is unused.
  const ended = await runToEnd(["-b", "192.0.2.1", "0"]);
  assertEquals(ended.code, 1);
  assertEquals(
    ended.stderr,
    "http-server: Cannot listen on 192.0.2.1 port 0: " +
      "this machine does not have that address\n",
  );
  const name = await runToEnd(["-b", "no-such-name.invalid", "0"]);
  assertEquals(
    name.stderr,
    "http-server: Cannot listen on no-such-name.invalid port 0: " +
      "the name cannot be resolved\n",
  );
  if (!POSIX) return;
  await using tree = await makeFiles(FILES);
  const path = tree.path("none/s");
  const unix = await runToEnd([`--unix=${path}`, tree.path("share")], {
    permissions: ["-A"],
  });
  assertEquals(unix.code, 1);
  assertStringIncludes(unix.stderr, `http-server: Cannot listen on ${path}: `);
});

Deno.test("cli binds to the IPv6 loopback with -b ::1", async () => {
  await using tree = await makeFiles(FILES);
  await using command = await startCommand(["-b", "::1", tree.path("share")], {
    permissions: ["--allow-net=[::1]", `--allow-read=${tree.path("share")}`],
  });
  const { port } = command;
  await command.says(/only this machine/i);
  assertStringIncludes(command.stdout, ` on ::1 port ${port} (http://[::1]:`);
  await using client = await RawClient.connect(port, "::1");
  await client.send(GET);
  assert(await client.waitFor(() => client.received.endsWith("hello\n")));
});

Deno.test("cli accepts an IPv6 address in brackets", async () => {
  await using tree = await makeFiles(FILES);
  await using command = await startCommand(["-b", "[::1]", tree.path("share")]);
  await command.says(/only this machine/i);
  await using client = await RawClient.connect(command.port, "::1");
  await client.send(GET);
  assert(await client.waitFor(() => client.received.endsWith("hello\n")));
});

Deno.test("cli shows the addresses of --lan if it may know them", async (t) => {
  await using tree = await makeFiles(FILES);
  const share = tree.path("share");
  const host = Deno.networkInterfaces().find(({ family, address }) =>
    family === "IPv4" && !address.startsWith("127.")
  )?.address;

  await t.step("it may", async () => {
    await using command = await startCommand(["--lan", "--qr", share], {
      permissions: ["-NR", "--allow-sys=networkInterfaces"],
    });
    await command.says(/▀{20}/);
    if (host !== undefined) {
      const url = `http://${host}:${command.port}/`;
      assertStringIncludes(command.stdout, `can connect, at\n  ${url}\n`);
    }
    assert(!command.stdout.includes("\x1b"));
    // The wildcard accepts both address families.
    for (const hostname of ["127.0.0.1", "::1"]) {
      await using client = await RawClient.connect(command.port, hostname);
      await client.send(GET);
      assert(await client.waitFor(() => client.received.endsWith("hello\n")));
    }
  });
  await t.step("it may not", async () => {
    await using command = await startCommand(["--lan", share]);
    await command.says(
      /can connect; --allow-sys=networkInterfaces shows the addresses\.\n/,
    );
    assertEquals((await command.stop()).code, 0);
    const { code, stderr } = await runToEnd([
      "--lan",
      "--qr",
      "--port",
      "0",
      share,
    ], {
      permissions: ["-NR"],
    });
    assertEquals(code, 1);
    assertStringIncludes(
      stderr,
      "Cannot show the address as a QR code without --allow-sys=networkInterfaces; run: ",
    );
  });
});

Deno.test({
  name: "cli serves with a self-signed certificate",
  ignore: !isInstalled("curl"),
}, async () => {
  await using tree = await makeFiles(FILES);
  await using command = await startCommand([
    "--tls-self-signed",
    tree.path("share"),
  ]);
  const [, fingerprint] = await command.says(/^ {2}((?:[0-9A-F]{2}:){31}..)$/m);
  const url = `https://localhost:${command.port}/hello.txt`;
  const { stdout: page } = await runProgram("curl", ["-sSk", url]);
  assertEquals(page, "hello\n");
  const { stdout } = await runProgram("python3", [
    "-c",
    `
import hashlib, socket, ssl, sys
pem = ssl.get_server_certificate(("127.0.0.1", ${command.port}))
der = ssl.PEM_cert_to_DER_cert(pem)
print(hashlib.sha256(der).hexdigest().upper())
context = ssl.create_default_context(cadata=pem)
for name in "localhost", "127.0.0.1", "::1":
    plain = socket.create_connection(("127.0.0.1", ${command.port}))
    context.wrap_socket(plain, server_hostname=name).close()
    print(name)
`,
  ]);
  assertEquals(
    stdout,
    `${fingerprint.replaceAll(":", "")}\nlocalhost\n127.0.0.1\n::1\n`,
  );
});

Deno.test({
  name: "cli listens on a Unix domain socket",
  ignore: !POSIX || !isInstalled("curl"),
}, async (t) => {
  await using tree = await makeFiles({ ...FILES, file: "" });
  const path = tree.path("http.sock");
  const args = [`--unix=${path}`, tree.path("share")];
  const permissions = [
    `--allow-net=unix:${path}`,
    `--allow-read=${path},${tree.path("share")}`,
    `--allow-write=${path}`,
  ];
  const start = async () => {
    const command = new RunningCommand(args, { permissions });
    await command.says(/^Serving HTTP on \S+ \(unix:\S+\) \.\.\.\n[^]*connect/);
    return command;
  };
  const get = async () => {
    const url = "http://localhost/hello.txt";
    const curl = ["-sS", "--unix-socket", path, url];
    return (await runProgram("curl", curl)).stdout;
  };

  await t.step("it serves, and removes the socket at the end", async () => {
    await using command = await start();
    assertEquals(await get(), "hello\n");
    const ended = await command.stop("SIGTERM");
    assertEquals(ended.code, 0, ended.stderr);
    assertMatch(ended.stderr, /^unix - - \[.*\] "GET/);
    assertEquals(await exists(path), false);
  });
  await t.step("it replaces an unused socket", async () => {
    {
      await using command = await start();
      await command.stop("SIGKILL").catch(() => {});
    }
    assertEquals(await exists(path), true);
    await using command = await start();
    assertEquals(await get(), "hello\n");
    await command.stop();
  });
  await t.step("it keeps a socket in use", async () => {
    await using command = await start();
    const ended = await runToEnd(args, { permissions });
    assertEquals(ended.code, 1);
    assertStringIncludes(ended.stderr, "another program is listening there");
    assertEquals(await get(), "hello\n");
    await command.stop();
  });
  await t.step("it keeps any other file", async () => {
    const ended = await runToEnd([`--unix=${tree.path("file")}`], {
      permissions: ["-A"],
    });
    assertEquals(ended.code, 1);
    assertStringIncludes(ended.stderr, "a file with this name already exists");
    assertEquals(await exists(tree.path("file")), true);
  });
});

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch {
    return false;
  }
}
