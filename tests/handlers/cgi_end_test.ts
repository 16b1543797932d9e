// Copyright 2026 the pystd authors. MIT license.

/** The end of scripts: by themselves, after a disconnect, or at a limit. */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { CGIHTTPRequestHandler } from "../../handlers/cgi.ts";
import { RawClient } from "../support/client.ts";
import { isInstalled } from "../support/command.ts";
import { HAS_SH, head, PLAIN, serveScripts } from "../support/scripts.ts";
import { waitUntil } from "../support/wait.ts";

const ignore = !HAS_SH;

/** Whether a process exists; a zombie counts. */
async function isRunning(pid: string): Promise<boolean> {
  const { success } = await new Deno.Command("sh", {
    args: ["-c", 'kill -0 "$1"', "sh", pid],
    stderr: "null",
  }).output();
  return success;
}

async function readPid(path: string): Promise<string> {
  let pid = "";
  await waitUntil(async () => {
    pid = await Deno.readTextFile(path).catch(() => "");
    return pid.endsWith("\n");
  });
  return pid.trim();
}

/** Asserts that the process in `pid` ends when the client disconnects. */
async function endsWithItsClient(script: string): Promise<void> {
  class Handler extends CGIHTTPRequestHandler {
    static override cgiGrace = 100;
  }
  await using site = await serveScripts({ "cgi-bin/x.sh": script }, Handler);
  let id: string;
  {
    await using client = await RawClient.connect(site.port);
    await client.send(head("/cgi-bin/x.sh"));
    id = await readPid(site.tree.path("cgi-bin/pid"));
    assert(await isRunning(id));
  }
  await waitUntil(async () => !await isRunning(id));
}

Deno.test({
  name: "CGIHTTPRequestHandler ends the script when the client disconnects",
  ignore,
  async fn(t) {
    const pid = 'echo $$ >"${0%/*}/pid"';
    const scripts: Record<string, string> = {
      "before it says something": `${pid}; sleep 60 & wait`,
      "while it speaks":
        `${pid}; ${PLAIN}; while :; do echo x; sleep 0.02; done`,
      "although it ignores SIGTERM":
        `trap '' TERM; ${pid}; ${PLAIN}; echo; while :; do sleep 0.1; done`,
    };
    for (const [name, script] of Object.entries(scripts)) {
      await t.step(name, () => endsWithItsClient(script));
    }
  },
});

Deno.test({
  name: "CGIHTTPRequestHandler ends the processes that a script has started",
  ignore: ignore || !isInstalled("ps"),
  async fn(t) {
    const pid = '>"${0%/*}/pid"';
    const scripts: Record<string, string> = {
      "in the background": `sleep 60 & echo $! ${pid}; wait`,
      "in the foreground": `sh -c 'echo $$ ${pid}; exec sleep 60' "$0"`,
      "of the next generation": `sh -c 'sleep 60 & echo $! ${pid}; wait' "$0"`,
      "that ignores SIGTERM":
        `sh -c 'trap "" TERM; echo $$ ${pid}; sleep 60' "$0"`,
    };
    for (const [name, script] of Object.entries(scripts)) {
      await t.step(name, () => endsWithItsClient(script));
    }
  },
});

Deno.test({
  name: "CGIHTTPRequestHandler ends a script that exceeds a limit on time",
  ignore,
  async fn(t) {
    class Handler extends CGIHTTPRequestHandler {
      // A busy machine may start scripts slowly.
      static override cgiTimeout = 4000;
      static override cgiSilence = 2000;
      static override cgiGrace = 100;
    }
    await using site = await serveScripts({
      "cgi-bin/mute.sh": "sleep 60",
      "cgi-bin/stubborn.sh": "trap '' TERM; while :; do sleep 0.1; done",
      "cgi-bin/stops.sh": `${PLAIN}; echo one; exec sleep 60`,
      "cgi-bin/babbles.sh": "while :; do printf 'X: y\\n'; sleep 0.05; done",
      "cgi-bin/closes.sh": `${PLAIN}; echo one; exec >&- 2>&-; exec sleep 60`,
      "cgi-bin/leaves.sh":
        `${PLAIN}; echo one; sleep 60 & echo $! >"\${0%/*}/left"`,
    }, Handler);
    const table: [script: string, status: number, body: string][] = [
      ["mute", 504, ""],
      ["stubborn", 504, ""],
      ["stops", 200, "one\n"],
      ["babbles", 504, ""],
      ["closes", 200, "one\n"],
      ["leaves", 200, "one\n"],
    ];
    const run = async (request: string): Promise<[string, string]> => {
      await using client = await RawClient.connect(site.port);
      await client.send(request);
      assert(await client.waitFor(() => client.closed, 10_000));
      const log = site.server.log(client.localPort).join("\n");
      return [client.received, log];
    };
    // They mostly wait, so they run at the same time.
    const cutOff = run(head("/cgi-bin/stops.sh"));
    const runs = table.map(([script]) =>
      run(`GET /cgi-bin/${script}.sh HTTP/1.0\r\n\r\n`)
    );
    for (const [i, [script, status, body]] of table.entries()) {
      await t.step(script, async () => {
        const [received, log] = await runs[i]!;
        assertMatch(received, new RegExp(`^HTTP/1.1 ${status} `));
        if (status === 200) assert(received.endsWith(`\r\n\r\n${body}`));
        if (status !== 504) return;
        assertMatch(log, /was terminated: it (?:was silent|ran) for too long/);
        assertMatch(log, /CGI script exit code -(?:15|9)/);
      });
    }
    // It is no descendant of the script any more, so it keeps running.
    const left = await readPid(site.tree.path("cgi-bin/left"));
    Deno.kill(Number(left), "SIGKILL");
    await t.step("a body that is cut off has no end", async () => {
      const [received] = await cutOff;
      assert(received.endsWith("4\r\none\n\r\n"));
    });
  },
});

Deno.test({
  name:
    "CGIHTTPRequestHandler logs what scripts say to stderr, and how they end",
  ignore,
  async fn(t) {
    await using site = await serveScripts({
      "cgi-bin/err.sh": `printf 'one\\r\\ntwo \\033[31m\\nthree' >&2; ${PLAIN}`,
      "cgi-bin/fail.sh": `${PLAIN}; exit 3`,
      "cgi-bin/signal.sh": `${PLAIN}; kill -KILL $$`,
    });
    const table: [script: string, lines: string[]][] = [
      ["err", [
        "/cgi-bin/err.sh: one",
        "/cgi-bin/err.sh: two \\x1b[31m",
        "/cgi-bin/err.sh: three",
      ]],
      ["fail", ["CGI script exit code 3"]],
      ["signal", ["CGI script exit code -9"]],
    ];
    for (const [script, lines] of table) {
      await t.step(script, async () => {
        await using client = await RawClient.connect(site.port);
        await client.send(`GET /cgi-bin/${script}.sh HTTP/1.0\r\n\r\n`);
        await client.waitFor(() => client.closed);
        const log = site.server.log(client.localPort).map((line) =>
          line.replace(/^.*?\] /, "")
        );
        const request = `"GET /cgi-bin/${script}.sh HTTP/1.0" 200 -`;
        assertEquals(log.toSorted(), [request, ...lines].toSorted());
      });
    }
  },
});
