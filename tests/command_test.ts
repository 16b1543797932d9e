// Copyright 2026 the pystd authors. MIT license.

/**
 * The command from outside: what it says, and where it listens.
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { assertStringIncludes } from "@std/assert/string-includes";
import { delay } from "@std/async/delay";
import { helpText } from "../cli/help.ts";
import { field } from "./support/answers.ts";
import { ask, RawClient } from "./support/client.ts";
import {
  CLI,
  isInstalled,
  RunningCommand,
  runProgram,
  runToEnd,
  startCommand,
} from "./support/command.ts";
import { makeFiles, makeTree } from "./support/tree.ts";

const GET =
  "GET /hello.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
const FILES = { "share/hello.txt": "hello\n" };
const POSIX = Deno.build.os !== "windows";

Deno.test("helpText fits a screen", () => {
  const lines = helpText().trimEnd().split("\n");
  assert(lines.length <= 75, `${lines.length} lines`);
  for (const line of lines) assert(line.length <= 80, line);
});

/** What is typed, the status, and what is said. */
const WRONG: [args: string[], message: string][] = [
  [["--ln"], 'Unknown option "--ln"; did you mean "--lan"?'],
  [["--quite"], 'Unknown option "--quite"; did you mean "--quiet"?'],
  [["--follow"], 'did you mean "--follow-symlinks"?'],
  [["--tls-crt=x"], 'did you mean "--tls-cert"?'],
  [["--xyzzy"], 'Unknown option "--xyzzy" ('],
  [["--port", "70000"], 'Invalid port "70000"'],
  [["8000", "9000"], 'More than one port was given: "8000" and "9000"'],
  [["a", "b"], 'More than one directory was given: "a" and "b"'],
  [["--port"], 'Option "--port" requires a value'],
  [["--lan", "-b", "::1"], 'Options "--lan" and "--bind" cannot be combined'],
  [["--unix=s", "8000"], 'Options "--unix" and "--port" cannot be combined'],
  [
    ["--tls-self-signed", "--tls-cert=c"],
    'Options "--tls-cert" and "--tls-self-signed" cannot be combined',
  ],
  [["--tls-password-file=p"], '"--tls-password-file" requires "--tls-cert"'],
  [
    ["-b", "0.0.0.0:8013"],
    'Invalid address "0.0.0.0:8013": the port is a separate option; use --bind 0.0.0.0 --port 8013',
  ],
  [["-b", "[::1]:80"], "use --bind [::1] --port 80"],
  [["-b", ":80"], "use --bind 0.0.0.0 --port 80"],
  [
    ["-b", "http://127.0.0.1"],
    "expected a name, or an address such as 127.0.0.1 or ::1",
  ],
  [["-b", "127.0.0.1/24"], 'Invalid address "127.0.0.1/24": expected a name'],
  [["-b", "*"], 'Invalid address "*": expected a name'],
];

Deno.test("cli says what is wrong in a line, with status 2", async (t) => {
  for (const [args, message] of WRONG) {
    await t.step(args.join(" "), async () => {
      const ended = await runToEnd(args, { permissions: [] });
      assertEquals([ended.code, ended.stdout], [2, ""]);
      assertMatch(ended.stderr, /^http-server: [^\n]+\n$/);
      assertStringIncludes(ended.stderr, message);
    });
  }
});

Deno.test("cli says the line to type when a permission is missing", async (t) => {
  await using tree = await makeFiles({ ...FILES, "my share/": "" });
  const rows: [args: string[], permissions: string[], line: string][] = [
    [
      ["share"],
      [],
      `deno run --allow-net=127.0.0.1:8000 --allow-read=share ${CLI} share`,
    ],
    [
      ["-b", "::1", "my share"],
      ["--allow-net"],
      `deno run '--allow-net=[::1]:8000' '--allow-read=my share' ${CLI} -b ::1 'my share'`,
    ],
    [
      ["--unix=s", "share"],
      ["--allow-net", "--allow-read"],
      `deno run --allow-net=unix:${tree.path("s")} --allow-read=${
        tree.path("s")
      },share --allow-write=${tree.path("s")} ${CLI} --unix=s share`,
    ],
  ];
  for (const [args, permissions, line] of rows) {
    await t.step(args.join(" "), async () => {
      const ended = await runToEnd(args, { permissions, cwd: tree.root });
      assertEquals([ended.code, ended.stdout], [1, ""]);
      assertMatch(ended.stderr, /^http-server: Cannot [^\n]+\n$/);
      assertStringIncludes(ended.stderr, `; run: ${line}\n`);
    });
  }
});

Deno.test("cli says which directory it cannot serve", async () => {
  await using tree = await makeFiles(FILES);
  const rows: [name: string, why: string][] = [
    ["none", "there is no such directory"],
    ["share/hello.txt", "it is not a directory"],
  ];
  if (POSIX) {
    await Deno.symlink("loop", tree.path("loop"));
    rows.push(["loop", "it cannot be read"]);
  }
  for (const [name, why] of rows) {
    const { code, stderr } = await runToEnd([name, "0"], { cwd: tree.root });
    assertEquals(code, 1);
    assertEquals(stderr, `http-server: Cannot serve "${name}": ${why}\n`);
  }
});

