// Copyright 2026 the pystd authors. MIT license.

/**
 * Runs the recipes of `docs/deploying.md`, with other paths and ports. Those
 * for a container and `deno compile` need downloads and were run by hand.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { CLI, isInstalled, ROOT, runProgram } from "./support/command.ts";
import { outsideConfig } from "./support/outside.ts";
import { smuggle, SMUGGLED } from "./support/smuggling.ts";
import { makeFiles, type TemporaryTree } from "./support/tree.ts";

const SOCKET = "/run/http-server/socket";
const PAGE = Deno.readTextFileSync(`${ROOT}/docs/deploying.md`);
/** Longest start of a program, in ms. */
const START_MS = 10_000;

function recipe(language: string): string {
  const block = new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, "m");
  return block.exec(PAGE)![1]!;
}

/** Ends a program. */
async function end(child: Deno.ChildProcess): Promise<void> {
  child.kill("SIGTERM");
  await child.status;
}

/** Repeats an action until it no longer throws. */
async function until<T>(action: () => Promise<T>): Promise<T> {
  const last = performance.now() + START_MS;
  for (;;) {
    try {
      return await action();
    } catch (error) {
      if (performance.now() > last) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** A server behind a proxy. */
interface Upstream extends AsyncDisposable {
  /** Its socket or address, for the proxy's configuration. */
  readonly at: string;
  /** Returns its log so far. */
  log(): string;
}

/** How the proxy reaches the server. */
type Over = "a Unix socket" | "a port";

/** Starts the command with the permissions of the recipe. */
async function startShare(tree: TemporaryTree, over: Over): Promise<Upstream> {
  const socket = tree.path("socket");
  const share = tree.path("share");
  const at = over === "a port" ? `127.0.0.1:${freePort()}` : socket;
  const [permissions, where] = over === "a port"
    ? [[`--allow-net=${at}`, `--allow-read=${share}`], [
      "--trusted-proxy",
      "127.0.0.1",
      "--allow-host",
      "share.example.org",
      at.split(":")[1]!,
    ]]
    : [[
      `--allow-net=unix:${socket}`,
      `--allow-read=${share},${socket}`,
      `--allow-write=${socket}`,
    ], ["--unix", socket, "--trusted-proxy", "unix"]];
  const flags = where.filter((flag) => flag !== socket && !/^\d+$/.test(flag));
  for (const flag of flags) assert(PAGE.includes(flag), flag);
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      `--config=${ROOT}/deno.json`,
      ...permissions,
      CLI,
      ...where,
      share,
    ],
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let log = "";
  const reading = child.stderr.pipeThrough(new TextDecoderStream())
    .pipeTo(new WritableStream({ write: (text) => void (log += text) }));
  await until(async () => {
    if (over === "a port") await (await fetch(`http://${at}/`)).body?.cancel();
    else await Deno.lstat(socket);
  });
  return {
    at,
    log: () => log,
    async [Symbol.asyncDispose]() {
      await end(child);
      await reading;
    },
  };
}

/** Returns a port that was free a moment ago. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Checks responses through a proxy. */
async function checkProxy(port: number): Promise<void> {
  const url = `http://127.0.0.1:${port}`;
  const whole = await until(() => fetch(`${url}/a.txt`));
  assertEquals([whole.status, await whole.text()], [200, "alpha\n"]);
  const range = { headers: { range: "bytes=1-2" } };
  const part = await fetch(`${url}/a.txt`, range);
  assertEquals([part.status, await part.text()], [206, "lp"]);
  const listing = await fetch(`${url}/`);
  assertMatch(await listing.text(), /a\.txt/);
  const body = "x".repeat(1_000_000);
  const posted = await fetch(`${url}/a.txt`, { method: "POST", body });
  await posted.body?.cancel();
  assert(posted.status >= 400);
}

/** Checks that the log has the client's address, not a forged one. */
async function checkClient(port: number, share: Upstream): Promise<void> {
  const asked = await runProgram("curl", [
    "--silent",
    "--interface",
    "127.0.0.9",
    ...[
      "Host: share.example.org",
      "X-Forwarded-For: 6.6.6.6",
      "Forwarded: for=6.6.6.6",
      "X-Forwarded-Host: evil.example",
    ]
      .flatMap((line) => ["--header", line]),
    `http://127.0.0.1:${port}/a.txt?client`,
  ]);
  assertEquals(asked.stdout, "alpha\n");
  const line = await until(() => {
    const found = /^(\S+) .*"GET \/a\.txt\?client /m.exec(share.log());
    return found ? Promise.resolve(found) : Promise.reject(share.log());
  });
  assertEquals(line[1], "127.0.0.9");
}

/** Attempts request smuggling through a proxy that shares its connections. */
async function checkSmuggling(port: number, share: Upstream): Promise<void> {
  await smuggle(port);
  await (await fetch(`http://127.0.0.1:${port}/last`)).body?.cancel();
  await until(() =>
    share.log().includes('"GET /last ')
      ? Promise.resolve()
      : Promise.reject(share.log())
  );
  assertEquals(share.log().includes(` ${SMUGGLED} `), false, share.log());
}

/** Returns the page's configuration for a server of this test. */
function upstreamOf(
  config: string,
  socket: string,
  { at }: Upstream,
  over: Over,
): string {
  const [line] = config.split("\n").filter((one) => one.includes(socket));
  const overPort = line!.trim().replace(socket, "127.0.0.1:8000");
  assert(PAGE.includes(`\`${overPort}\``), overPort);
  const upstream = over === "a port" ? at : socket.replace(SOCKET, at);
  return config.replace(socket, upstream);
}

/** Completes nginx's configuration, to run in a temporary folder. */
function nginxConfig(server: string, folder: string): string {
  const user = Deno.uid() === 0 ? "user root;" : "";
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${folder}/${name};`).join("\n");
  return `daemon off;
${user}
pid ${folder}/pid;
error_log stderr;
events {}
http {
access_log off;
${temporary}
${server}
}
`;
}

/** A proxy of the page, and how to run it in a temporary folder. */
interface Proxy {
  name: string;
  /** The argument that prints its version. */
  version: string;
  /** The language of its code block in the page. */
  language: string;
  /** The socket in the page. */
  socket: string;
  /** Completes the configuration for another port. */
  place(config: string, port: number, folder: string): string;
  args(config: string, folder: string): string[];
}

const PROXIES: Proxy[] = [
  {
    name: "nginx",
    version: "-v",
    language: "nginx",
    socket: `unix:${SOCKET}`,
    place: (config, port, folder) =>
      nginxConfig(
        config.replace("127.0.0.1:8080", `127.0.0.1:${port}`),
        folder,
      ),
    args: (config, folder) => ["-c", config, "-p", folder, "-e", "stderr"],
  },
  {
    name: "Caddy",
    version: "version",
    language: "caddy",
    socket: `unix/${SOCKET}`,
    place: (config, port) => {
      const at = `http://:${port} {\n\tbind 127.0.0.1`;
      return `{\n\tadmin off\n}\n${config.replace(":8081 {", at)}`;
    },
    args: (config) => ["run", "--adapter", "caddyfile", "--config", config],
  },
];

