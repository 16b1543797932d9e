// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { CGIHTTPRequestHandler } from "../../handlers/cgi.ts";
import { field } from "../support/answers.ts";
import { ask, RawClient } from "../support/client.ts";
import { HAS_SH, head, PLAIN, serveScripts } from "../support/scripts.ts";
import { waitUntil } from "../support/wait.ts";

const ignore = !HAS_SH;

Deno.test({
  name: "CGIHTTPRequestHandler streams output in chunks",
  ignore,
  async fn() {
    await using site = await serveScripts({
      // Waits for a file that the test creates when the first part has arrived.
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
  name: "CGIHTTPRequestHandler buffers a chunked body to know its length",
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
  name: "CGIHTTPRequestHandler does not block on a script that does not read",
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

Deno.test({
  name: "CGIHTTPRequestHandler runs at most maxCgiProcesses at once",
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
    // The script ends shortly after its output.
    const served = async (): Promise<boolean> => {
      const [answer] = await ask(site.port, head("/cgi-bin/x.sh"));
      return answer!.body === "x\n" &&
        field(answer!, "retry-after") === undefined;
    };
    await waitUntil(served);
  },
});

Deno.test({
  name: "CGIHTTPRequestHandler follows local redirects up to a limit",
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
  name: "CGIHTTPRequestHandler passes only PATH and cgiEnv on",
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
    // Variables of the shell.
    for (const name of ["PWD", "_", "OLDPWD", "SHLVL"]) delete variables[name];
    assertEquals(variables, {
      ADDED: "yes",
      DOCUMENT_ROOT: site.tree.root,
      GATEWAY_INTERFACE: "CGI/1.1",
      HTTP_ACCEPT: "",
      HTTP_COOKIE: "",
      HTTP_HOST: "localhost",
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
  name: "CGIHTTPRequestHandler answers a client that has closed its side",
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
  name: "CGIHTTPRequestHandler answers pipelined requests in order",
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
