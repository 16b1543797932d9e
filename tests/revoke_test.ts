// Copyright 2026 the pystd authors. MIT license.

/**
 * The permissions that remain while the command serves: each kind is queried in
 * the process, with every flag.
 */

import { assertEquals } from "@std/assert/equals";
import { assertStringIncludes } from "@std/assert/string-includes";
import { FLAG_GROUPS } from "../cli/flags.ts";
import { HAS_OPENSSL, makeCertificates } from "./support/certificates.ts";
import { ask } from "./support/client.ts";
import { CLI, ROOT, RunningCommand } from "./support/command.ts";
import { makeTree, type TemporaryTree } from "./support/tree.ts";

const GET = "GET /hello.txt HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

/** Serves, and prints its permissions when a file appears. */
const PROGRAM = `
import { existsSync } from "node:fs";
import { main } from "${CLI}";
const [queries, ...args] = Deno.args;
const asking = setInterval(() => {
  if (!existsSync("share/now")) return;
  clearInterval(asking);
  for (const query of JSON.parse(queries)) {
    console.log(Deno.permissions.querySync(query).state);
  }
  console.log("done");
}, 20);
Deno.exit(await main(args));
`;

const KINDS = ["net", "read", "write", "run", "env", "sys", "ffi", "import"];

async function makeShare(): Promise<TemporaryTree> {
  const script = "#!/bin/sh\nexit 0\n";
  return await makeTree([
    { path: "main.ts", type: "file", content: PROGRAM },
    { path: "share/hello.txt", type: "file", content: "hello\n" },
    { path: "share/cgi-bin/x.sh", type: "file", content: script, mode: "755" },
    { path: "bin/xdg-open", type: "file", content: script, mode: "755" },
    { path: "users", type: "file", content: "ann:s3cret\n" },
    { path: "rules", type: "file", content: "* / read\n" },
    { path: "link.key", type: "file", content: "0123456789".repeat(4) },
    { path: "keys/users", type: "file", content: "ann:s3cret\n" },
  ]);
}

/** Returns the permissions of the serving command, and its output. */
async function statesOf(
  tree: TemporaryTree,
  permissions: readonly string[],
  args: readonly string[],
  queries: readonly unknown[],
): Promise<{ states: string[]; stdout: string }> {
  const where = args.includes("--unix") ? [] : ["--port", "0"];
  await using command = new RunningCommand(
    [JSON.stringify(queries), ...args, ...where, "share"],
    {
      module: tree.path("main.ts"),
      permissions: [...permissions, "--config", `${ROOT}/deno.json`],
      cwd: tree.root,
      env: { PATH: `${tree.path("bin")}:${Deno.env.get("PATH")}` },
    },
  );
  // With an address, a response shows that the command serves.
  const [, port] = await command.says(/^Serving .*?(?: port (\d+) .*)?\n/m);
  if (where.length > 0 && !args.some((arg) => arg.startsWith("--tls"))) {
    await ask(Number(port), GET);
  }
  await command.says(/can connect[^\n]*\n/);
  await Deno.writeTextFile(tree.path("share/now"), "");
  await command.says(/done\n/);
  await Deno.remove(tree.path("share/now"));
  const states = /((?:^(?:granted|prompt|denied)\n)+)done\n/m
    .exec(command.stdout)![1].trim().split("\n");
  return { states, stdout: command.stdout };
}

/**
 * Flags that can be combined, and the permissions that remain of `-A` with
 * them.
 */
const KEPT: [args: string[], kept: string[]][] = [
  [[], ["read"]],
  [[
    ..."--directory share/cgi-bin/.. --dotfiles --hide x --follow-symlinks"
      .split(" "),
    ..."--content-type a/b --header A:b --protocol HTTP/1.1".split(" "),
    ..."--bind 127.0.0.1 --qr --open --title t --no-listing".split(" "),
    ..."--spa --clean-urls --cache-control no-store --cors".split(" "),
    ..."--precompressed --no-compression --archive --hash --auth a:b".split(
      " ",
    ),
    ..."--auth-file users --log-format json --quiet --fresh 1".split(" "),
    ..."--max-connections 9 --prefix /x --health /h --metrics /m --server-timing"
      .split(" "),
    ..."--allow-host a.example --trusted-proxy 192.0.2.1".split(" "),
  ], ["read"]],
  [[
    ..."--auth a:b --allow-file rules --link / --link-key link.key".split(" "),
    "--allow=a / read",
  ], ["read"]],
  [["--plain"], ["read"]],
  [["--lan"], ["read"]],
  [["--tls-self-signed"], ["read"]],
  [["--cgi", "--cgi-env", "HOME"], ["read", "run"]],
  [
    [
      ..."--upload --overwrite --max-upload=1 --max-total=1".split(" "),
      "--auth-upload=a:b",
    ],
    // The free space is checked before each upload.
    ["read", "write", "sys"],
  ],
  [["--manage", "--dav"], ["read", "write", "sys"]],
  [["--dav"], ["read"]],
  [["--log-file", "x.log"], ["read", "write"]],
  [["--unix", "s.sock"], ["read", "write"]],
  [["--workers", "2"], ["net", "read"]],
];

