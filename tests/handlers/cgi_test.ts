// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { CGIHTTPRequestHandler } from "../../handlers/cgi.ts";
import { field } from "../support/answers.ts";
import { ask, RawClient } from "../support/client.ts";
import { isInstalled } from "../support/command.ts";
import { HAS_SH, head, PLAIN, serveScripts } from "../support/scripts.ts";

const ignore = !HAS_SH;

/** How long what must happen may take, in ms. */
const PATIENCE = 5000;

/** Whether a process is there, be it as a zombie. */
async function isRunning(pid: string): Promise<boolean> {
  const { success } = await new Deno.Command("sh", {
    args: ["-c", 'kill -0 "$1"', "sh", pid],
    stderr: "null",
  }).output();
  return success;
}

async function until(condition: () => Promise<boolean>): Promise<boolean> {
  const end = performance.now() + PATIENCE;
  while (performance.now() < end) {
    if (await condition()) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}

async function readPid(path: string): Promise<string> {
  let pid = "";
  await until(async () => {
    pid = await Deno.readTextFile(path).catch(() => "");
    return pid.endsWith("\n");
  });
  return pid.trim();
}

Deno.test({
  name: "CGIHTTPRequestHandler sends output as it comes, in chunks",
  ignore,
  async fn() {
    await using site = await serveScripts({
      // Waits for a file that comes only when the first part has arrived.
      "cgi-bin/slow.sh":
        `${PLAIN}; echo one; until [ -e go ]; do sleep 0.02; done; echo two`
          .replace("go", '"${0%/*}/go"'),
    });
    await using client = await RawClient.connect(site.port);
    await client.send(head("/cgi-bin/slow.sh"));
    await client.waitFor(() => client.received.includes("one\n"));
    assertMatch(client.received, /^HTTP\/1\.1 200 Script output follows\r\n/);
    assertMatch(client.received, /\r\nTransfer-Encoding: chunked\r\n/);
    await Deno.writeTextFile(site.tree.path("cgi-bin/go"), "");
    await client.waitFor(() => client.received.includes("0\r\n\r\n"));
    assert(client.received.endsWith("\r\n4\r\ntwo\n\r\n0\r\n\r\n"));
    // The connection persists.
    await client.send("GET /none HTTP/1.1\r\nHost: h\r\n\r\n");
    await client.waitFor(() => client.received.includes(" 404 "));
  },
});

Deno.test({
  name: "CGIHTTPRequestHandler streams a body to a script, and back",
  ignore,
  async fn() {
    await using site = await serveScripts({
      "cgi-bin/cat.sh": `${PLAIN}; exec cat`,
    });
    await using client = await RawClient.connect(site.port);
    await client.send(
      head("/cgi-bin/cat.sh", ["Content-Length: 6"], "POST"),
      "abc",
    );
    await client.waitFor(() => client.received.includes("abc"));
    await client.send("def");
    await client.waitFor(() => client.received.endsWith("0\r\n\r\n"));
    assert(client.received.includes("def"));
  },
});

Deno.test({
  name: "CGIHTTPRequestHandler keeps a chunked body until it knows its length",
  ignore,
  async fn() {
    class Handler extends CGIHTTPRequestHandler {
      static override maxCgiSpoolBytes = 10;
    }
    await using site = await serveScripts({
      "cgi-bin/cat.sh": `${PLAIN}; echo "$CONTENT_LENGTH"; exec cat`,
    }, Handler);
    const post = head(
      "/cgi-bin/cat.sh",
      ["Transfer-Encoding: chunked"],
      "POST",
    );
    const [short] = await ask(
      site.port,
      post,
      "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
    );
    assertEquals(short!.body, "5\nabcde");
    const [empty] = await ask(site.port, post, "0\r\n\r\n");
    assertEquals(empty!.body, "0\n");
    const [full] = await ask(site.port, post, "a\r\n0123456789\r\n0\r\n\r\n");
    assertEquals(full!.body, "10\n0123456789");
    const [long] = await ask(site.port, post, "b\r\n0123456789a\r\n0\r\n\r\n");
    assertEquals(long!.status, 411);
  },
});

Deno.test({
  name: "CGIHTTPRequestHandler is not held up by a script that does not read",
  ignore,
  async fn(t) {
    await using site = await serveScripts({
      "cgi-bin/deaf.sh": `${PLAIN}; echo done`,
      "cgi-bin/closes.sh": `exec 0<&-; ${PLAIN}; sleep 0.2; echo done`,
      "cgi-bin/head.sh": `head -c 1 >/dev/null; ${PLAIN}; echo done`,
      "cgi-bin/sleeps.sh": `${PLAIN}; sleep 0.2; echo done`,
    });
    for (const name of ["deaf", "closes", "head", "sleeps"]) {
      await t.step(name, async () => {
        const [answer] = await ask(
          site.port,
          head(`/cgi-bin/${name}.sh`, ["Content-Length: 200000"], "POST"),
          { repeat: "x", times: 200000 },
        );
        assertEquals([answer!.status, answer!.body], [200, "done\n"]);
      });
    }
  },
});

/** The process that a script names in `pid` ends when its client goes away. */
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
  assert(await until(async () => !await isRunning(id)));
}

