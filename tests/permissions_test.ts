// Copyright 2026 the pystd authors. MIT license.

/**
 * Each entry point runs with exactly the permissions of its row in the README,
 * in its own process with `--no-prompt`. Without any one of them it ends at the
 * start, with status 1 and one line that names the flag.
 */

import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { assertStringIncludes } from "@std/assert/string-includes";
import { ask } from "./support/client.ts";
import {
  CLI,
  type ProcessOptions,
  ROOT,
  RunningCommand,
  runToEnd,
  startCommand,
} from "./support/command.ts";
import { makeFiles, type TemporaryTree } from "./support/tree.ts";

/** Lets the programs import this package by its name. */
const CONFIG = ["--config", `${ROOT}/deno.json`, "--no-lock"];

const NET = "--allow-net=127.0.0.1";

/** Returns a user's program that prints errors in one line. */
function program(imports: string, handler: string): string {
  return `${imports}
try {
  const httpd = new ThreadingHTTPServer(["127.0.0.1", 0], ${handler});
  console.log(\`On port \${httpd.serverPort} now\`);
  await httpd.serveForever();
} catch (error) {
  console.error((error as Error).message);
  Deno.exit(1);
}
`;
}

const HELLO = `
class Hello extends BaseHTTPRequestHandler {
  async do_GET(): Promise<void> {
    this.sendResponse(200);
    this.endHeaders();
    await this.wfile.write("hello\\n");
  }
}`;

const BOTH = "BaseHTTPRequestHandler, ThreadingHTTPServer";
const NAME = "@pystd/http-server";
const SERVER = `import { ThreadingHTTPServer } from "${NAME}/server";`;

/** The programs by entry point. The simple ones serve `share`. */
const PROGRAMS: Record<string, string> = {
  "mod.ts": program(`import { ${BOTH} } from "${NAME}";${HELLO}`, "Hello"),
  "base.ts": program(
    `${SERVER}
import { BaseHTTPRequestHandler } from "${NAME}/handlers/base";${HELLO}`,
    "Hello",
  ),
  "simple.ts": program(
    `${SERVER}
import { SimpleHTTPRequestHandler } from "${NAME}/handlers/simple";`,
    "SimpleHTTPRequestHandler.with({ directory: Deno.args[0] })",
  ),
  "share.ts": program(
    `${SERVER}
import { ShareHTTPRequestHandler } from "${NAME}/handlers/share";`,
    "ShareHTTPRequestHandler.with({ directory: Deno.args[0] })",
  ),
  "handlers.ts": program(
    `${SERVER}
import { SimpleHTTPRequestHandler } from "${NAME}/handlers";`,
    "SimpleHTTPRequestHandler.with({ directory: Deno.args[0] })",
  ),
};

function makePrograms(): Promise<TemporaryTree> {
  return makeFiles({
    ...PROGRAMS,
    "share/hello.txt": "hello\n",
    "share/idx/index.html": "<p>hello\n",
    "elsewhere/other.txt": "other\n",
  });
}

