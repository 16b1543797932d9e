// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { assertStringIncludes } from "@std/assert/string-includes";
import { HAS_OPENSSL, makeCertificates } from "../support/certificates.ts";
import { ask } from "../support/client.ts";
import {
  isInstalled,
  runProgram,
  runToEnd,
  startCommand,
} from "../support/command.ts";
import { HAS_SH, head, PLAIN } from "../support/scripts.ts";
import { makeTree, type TemporaryTree } from "../support/tree.ts";

const ignore = !HAS_SH;
const NET = "--allow-net=127.0.0.1";

function makeScripts(): Promise<TemporaryTree> {
  const script = (path: string, line: string, mode = "755") => ({
    path,
    type: "file" as const,
    content: `#!/bin/sh\n${PLAIN}; ${line}\n`,
    mode,
  });
  return makeTree([
    script("cgi-bin/a.sh", 'echo "a ${ADDED-unset} ${HOME-unset} $PATH"'),
    script("cgi-bin/sub/b.sh", "echo b; echo hm >&2"),
    script("cgi-bin/plain.txt", "", "644"),
    { path: "empty", type: "dir" },
  ]);
}

async function get(port: number, target: string): Promise<[number, string]> {
  const [answer] = await ask(port, head(target));
  return [answer!.status, answer!.body];
}