/** Flags that end at once, set a port, or are in the TLS test. */
const ELSEWHERE = [
  ..."help version completions port tls-cert tls-key".split(" "),
  "tls-password-file",
  "config",
];

Deno.test("the tests of revoked permissions have every flag", () => {
  const known = [...KEPT.flatMap(([args]) => args), "--port"]
    .filter((arg) => arg.startsWith("--"))
    .map((arg) => arg.slice(2).replace(/=.*/, ""));
  const flags = FLAG_GROUPS.flatMap((group) => group.flags)
    .map(({ name }) => name);
  const missing = flags.filter((name) =>
    !known.includes(name) && !ELSEWHERE.includes(name)
  );
  assertEquals(missing, []);
});

Deno.test({
  name: "cli gives up all of -A that it can, with every flag",
  ignore: Deno.build.os !== "linux",
}, async (t) => {
  await using tree = await makeShare();
  for (const [args, kept] of KEPT) {
    await t.step(args.join(" ") || "no flag", async () => {
      const unstable = args.includes("--workers") ? ["--unstable-net"] : [];
      const rest = args.includes("--directory") ? args.slice(2) : args;
      const { states, stdout } = await statesOf(
        tree,
        ["-A", ...unstable],
        rest,
        KINDS.map((name) => ({ name })),
      );
      const granted = KINDS.filter((_, i) => states[i] === "granted");
      assertEquals(granted, kept);
      // The command reports permissions that it cannot narrow, with a line that
      // grants less.
      const verbs: Record<string, string> = {
        read: "read every file",
        write: "write every file",
        net: "connect to every address",
        run: "run every program",
        sys: "read all system information",
      };
      const order = ["read", "write", "net", "run", "sys"];
      const wide = order.filter((name) => kept.includes(name))
        .map((name) => verbs[name]).join(" and ");
      assertStringIncludes(
        stdout,
        `Deno lets this program ${wide}. To grant less, run: deno run `,
      );
    });
  }
});

Deno.test("cli gives up single files once it has read them", async (t) => {
  await using tree = await makeShare();
  const read = (path: string) => ({ name: "read", path: tree.path(path) });
  const queries = [read("users"), read("keys/users"), read("share")];
  const rows: [granted: string[], file: string, states: string[]][] = [
    [["share", "users"], "users", ["prompt", "prompt", "granted"]],
    [["share", "keys"], "keys/users", ["prompt", "prompt", "granted"]],
    // Deno revokes the whole permission that covers a file.
    [["."], "users", ["granted", "granted", "granted"]],
  ];
  for (const [granted, file, states] of rows) {
    await t.step(`--allow-read=${granted} --auth-file ${file}`, async () => {
      const permissions = [
        "--allow-net=127.0.0.1",
        `--allow-read=${granted.map((path) => tree.path(path))}`,
      ];
      const args = ["--auth-file", file];
      const told = await statesOf(tree, permissions, args, queries);
      assertEquals(told.states, states);
      assertEquals(told.stdout.includes("Deno lets"), false, told.stdout);
    });
  }
});

Deno.test({
  name: "cli gives up the files of its certificate, unless workers read them",
  ignore: !HAS_OPENSSL || Deno.build.os !== "linux",
}, async (t) => {
  await using tree = await makeCertificates();
  await Deno.writeTextFile(tree.path("main.ts"), PROGRAM);
  const files = ["cert.pem", "pkcs8.pem", "password.txt"];
  const args = ["--tls-cert", "--tls-key", "--tls-password-file"]
    .flatMap((flag, i) => [flag, files[i]]);
  const queries = ["share", ...files]
    .map((path) => ({ name: "read", path: tree.path(path) }));
  const permissions = [
    "--allow-net=127.0.0.1",
    `--allow-read=${["share", ...files].map((path) => tree.path(path))}`,
  ];

  await t.step("alone", async () => {
    const { states } = await statesOf(tree, permissions, args, queries);
    assertEquals(states, ["granted", "prompt", "prompt", "prompt"]);
  });
  await t.step("with workers", async () => {
    const { states } = await statesOf(
      tree,
      [...permissions, `--allow-read=${ROOT}`, "--unstable-net"],
      [...args, "--workers=2"],
      queries,
    );
    assertEquals(states, ["granted", "granted", "granted", "prompt"]);
  });
});