Deno.test({
  name: "CGIHTTPRequestHandler ends the script of a client that goes away",
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
  name: "CGIHTTPRequestHandler ends what the script has started along with it",
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
  name: "CGIHTTPRequestHandler ends a script that takes too long",
  ignore,
  async fn(t) {
    class Handler extends CGIHTTPRequestHandler {
      // A busy machine may take its time to start a script.
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
      assert(await client.waitFor(() => client.closed, 2 * PATIENCE));
      const log = site.server.log(client.localPort).join("\n");
      return [client.received, log];
    };
    // They do little but wait, so they may do it together.
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
        assertMatch(log, /was ended: it (?:was silent|ran) for too long/);
        assertMatch(log, /CGI script exit code -(?:15|9)/);
      });
    }
    // It is no longer the script's, and was not to be ended with it.
    const left = await readPid(site.tree.path("cgi-bin/left"));
    Deno.kill(Number(left), "SIGKILL");
    await t.step("a body that is cut off has no end", async () => {
      const [received] = await cutOff;
      assert(received.endsWith("4\r\none\n\r\n"));
    });
  },
});

Deno.test({
  name: "CGIHTTPRequestHandler runs no more than maxCgiProcesses at once",
  ignore,
  async fn() {
    class Handler extends CGIHTTPRequestHandler {
      static override maxCgiProcesses = 1;
    }
    await using site = await serveScripts({
      "cgi-bin/wait.sh":
        `${PLAIN}; echo on; until [ -e "\${0%/*}/go" ]; do sleep 0.02; done`,
      "cgi-bin/x.sh": `${PLAIN}; echo x`,
    }, Handler);
    await using client = await RawClient.connect(site.port);
    await client.send(head("/cgi-bin/wait.sh"));
    await client.waitFor(() => client.received.includes("on\n"));
    const [refused] = await ask(site.port, head("/cgi-bin/x.sh"));
    assertEquals(refused!.status, 503);
    assertEquals(field(refused!, "retry-after"), "1");
    await Deno.writeTextFile(site.tree.path("cgi-bin/go"), "");
    await client.waitFor(() => client.received.endsWith("0\r\n\r\n"));
    // The script ends a little after its output.
    const served = async (): Promise<boolean> => {
      const [answer] = await ask(site.port, head("/cgi-bin/x.sh"));
      return answer!.body === "x\n" &&
        field(answer!, "retry-after") === undefined;
    };
    assert(await until(served));
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

Deno.test({
  name: "CGIHTTPRequestHandler answers for a local redirect, but not for ever",
  ignore,
  async fn(t) {
    await using site = await serveScripts({
      "cgi-bin/to.sh": `printf 'Location: %s\\n\\n' "$QUERY_STRING"`,
      "cgi-bin/loop.sh": `printf 'Location: /cgi-bin/loop.sh\\n\\n'`,
      "cgi-bin/say.sh":
        `${PLAIN}; echo "$REQUEST_METHOD $REQUEST_URI $CONTENT_LENGTH"`,
      "cgi-bin/cookie.sh":
        `printf 'Set-Cookie: a=b\\nLocation: /page.txt\\n\\n'`,
      "page.txt": "#!page\n",
    });
    const table: [string, number, string | RegExp][] = [
      ["/cgi-bin/to.sh?/page.txt", 200, "#!page\n"],
      ["/cgi-bin/to.sh?//page.txt", 200, "#!page\n"],
      ["/cgi-bin/to.sh?/cgi-bin/say.sh?x=y", 200, "GET /cgi-bin/say.sh?x=y \n"],
      ["/cgi-bin/to.sh?/cgi-bin/to.sh?/page.txt", 200, "#!page\n"],
      ["/cgi-bin/to.sh?/none", 404, /File not found/],
      ["/cgi-bin/to.sh?/../x", 404, /File not found/],
      ["/cgi-bin/loop.sh", 502, /Error code: 502/],
      ["/cgi-bin/to.sh?http://h/", 302, ""],
      ["/cgi-bin/cookie.sh", 302, ""],
    ];
    for (const [target, status, body] of table) {
      await t.step(target, async () => {
        const [answer] = await ask(
          site.port,
          head(target, ["Content-Length: 2"], "POST"),
          "ab",
        );
        assertEquals(answer!.status, status);
        if (typeof body === "string") assertEquals(answer!.body, body);
        else assertMatch(answer!.body, body);
      });
    }
    await t.step("a HEAD stays one", async () => {
      const [answer] = await ask(
        site.port,
        head("/cgi-bin/to.sh?/page.txt", [], "HEAD"),
      );
      assertEquals(answer!.status, 200);
      assertEquals(field(answer!, "content-length"), "7");
      assertEquals(answer!.body, "");
    });
  },
});

Deno.test({
  name: "CGIHTTPRequestHandler passes on PATH and cgiEnv, and nothing else",
  ignore,
  async fn() {
    await using site = await serveScripts(
      {
        "cgi-bin/env.sh": `${PLAIN}; env`,
      },
      CGIHTTPRequestHandler,
      { cgiEnv: { ADDED: "yes", QUERY_STRING: "no" } },
    );
    const [answer] = await ask(site.port, head("/cgi-bin/env.sh?q=1"));
    const variables = Object.fromEntries(
      answer!.body.trim().split("\n").map((line) => line.split(/=(.*)/)),
    );
    // The shell's own.
    for (const name of ["PWD", "_", "OLDPWD", "SHLVL"]) delete variables[name];
    assertEquals(variables, {
      ADDED: "yes",
      DOCUMENT_ROOT: site.tree.root,
      GATEWAY_INTERFACE: "CGI/1.1",
      HTTP_ACCEPT: "",
      HTTP_COOKIE: "",
      HTTP_HOST: "h",
      HTTP_REFERER: "",
      HTTP_USER_AGENT: "",
      PATH: Deno.env.get("PATH"),
      PATH_INFO: "",
      QUERY_STRING: "q=1",
      REDIRECT_STATUS: "200",
      REMOTE_ADDR: "127.0.0.1",
      REMOTE_HOST: "127.0.0.1",
      REQUEST_METHOD: "GET",
      REQUEST_URI: "/cgi-bin/env.sh?q=1",
      SCRIPT_FILENAME: site.tree.path("cgi-bin/env.sh"),
      SCRIPT_NAME: "/cgi-bin/env.sh",
      SERVER_NAME: site.server.httpd.serverName,
      SERVER_PORT: `${site.port}`,
      SERVER_PROTOCOL: "HTTP/1.1",
      SERVER_SOFTWARE:
        `${CGIHTTPRequestHandler.serverVersion} Deno/${Deno.version.deno}`,
    });
  },
});

Deno.test({
  name: "CGIHTTPRequestHandler answers a client that has ended its side",
  ignore,
  async fn() {
    await using site = await serveScripts({
      "cgi-bin/x.sh": `sleep 0.1; ${PLAIN}; echo done`,
    });
    await using client = await RawClient.connect(site.port);
    await client.send("GET /cgi-bin/x.sh HTTP/1.0\r\n\r\n");
    await client.closeWrite();
    await client.waitFor(() => client.closed);
    assert(client.received.endsWith("\r\n\r\ndone\n"));
  },
});

Deno.test({
  name: "CGIHTTPRequestHandler answers pipelined requests in turn",
  ignore,
  async fn() {
    await using site = await serveScripts({
      "cgi-bin/x.sh": `${PLAIN}; cat; echo "$QUERY_STRING"`,
    });
    const answers = await ask(
      site.port,
      head("/cgi-bin/x.sh?1"),
      head("/cgi-bin/x.sh?2", ["Content-Length: 3"], "POST"),
      "abc",
      head("/cgi-bin/x.sh?3", ["Connection: close"]),
    );
    assertEquals(answers.map(({ body }) => body), ["1\n", "abc2\n", "3\n"]);
  },
});