Deno.test({
  name: "cli serves nothing that it cannot read once it has given up the rest",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const permissions = ["-A"];
    const { code, stderr } = await runToEnd(["/dev/shm", "0"], { permissions });
    const why = "Deno reads it only with --allow-all, which is given up";
    assertEquals(stderr, `http-server: Cannot serve "/dev/shm": ${why}\n`);
    assertEquals(code, 1);
  },
});

Deno.test("cli says where it cannot listen", async () => {
  // RFC 5737: nobody has this address.
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

Deno.test("cli is quiet with --quiet, and plain with --plain", async () => {
  await using tree = await makeFiles({ ...FILES, "users": "ann:x\n" });
  for (const flags of [["-q"], ["--plain", "-q"]]) {
    const args = [...flags, "-H", "X-A: 1", tree.path("share")];
    await using command = await startCommand(args);
    const [listing] = await ask(
      command.port,
      GET.replace("/hello.txt", "/"),
    );
    assertEquals(field(listing, "x-a"), "1");
    const isPlain = listing.body.includes("<h1>Directory listing for /</h1>");
    assertEquals(isPlain, flags.includes("--plain"));
    const { code, stderr } = await command.stop();
    assertEquals([code, stderr], [0, ""]);
  }
});

Deno.test({
  name: "cli goes on when --open finds no browser",
  ignore: Deno.build.os !== "linux",
}, async () => {
  await using tree = await makeFiles(FILES);
  await using command = await startCommand(["--open", tree.path("share")], {
    permissions: ["-A"],
    env: { PATH: tree.path("share") },
  });
  await command.says(
    /\nCannot open the browser: there is no program "xdg-open"\n/,
  );
  assertEquals((await ask(command.port, GET))[0].body, "hello\n");
});

Deno.test("cli tells what it serves, and to whom", async () => {
  await using tree = await makeFiles(FILES);
  await using command = await startCommand(["share"], {
    cwd: tree.root,
    permissions: ["--allow-net=127.0.0.1", "--allow-read=share"],
  });
  const { port } = command;
  await command.says(/\n.*\n.*\n/);
  assertEquals(
    command.stdout,
    `Serving HTTP on 127.0.0.1 port ${port} (http://127.0.0.1:${port}/) ...\n` +
      'Files come from "share", without hidden files. Uploads are off.\n' +
      "Only this machine can connect; --lan opens it to the network.\n",
  );
  const ended = await command.stop("SIGINT");
  assertEquals(ended.code, 0);
  assert(ended.stdout.endsWith("\nKeyboard interrupt received, exiting.\n"));
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

Deno.test("cli takes an IPv6 address in brackets", async () => {
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
    // The wildcard takes both families.
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
  await t.step("it replaces one that nobody listens on", async () => {
    {
      await using command = await start();
      await command.stop("SIGKILL").catch(() => {});
    }
    assertEquals(await exists(path), true);
    await using command = await start();
    assertEquals(await get(), "hello\n");
    await command.stop();
  });
  await t.step("it leaves one alone that somebody listens on", async () => {
    await using command = await start();
    const ended = await runToEnd(args, { permissions });
    assertEquals(ended.code, 1);
    assertStringIncludes(ended.stderr, "another program is listening there");
    assertEquals(await get(), "hello\n");
    await command.stop();
  });
  await t.step("it leaves anything else alone", async () => {
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

Deno.test({
  name: "cli opens the browser with --open",
  ignore: Deno.build.os !== "linux",
}, async () => {
  const content = '#!/bin/sh\necho "$1" > "$0.url"\n';
  await using tree = await makeTree([
    { path: "share/hello.txt", type: "file", content: "hello\n" },
    { path: "bin/xdg-open", type: "file", content, mode: "755" },
  ]);
  const command = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "-NR",
      "--allow-run=xdg-open",
      CLI,
      "--open",
      "--port=0",
      tree.path("share"),
    ],
    env: { PATH: `${tree.path("bin")}:/usr/bin:/bin` },
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  let text = "";
  for await (
    const part of command.stdout.pipeThrough(new TextDecoderStream())
  ) {
    text += part;
    if (/ port (\d+) [^]*connect/.test(text)) break;
  }
  let url = "";
  for (let tries = 0; url === "" && tries < 200; tries++) {
    await delay(20);
    url = await Deno.readTextFile(tree.path("bin/xdg-open.url")).catch(() =>
      ""
    );
  }
  command.kill("SIGTERM");
  await command.status;
  const [, port] = / port (\d+) /.exec(text)!;
  assertEquals(url, `http://127.0.0.1:${port}/\n`);
});