Deno.test({
  name: "--cgi runs the scripts that --allow-run names",
  ignore,
  async fn(t) {
    await using tree = await makeScripts();
    const base = [NET, `--allow-read=${tree.root}`];
    const a = tree.path("cgi-bin/a.sh");
    const b = tree.path("cgi-bin/sub/b.sh");
    const outA =
      "a unset unset /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n";

    await t.step("all scripts, by their paths", async () => {
      const permissions = [...base, `--allow-run=${a},${b}`];
      await using command = await startCommand(["--cgi", tree.root], {
        permissions,
      });
      assertEquals(await get(command.port, "/cgi-bin/a.sh"), [200, outA]);
      assertEquals(await get(command.port, "/cgi-bin/sub/b.sh"), [200, "b\n"]);
      const { code, stdout, stderr } = await command.stop();
      assertEquals(code, 0);
      assertMatch(stdout, /Programs in cgi-bin and htbin run with/);
      assertMatch(stderr, /\/cgi-bin\/sub\/b\.sh: hm\n/);
    });

    await t.step("all scripts, by their interpreter", async () => {
      const permissions = [...base, "--allow-run=/bin/sh"];
      await using command = await startCommand(["--cgi", tree.root], {
        permissions,
      });
      assertEquals(await get(command.port, "/cgi-bin/a.sh"), [200, outA]);
      assertEquals(await get(command.port, "/cgi-bin/sub/b.sh"), [200, "b\n"]);
    });

    await t.step("a script whose interpreter env finds in PATH", async () => {
      await using named = await makeTree([{
        path: "cgi-bin/n.sh",
        type: "file",
        content: `#!/usr/bin/env sh\n${PLAIN}; echo n\n`,
        mode: "755",
      }]);
      const permissions = [NET, `--allow-read=${named.root}`];
      await using command = await startCommand(["--cgi", named.root], {
        permissions: [...permissions, "--allow-run=/bin/sh"],
      });
      assertEquals(await get(command.port, "/cgi-bin/n.sh"), [200, "n\n"]);
    });

    await t.step("one script, and warns about the other", async () => {
      const permissions = [...base, `--allow-run=${a}`];
      await using command = await startCommand(["--cgi", tree.root], {
        permissions,
      });
      assertEquals(await get(command.port, "/cgi-bin/a.sh"), [200, outA]);
      assertEquals((await get(command.port, "/cgi-bin/sub/b.sh"))[0], 500);
      const { stderr } = await command.stop();
      assertMatch(
        stderr,
        /^http-server: Cannot run without --allow-run: .*sub\/b\.sh\n/,
      );
      assertMatch(stderr, /run again with --allow-run=.*sub\/b\.sh\n/);
    });

    await t.step("scripts beside a broken link", async () => {
      await Deno.symlink("nowhere", tree.path("cgi-bin/dangling"));
      const args = ["--port", "0", "--cgi", tree.root];
      const ended = await runToEnd(args, { permissions: base });
      await Deno.remove(tree.path("cgi-bin/dangling"));
      assertStringIncludes(ended.stderr, `--allow-run=${a},${b}`);
    });

    await t.step(
      "no script without --allow-run: the command does not start",
      async () => {
        const ended = await runToEnd(["--port", "0", "--cgi", tree.root], {
          permissions: base,
        });
        assertEquals([ended.code, ended.stdout], [1, ""]);
        assertMatch(
          ended.stderr,
          /^http-server: Cannot run CGI scripts [^\n]+\n$/,
        );
        assertStringIncludes(ended.stderr, `--allow-run=${a},${b}`);
      },
    );

    await t.step(
      "no --allow-run and no script yet: it does not start",
      async () => {
        const ended = await runToEnd(
          ["--port", "0", "--cgi", tree.path("empty")],
          { permissions: base },
        );
        assertEquals(ended.code, 1);
        assertMatch(ended.stderr, /without --allow-run;/);
      },
    );

    await t.step("without --cgi, scripts are files", async () => {
      await using command = await startCommand([tree.root], {
        permissions: base,
      });
      const [, body] = await get(command.port, "/cgi-bin/a.sh");
      assertMatch(body, /^#!\/bin\/sh/);
    });
  },
});

Deno.test({
  name: "--cgi-env passes variables to scripts",
  ignore,
  async fn(t) {
    await using tree = await makeScripts();
    const base = [NET, `--allow-read=${tree.root}`, "--allow-run=/bin/sh"];
    const table: [flags: string[], permissions: string[], line: RegExp][] = [
      [["ADDED=x=y z"], [], /^a x=y z unset \/usr\/local\/sbin:/],
      [["ADDED="], [], /^a {2}unset /],
      [["ADDED=1", "PATH=/p"], [], /^a 1 unset \/p$/],
      [["HOME"], ["--allow-env=HOME"], /^a unset \/.* \/usr\/local\/sbin:/],
      [["PATH"], ["--allow-env=PATH"], /^a unset unset \//],
    ];
    for (const [variables, permissions, line] of table) {
      await t.step(variables.join(" "), async () => {
        const flags = variables.flatMap((variable) => ["--cgi-env", variable]);
        await using command = await startCommand(
          ["--cgi", ...flags, tree.root],
          { permissions: [...base, ...permissions] },
        );
        const [, body] = await get(command.port, "/cgi-bin/a.sh");
        assertMatch(body.trimEnd(), line);
      });
    }

    const refused: [flags: string[], code: number, line: RegExp][] = [
      [["--cgi", "--cgi-env", "HOME"], 1, /--allow-env=HOME;/],
      [["--cgi-env", "A=b"], 2, /"--cgi-env" requires "--cgi"/],
      [["--cgi", "--cgi-env", "A-B=c"], 2, /Invalid variable "A-B=c"/],
      [["--cgi", "--cgi-env", "=c"], 2, /Invalid variable "=c"/],
    ];
    for (const [flags, code, line] of refused) {
      await t.step(flags.join(" "), async () => {
        const ended = await runToEnd(["--port", "0", ...flags, tree.root], {
          permissions: base,
        });
        assertEquals(ended.code, code);
        assertMatch(ended.stderr, line);
      });
    }
  },
});

Deno.test({
  name: "--cgi ends its scripts when the command ends",
  ignore,
  async fn(t) {
    for (
      const [name, signals] of [
        ["at the first signal, when it has waited", ["SIGTERM"]],
        ["at the second one", ["SIGTERM", "SIGTERM"]],
      ] as const
    ) {
      await t.step(name, async () => {
        await using tree = await makeTree([{
          path: "cgi-bin/x.sh",
          type: "file",
          content:
            '#!/bin/sh\necho $$ >"${0%/*}/pid"\ntrap "" TERM\nsleep 30\n',
          mode: "755",
        }]);
        await using command = await startCommand(["--cgi", tree.root], {
          permissions: [NET, "--allow-read", "--allow-run"],
        });
        using conn = await Deno.connect({
          hostname: "127.0.0.1",
          port: command.port,
        });
        await conn.write(new TextEncoder().encode(head("/cgi-bin/x.sh")));
        const file = tree.path("cgi-bin/pid");
        let pid = "";
        while (!pid.endsWith("\n")) {
          pid = await Deno.readTextFile(file).catch(() => "");
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        for (const signal of signals) {
          Deno.kill(command.pid, signal);
          await command.says(/SIGTERM received/);
        }
        await command.ended();
        // The system needs a moment to remove the process.
        const gone = async (): Promise<boolean> => {
          const { success } = await new Deno.Command("sh", {
            args: ["-c", 'kill -0 "$1"', "sh", pid.trim()],
            stderr: "null",
          }).output();
          return !success;
        };
        const until = performance.now() + 2000;
        while (!await gone() && performance.now() < until);
        assert(await gone());
      });
    }
  },
});

Deno.test({
  name: "--cgi leaves neither zombies nor descriptors after many requests",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using tree = await makeScripts();
    // A separate process: tests in parallel also start programs.
    await using command = await startCommand(["--cgi", tree.root], {
      permissions: [NET, "--allow-read", "--allow-run"],
    });
    const count = async (what: string): Promise<number> => {
      const { stdout } = await new Deno.Command("sh", {
        args: ["-c", `${what} | wc -w`, "sh", `${command.pid}`],
      }).output();
      return Number(new TextDecoder().decode(stdout));
    };
    const descriptors = () => count('ls "/proc/$1/fd"');
    const children = () => count('cat "/proc/$1"/task/*/children');
    const round = async (): Promise<void> => {
      await Promise.all([
        get(command.port, "/cgi-bin/a.sh"),
        get(command.port, "/cgi-bin/sub/b.sh"),
        get(command.port, "/cgi-bin/sub/none.sh"),
        ask(
          command.port,
          head("/cgi-bin/a.sh", ["Content-Length: 100000"], "POST"),
          { repeat: "x", times: 100000 },
        ),
      ]);
    };
    await round();
    const before = await descriptors();
    for (let i = 0; i < 25; i++) await round();
    // Lingering connections close within a second.
    const until = performance.now() + 3000;
    while (await descriptors() > before && performance.now() < until);
    assert(await descriptors() <= before);
    assertEquals(await children(), 0);
  },
});

Deno.test({
  name: "--cgi tells scripts whether a request came over TLS",
  ignore: ignore || !HAS_OPENSSL || !isInstalled("curl"),
  async fn() {
    await using certificates = await makeCertificates();
    await using tree = await makeTree([{
      path: "cgi-bin/x.sh",
      type: "file",
      content: `#!/bin/sh\n${PLAIN}; echo "HTTPS is $HTTPS"\n`,
      mode: "755",
    }]);
    const cert = certificates.path("cert.pem");
    await using command = await startCommand(
      ["--cgi", "--tls-cert", cert, "--tls-key", certificates.path("key.pem")]
        .concat(tree.root),
      { permissions: [NET, "--allow-read", "--allow-run=/bin/sh"] },
    );
    const url = `https://localhost:${command.port}/cgi-bin/x.sh`;
    const { stdout } = await runProgram("curl", ["-s", "--cacert", cert, url]);
    assertEquals(stdout, "HTTPS is on\n");
  },
});
