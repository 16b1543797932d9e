// Copyright 2026 the pystd authors. MIT license.

/**
 * Attacks on the CGI handler over raw sockets: by paths, by header fields, and
 * by the output of scripts.
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { CGIHTTPRequestHandler } from "../../handlers/cgi.ts";
import { field } from "../support/answers.ts";
import { ask } from "../support/client.ts";
import { HAS_SH, head, PLAIN, serveScripts } from "../support/scripts.ts";

const ignore = !HAS_SH;

class Lenient extends CGIHTTPRequestHandler {
  static override protocolVersion = "HTTP/1.0";
}

/** Text in the source of each script, but never in its output. */
const SOURCE = ": SOURCE";

Deno.test({
  name: "no path shows a script's source, or runs one outside",
  ignore,
  async fn(t) {
    const scripts = {
      "cgi-bin/x.sh": `${SOURCE}\n${PLAIN}; echo ran`,
      "cgi-bin/sub/y.sh": `${SOURCE}\n${PLAIN}; echo ran`,
      "cgi-bin/.hidden.sh": `${SOURCE}\n${PLAIN}; echo HIDDEN`,
      "other/z.sh": `${PLAIN}; echo OUT''SIDE`,
      "a/b.txt": "#!b",
    };
    for (const Handler of [CGIHTTPRequestHandler, Lenient]) {
      await using site = await serveScripts(scripts, Handler, {
        dotfiles: false,
      });
      const { tree } = site;
      // Outside the served directory; links lead there.
      const outside = `${tree.root}-outside.sh`;
      await Deno.writeTextFile(
        outside,
        `#!/bin/sh\n${SOURCE}\n${PLAIN}; echo OUT''SIDE\n`,
        { mode: 0o755 },
      );
      await Deno.symlink(outside, tree.path("cgi-bin/link.sh"));
      await Deno.symlink("cgi-bin", tree.path("alias"));
      await Deno.symlink("../cgi-bin/x.sh", tree.path("a/index.html"));
      await Deno.symlink("../cgi-bin/x.sh", tree.path("a/x.txt"));
      const name = outside.split("/").pop()!;
      const targets = [
        // CVE-2011-1015, CVE-2014-4650, bpo-19435
        "cgi-bin/x.sh",
        "./cgi-bin/x.sh",
        "/cgi-bin%2fx.sh",
        "/cgi-bin%2Fx.sh",
        "/%2fcgi-bin%2fx.sh",
        "%2fcgi-bin%2fx.sh",
        "/cgi-bin/sub%2fy.sh",
        "/cgi-bin/sub%2f..%2fx.sh",
        "/cgi-bin//x.sh",
        "//cgi-bin/x.sh",
        "/./cgi-bin/x.sh",
        "/cgi-bin/./x.sh",
        "/a/../cgi-bin/x.sh",
        "/a/%2e%2e/cgi-bin/x.sh",
        "/a/..%2fcgi-bin/x.sh",
        "/cgi-bin/../cgi-bin/x.sh",
        "/cgi-bin/x.sh/..",
        "/cgi-bin/x.sh/.",
        "/cgi-bin/x.sh/",
        "/cgi-bin/x.sh%2f",
        "/cgi-bin/x.sh/../x.sh",
        "/cgi-bin/x.sh/%2e%2e/x.sh",
        "/cgi-bin/sub/../x.sh",
        // Escaped twice
        "/cgi-bin%252fx.sh",
        "/cgi-bin/%252e%252e/other/z.sh",
        "/cgi-bin/x%252esh",
        // NUL, control characters, separators of other systems
        "/cgi-bin/x.sh%00",
        "/cgi-bin/x.sh%00.txt",
        "/cgi-bin%00/x.sh",
        "/cgi-bin/x.sh/%00",
        "/cgi-bin/%00x.sh",
        "/cgi-bin/x.sh%0a",
        "/cgi-bin/x.sh%20",
        "/cgi-bin/x.sh.",
        "/cgi-bin\\x.sh",
        "/cgi-bin%5cx.sh",
        "/cgi-bin/x.sh::$DATA",
        "/CGI-BIN/x.sh",
        "/cgi-bin/%78.sh",
        "/cgi-bin/x.sh%ED%A0%80",
        "/cgi-bin/x.sh/%ED%A0%80",
        "/cgi-bin/%ff",
        // Queries and fragments
        "/cgi-bin/x.sh%3f",
        "/cgi-bin/x.sh%3fa=b",
        "/cgi-bin%3f/x.sh",
        "/cgi-bin/x.sh?/../../other/z.sh",
        "/cgi-bin?/x.sh",
        "/cgi-bin/sub?/y.sh",
        "/cgi-bin/sub?y.sh",
        "/cgi-bin/?x.sh",
        "/cgi-bin/x.sh#",
        "/cgi-bin/#x.sh",
        "/cgi-bin#/x.sh",
        "/a/b.txt#/../../cgi-bin/x.sh",
        // Paths out of the script directories
        "/cgi-bin/../other/z.sh",
        "/cgi-bin/..%2fother/z.sh",
        "/cgi-bin/x.sh/../../other/z.sh",
        "/cgi-bin/sub/../../other/z.sh",
        "/cgi-bin/%2e%2e/%2e%2e/" + name,
        "/cgi-bin/../../" + name,
        "/cgi-bin/..%2f..%2f" + name,
        "/cgi-bin//" + outside,
        "/cgi-bin/link.sh",
        "/cgi-bin/link.sh/x",
        "/../cgi-bin/x.sh",
        "/cgi-bin/../../cgi-bin/x.sh",
        // Links into the script directory, and hidden scripts
        "/alias/x.sh",
        "/alias/sub/y.sh",
        "/alias/",
        "/alias",
        "/a/x.txt",
        "/cgi-bin/.hidden.sh",
        "/cgi-bin/%2ehidden.sh",
        "/cgi-bin/",
        "/cgi-bin",
        "/cgi-bin/sub",
        "/cgi-bin/sub/",
        // Absolute form
        "http://h/cgi-bin/x.sh",
        "http://h/cgi-bin%2fx.sh",
        "http://h/other/../cgi-bin/x.sh",
      ];
      for (const target of targets) {
        await t.step(`${Handler.protocolVersion} ${target}`, async () => {
          for (const method of ["GET", "POST"]) {
            const [answer] = await ask(
              site.port,
              `${method} ${target} HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
            );
            assert(answer !== undefined, "There is an answer");
            const text = answer.head + answer.body;
            assertEquals(/SOURCE|OUTSIDE|HIDDEN/.exec(text), null);
            assert(answer.status !== 500 && answer.status !== 502);
          }
        });
      }
      await Deno.remove(outside);
    }
  },
});

Deno.test({
  name: "an index page that is a link to a script shows no source",
  ignore,
  async fn() {
    await using site = await serveScripts({
      "cgi-bin/x.sh": `${SOURCE}\n${PLAIN}; echo ran`,
      "a/b.txt": "#!b",
    });
    await Deno.symlink("../cgi-bin/x.sh", site.tree.path("a/index.html"));
    const [answer] = await ask(site.port, head("/a/"));
    assertEquals(answer!.body.includes("SOURCE"), false);
  },
});

Deno.test({
  name: "an entry in a script directory that is not a plain file is 403",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using site = await serveScripts({ "cgi-bin/x.sh": ":" });
    const path = site.tree.path("cgi-bin/fifo");
    await new Deno.Command("mkfifo", { args: [path] }).output();
    const [answer] = await ask(site.port, head("/cgi-bin/fifo"));
    assertEquals(answer!.status, 403);
    assertMatch(answer!.body, /not a plain file/);
  },
});

Deno.test({
  name: "no field becomes a variable that programs trust",
  ignore,
  async fn(t) {
    for (const Handler of [CGIHTTPRequestHandler, Lenient]) {
      await using site = await serveScripts({
        "cgi-bin/env.sh": `${PLAIN}; env`,
      }, Handler);
      const table: [fields: string[], absent: RegExp][] = [
        // httpoxy: CVE-2016-5385 and related ones
        [["Proxy: http://evil/"], /evil/],
        [["proxy: http://evil/", "PROXY: http://evil/"], /evil/],
        [["Proxy-Authorization: evil"], /evil/],
        [["Authorization: Basic ZXZpbA=="], /HTTP_AUTHORIZATION/],
        // Two spellings of one variable
        [["X_Forwarded_For: evil"], /evil/],
        [["Content_Length: evil", "Content-Length_: evil"], /evil/],
        // System variables
        [["PATH: evil", "LD_PRELOAD: evil"], /^(PATH|LD_PRELOAD)=evil/m],
        [["GATEWAY_INTERFACE: evil"], /evil/],
        [["Connection: x-hop", "X-Hop: evil"], /evil/],
        // Line ends, which could start another variable
        [["X-A: a\rEVIL=1"], /^EVIL=/m],
        [["X-A: a\0EVIL=1"], /^EVIL=/m],
        [["X-A=B: c", "() { :;}: evil"], /evil|X_A=B/],
      ];
      for (const [fields, absent] of table) {
        await t.step(JSON.stringify(fields), async () => {
          const [answer] = await ask(
            site.port,
            head("/cgi-bin/env.sh", [...fields, "Connection: close"]),
          );
          assertEquals(absent.exec(answer!.body), null);
          assert([200, 400].includes(answer!.status), `${answer!.status}`);
        });
      }
    }
  },
});

Deno.test({
  name: "a script's output cannot add a field or a response",
  ignore,
  async fn(t) {
    await using site = await serveScripts({
      // Prints text of the client, unescaped by printf.
      "cgi-bin/say.sh": `printf "$(cat)"`,
    });
    const table: [output: string, status: number][] = [
      ["Content-Type: a/b\\rX-Evil: 1\\n\\n", 502],
      ["Content-Type: a/b\\r\\rX-Evil: 1\\r\\n\\r\\n", 502],
      ["Content-Type: a/b\\000X-Evil: 1\\n\\n", 502],
      ["Content-Type: a/b\\n X-Evil: 1\\n\\n", 502],
      ["Content-Type: a/b\\nX-Evil\\r: 1\\n\\n", 502],
      ["Content-Type: a/b\\nX Evil: 1\\n\\n", 502],
      ["Content-Type: a/b\\n: 1\\n\\n", 502],
      ["Status: 200 OK\\rX-Evil: 1\\n\\n", 502],
      ["Location: http://h/\\rX-Evil: 1\\n\\n", 502],
      [
        "Status: 100 Continue\\n\\nHTTP/1.1 200 OK\\r\\nX-Evil: 1\\r\\n\\r\\n",
        502,
      ],
      ["Status: 204\\n\\nHTTP/1.1 200 OK\\r\\nX-Evil: 1\\r\\n\\r\\n", 204],
      ["Status: 304\\n\\nHTTP/1.1 200 OK\\r\\nX-Evil: 1\\r\\n\\r\\n", 304],
      [
        "Content-Type: a/b\\nContent-Length: 0\\n\\nHTTP/1.1 200 OK\\r\\nX-Evil: 1\\r\\n\\r\\n",
        200,
      ],
      [
        "Location: http://h/\\n\\nHTTP/1.1 200 OK\\r\\nX-Evil: 1\\r\\n\\r\\n",
        302,
      ],
      [
        "Content-Type: a/b\\nTransfer-Encoding: chunked\\nContent-Length: 3\\n\\nabc",
        200,
      ],
      [
        "Content-Type: a/b\\nContent-Length: 3\\nContent-Length: 4\\n\\nabcd",
        502,
      ],
    ];
    for (const [output, status] of table) {
      await t.step(output, async () => {
        const body = output;
        const answers = await ask(
          site.port,
          head("/cgi-bin/say.sh", [`Content-Length: ${body.length}`], "POST"),
          body,
          head("/none", ["Connection: close"]),
        );
        assertEquals(answers[0]!.status, status);
        for (const answer of answers) {
          assertEquals(field(answer, "x-evil"), undefined);
          assertEquals(
            field(answer, "transfer-encoding")?.includes("gzip"),
            undefined,
          );
        }
        // The next response follows, or nothing.
        assert(answers.slice(1).every((answer) => answer.status === 404));
      });
    }
    await t.step("a header block without an end", async () => {
      await using endless = await serveScripts({
        "cgi-bin/x.sh":
          "while :; do echo 'X-A: aaaaaaaaaaaaaaaaaaaaaaaa'; done",
      });
      const [answer] = await ask(endless.port, head("/cgi-bin/x.sh"));
      assertEquals(answer!.status, 502);
    });
  },
});