async function get(port: number, target: string): Promise<[number, string]> {
  const [answer] = await ask(
    port,
    `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
  );
  return [answer!.status, answer!.body];
}

async function checkServed(port: number): Promise<void> {
  assertEquals(await get(port, "/hello.txt"), [200, "hello\n"]);
  assertEquals(await get(port, "/idx/"), [200, "<p>hello\n"]);
  assertEquals((await get(port, "/missing"))[0], 404);
  const [status, page] = await get(port, "/");
  assertEquals(status, 200);
  assertStringIncludes(page, 'href="hello.txt"');
}

/**
 * Checks that a program ends at its start with one line about the missing flag.
 */
async function checkRefused(
  flag: string,
  args: readonly string[],
  options: ProcessOptions,
): Promise<void> {
  const { code, stdout, stderr } = await runToEnd(args, options);
  assertEquals({ code, stdout }, { code: 1, stdout: "" }, stderr);
  assertMatch(stderr, /^[^\n]+\n$/);
  assertStringIncludes(stderr, flag);
}

for (const name of ["mod.ts", "base.ts"]) {
  Deno.test(`a server of ${name} needs --allow-net alone`, async (t) => {
    await using tree = await makePrograms();
    const module = tree.path(name);

    await t.step("it runs with it", async () => {
      const permissions = [...CONFIG, NET];
      await using running = new RunningCommand([], { module, permissions });
      const [, port] = await running.says(/port (\d+) now\n/);
      assertEquals(await get(Number(port), "/"), [200, "hello\n"]);
    });

    for (const permissions of [[], ["--allow-net=127.0.0.2"]]) {
      await t.step(`it is refused with [${permissions}]`, () => {
        const options = { module, permissions: [...CONFIG, ...permissions] };
        return checkRefused("--allow-net", [], options);
      });
    }
  });
}

for (const name of ["simple.ts", "share.ts", "handlers.ts"]) {
  Deno.test(`a server of ${name} needs --allow-net and --allow-read`, async (t) => {
    await using tree = await makePrograms();
    const module = tree.path(name);
    const share = tree.path("share");
    const read = `--allow-read=${share}`;
    const elsewhere = `--allow-read=${tree.path("elsewhere")}`;

    await t.step("it runs with them", async () => {
      const permissions = [...CONFIG, NET, read];
      await using running = new RunningCommand([share], {
        module,
        permissions,
      });
      const [, port] = await running.says(/port (\d+) now\n/);
      await checkServed(Number(port));
    });

    for (
      const [flag, permissions] of [
        ["--allow-net", [read]],
        ["--allow-read", [NET]],
        ["--allow-read", [NET, elsewhere]],
      ] as const
    ) {
      await t.step(`it asks for ${flag} with [${permissions}]`, () => {
        const options = { module, permissions: [...CONFIG, ...permissions] };
        return checkRefused(flag, [share], options);
      });
    }
  });
}

Deno.test("cli needs --allow-net and --allow-read", async (t) => {
  await using tree = await makePrograms();
  const share = tree.path("share");
  const read = `--allow-read=${share}`;
  const elsewhere = `--allow-read=${tree.path("elsewhere")}`;

  const granted: [string, string[], ProcessOptions][] = [
    ["with both", [share], {}],
    ["with no more of them than it uses", [share], {
      permissions: [NET, read],
    }],
    ["in the working directory", [], {
      permissions: [NET, "--allow-read=."],
      cwd: share,
    }],
    ["in a directory named from the working directory", ["share"], {
      permissions: [NET, "--allow-read=share"],
      cwd: tree.root,
    }],
  ];
  for (const [name, args, options] of granted) {
    await t.step(`it runs ${name}`, async () => {
      await using command = await startCommand(args, options);
      await checkServed(command.port);
      const { code, stderr } = await command.stop("SIGTERM");
      assertEquals(code, 0);
      assertEquals(/^(?!127\.0\.0\.1 - - \[).+$/m.exec(stderr), null);
    });
  }

  for (
    const [flag, permissions] of [
      ["--allow-net", [read]],
      ["--allow-net", [read, "--allow-net=127.0.0.2"]],
      ["--allow-read", [NET]],
      ["--allow-read", [NET, elsewhere]],
    ] as const
  ) {
    await t.step(
      `it asks for ${flag} with [${permissions}]`,
      () => checkRefused(flag, ["--port", "0", share], { permissions }),
    );
  }
});

Deno.test("importing an entry point needs no permission", async (t) => {
  const { exports } = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.json`));
  for (const entry of Object.keys(exports)) {
    await t.step(entry, async () => {
      await using tree = await makeFiles({
        "main.ts": `import "${NAME}${entry.slice(1)}";\nconsole.log("done");\n`,
      });
      const options = { module: tree.path("main.ts"), permissions: CONFIG };
      const ended = await runToEnd([], options);
      assertEquals(
        [ended.code, ended.stdout, ended.stderr],
        [0, "done\n", ""],
      );
    });
  }
});

Deno.test("cli prints its help and version without permissions", async () => {
  for (const flag of ["--help", "-h", "--version", "-V"]) {
    const options = { module: CLI, permissions: [] };
    const { code, stdout, stderr } = await runToEnd([flag], options);
    assertEquals({ code, stderr }, { code: 0, stderr: "" }, flag);
    assertMatch(stdout, /\S/);
  }
});
