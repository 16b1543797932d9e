// Copyright 2026 the pystd authors. MIT license.

/**
 * Scripts that cannot be started, and clients that disconnect early.
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertStringIncludes } from "@std/assert/string-includes";
import { CGIHTTPRequestHandler } from "../../handlers/cgi.ts";
import { ask, RawClient } from "../support/client.ts";
import { HAS_SH, head, PLAIN, serveScripts } from "../support/scripts.ts";
import { stub, systemError } from "../support/stub.ts";
import { waitUntil } from "../support/wait.ts";

const ignore = !HAS_SH;
const CLOSE = ["Connection: close"];

Deno.test({
  name: "CGIHTTPRequestHandler logs why the system does not start a script",
  ignore,
}, async (t) => {
  const table: [code: string, status: number, retryAfter?: string][] = [
    ["EACCES", 403],
    ["E2BIG", 431],
    ["EAGAIN", 503, "5"],
    ["EMFILE", 503, "5"],
    ["ENFILE", 503, "5"],
    ["ENOMEM", 503, "5"],
    ["ENOEXEC", 500],
  ];
  await using site = await serveScripts({ "cgi-bin/x.sh": PLAIN });
  for (const [code, status, retryAfter] of table) {
    await t.step(code, async () => {
      class Command extends Deno.Command {
        override spawn(): Deno.ChildProcess {
          throw systemError(code);
        }
      }
      using _ = stub(Deno, "Command", () => Command);
      await using client = await RawClient.connect(site.port);
      await client.send(head("/cgi-bin/x.sh", CLOSE));
      assert(await client.waitFor(() => client.closed));
      assertEquals(client.received.slice(9, 12), `${status}`);
      assert(!client.received.includes("The system says"));
      const wait = /^Retry-After: (\d+)\r$/m.exec(client.received)?.[1];
      assertEquals(wait !== undefined, retryAfter !== undefined);
      assertStringIncludes(
        site.server.log(client.localPort).join("\n"),
        `Cannot run the CGI script /cgi-bin/x.sh: The system says ${code}`,
      );
    });
  }
});

Deno.test({
  name:
    "CGIHTTPRequestHandler ends a script whose client leaves while it sends",
  ignore,
}, async () => {
  await using site = await serveScripts({
    "cgi-bin/x.sh": `trap 'echo ended > end; exit' TERM; cd "$DOCUMENT_ROOT"
echo $$ > start; while :; do sleep 0.02; done`,
  });
  await using client = await RawClient.connect(site.port);
  await client.send(head("/cgi-bin/x.sh", ["Content-Length: 10"], "POST"));
  await client.send("five!");
  await waitUntil(() => isFile(site.tree.path("start")));
  await client[Symbol.asyncDispose]();
  await waitUntil(() => isFile(site.tree.path("end")));
});

Deno.test({
  name:
    "CGIHTTPRequestHandler answers 502 for an nph script without output, and cuts off a slow one",
  ignore,
}, async () => {
  class Hasty extends CGIHTTPRequestHandler {
    static override cgiTimeout = 200;
  }
  await using site = await serveScripts({
    "cgi-bin/nph-none": "exit 0",
    "cgi-bin/nph-long":
      "printf 'HTTP/1.0 200 OK\\r\\n\\r\\nfirst'; exec sleep 100",
  }, Hasty);
  const [none] = await ask(site.port, head("/cgi-bin/nph-none"));
  assertEquals(none.status, 502);
  await using client = await RawClient.connect(site.port);
  await client.send(head("/cgi-bin/nph-long"));
  assert(await client.waitFor(() => client.closed));
  assert(client.received.endsWith("\r\n\r\nfirst"));
  assertStringIncludes(
    site.server.log(client.localPort).join("\n"),
    "it ran for too long",
  );
});

Deno.test({
  name: "CGIHTTPRequestHandler shows no script through a link",
  ignore,
}, async () => {
  await using site = await serveScripts({
    "cgi-bin/long.sh": `${PLAIN}\n${"# a comment\n".repeat(30_000)}echo ran`,
    "a/b.txt": "#!b",
  });
  await Deno.symlink("../cgi-bin/long.sh", site.tree.path("a/x.txt"));
  const [shown] = await ask(site.port, head("/a/x.txt"));
  assertEquals(shown.status, 404);
  const [ran] = await ask(site.port, head("/cgi-bin/long.sh"));
  assertEquals(ran.body, "ran\n");
});

Deno.test({
  name: "CGIHTTPRequestHandler runs scripts of the root, and lists its folders",
  ignore,
}, async () => {
  const told: boolean[] = [];
  class Rooted extends CGIHTTPRequestHandler {
    static override cgiDirectories = ["/"];
    override isExecutable(path: string): boolean {
      told.push(super.isExecutable(path), super.isExecutable(`${path}/none`));
      told.push(this.isPython(path), this.isPython("/a/b.py"));
      return super.isExecutable(path);
    }
  }
  await using site = await serveScripts({
    "x.sh": `${PLAIN}; echo ran`,
    "d/a.txt": "text",
  }, Rooted);
  const [ran] = await ask(site.port, head("/x.sh", CLOSE));
  assertEquals(ran.body, "ran\n");
  assertEquals(told, [true, false, false, true]);
  const [listing] = await ask(site.port, head("/d/", CLOSE));
  assertEquals(listing.status, 200);
});

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).size > 0;
  } catch {
    return false;
  }
}