for (const { name, version, language, socket, place, args } of PROXIES) {
  const program = name.toLowerCase();
  for (const over of ["a Unix socket", "a port"] as const) {
    Deno.test({
      name: `docs/deploying.md: ${name} over ${over}`,
      ignore: !isInstalled(program, version) || !isInstalled("curl"),
      async fn() {
        await using tree = await makeFiles({ "share/a.txt": "alpha\n" });
        await using share = await startShare(tree, over);
        const port = freePort();
        const server = upstreamOf(recipe(language), socket, share, over);
        const config = tree.path("config");
        await Deno.writeTextFile(config, place(server, port, tree.root));
        const proxy = new Deno.Command(program, {
          args: args(config, tree.root),
          env: { HOME: tree.root, XDG_DATA_HOME: tree.root },
          stderr: "null",
        }).spawn();
        try {
          await checkProxy(port);
          await checkClient(port, share);
          await checkSmuggling(port, share);
        } finally {
          await end(proxy);
        }
      },
    });
  }
}

Deno.test({
  name: "docs/deploying.md: systemd accepts the unit",
  ignore: !isInstalled("systemd-analyze"),
  async fn() {
    const unit = recipe("ini").replace("/usr/local/bin/deno", Deno.execPath());
    await using tree = await makeFiles({ "http-server.service": unit });
    const { success, stderr } = await new Deno.Command("systemd-analyze", {
      args: ["verify", "--man=no", tree.path("http-server.service")],
    }).output();
    const said = new TextDecoder().decode(stderr);
    assert(success && !said.includes("http-server.service"), said);
  },
});

Deno.test("docs/deploying.md: a command that deno install makes", async () => {
  await using tree = await makeFiles({
    "share/a.txt": "alpha\n",
    "deno.json": outsideConfig(),
  });
  const name = "share-of-a-test";
  const installed = await new Deno.Command(Deno.execPath(), {
    args: [
      "install",
      "-g",
      "-n",
      name,
      `--root=${tree.root}`,
      `--config=${tree.path("deno.json")}`,
      "--no-prompt",
      "--allow-net=127.0.0.1",
      "--allow-read",
      CLI,
    ],
  }).output();
  assertEquals(installed.code, 0, new TextDecoder().decode(installed.stderr));
  const child = new Deno.Command(tree.path(`bin/${name}`), {
    args: [tree.path("share"), "0"],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  try {
    let said = "";
    while (!/port \d+ .*\n/.test(said)) said += (await reader.read()).value;
    const [, port] = /port (\d+)/.exec(said)!;
    const response = await fetch(`http://127.0.0.1:${port}/a.txt`);
    assertEquals(await response.text(), "alpha\n");
  } finally {
    await end(child);
    await reader.cancel();
  }
});
