// Copyright 2026 the pystd authors. MIT license.

/**
 * Scripts in an empty folder import each entry point by its name. They pass
 * `deno check` under `strict`, and run with exactly the permissions in the
 * README. `permissions_test.ts` tests that each of these is needed.
 *
 * @module
 */

import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { ROOT, runProgram, startCommand } from "./support/command.ts";
import { ENTRIES, outsideConfig } from "./support/outside.ts";
import { HAS_SH } from "./support/scripts.ts";
import { makeFiles } from "./support/tree.ts";

/** The end of a script: uses a handler class over a socket. */
const serve = (
  server: string,
  handler: string,
  path = "/a.txt",
  before = "",
): string => `
await using httpd = new ${server}(["127.0.0.1", 0], ${handler});
const served = httpd.serveForever();
const url = \`http://127.0.0.1:\${httpd.serverPort}${path}\`;
${before}
const response = await fetch(url);
console.log(response.status, (await response.text()).trim());
await httpd.shutdown();
await served;
`;

const HELLO = `
class Hello extends BaseHTTPRequestHandler {
  do_GET(): void {
    this.sendResponse(200);
    this.sendHeader("Content-Length", 6);
    this.endHeaders();
    this.wfile.write("hello\\n");
  }
  override logMessage(): void {}
}
`;

/** A file handler without a log. */
const quiet = (base: string): string => `
class Quiet extends ${base} {
  override logMessage(): void {}
}
`;

const NET = "--allow-net=127.0.0.1";
const READ = "--allow-read=share";
const WRITE = "--allow-write=share";
const RUN = "--allow-run=share/cgi-bin/hello.sh";

/** Scripts by entry point, with the permissions of its row. */
const SCRIPTS: Record<string, { code: string; permissions: string[] }> = {
  ".": {
    code:
      `import { BaseHTTPRequestHandler, HTTPServer } from "@pystd/http-server";
${HELLO}${serve("HTTPServer", "Hello")}`,
    permissions: [NET],
  },
  "./server": {
    code: `import { ThreadingHTTPServer } from "@pystd/http-server/server";
import { BaseHTTPRequestHandler } from "@pystd/http-server/handlers/base";
${HELLO}${serve("ThreadingHTTPServer", "Hello")}`,
    permissions: [NET],
  },
  "./handlers": {
    code:
      `import { SimpleHTTPRequestHandler } from "@pystd/http-server/handlers";
import { ThreadingHTTPServer } from "@pystd/http-server/server";
${quiet("SimpleHTTPRequestHandler")}
${serve("ThreadingHTTPServer", 'Quiet.with({ directory: "share" })')}`,
    permissions: [NET, READ],
  },
  "./handlers/base": {
    code: `import { HTTPServer } from "@pystd/http-server/server";
import { BaseHTTPRequestHandler } from "@pystd/http-server/handlers/base";
${HELLO}${serve("HTTPServer", "Hello")}`,
    permissions: [NET],
  },
  "./handlers/simple": {
    code: `import { ThreadingHTTPServer } from "@pystd/http-server/server";
import { SimpleHTTPRequestHandler } from "@pystd/http-server/handlers/simple";
${quiet("SimpleHTTPRequestHandler")}
${serve("ThreadingHTTPServer", 'Quiet.with({ directory: "share" })')}`,
    permissions: [NET, READ],
  },
  "./handlers/cgi": {
    code: `import { ThreadingHTTPServer } from "@pystd/http-server/server";
import { CGIHTTPRequestHandler } from "@pystd/http-server/handlers/cgi";
${quiet("CGIHTTPRequestHandler")}
${
      serve(
        "ThreadingHTTPServer",
        'Quiet.with({ directory: "share" })',
        HAS_SH ? "/cgi-bin/hello.sh" : undefined,
      )
    }`,
    permissions: [NET, READ, RUN],
  },
  "./handlers/share": {
    code: `import { ThreadingHTTPServer } from "@pystd/http-server/server";
import { ShareHTTPRequestHandler } from "@pystd/http-server/handlers/share";
${quiet("ShareHTTPRequestHandler")}
${serve("ThreadingHTTPServer", 'Quiet.with({ directory: "share" })')}`,
    permissions: [NET, READ],
  },
  "./sources": {
    code: `import { toFetchHandler } from "@pystd/http-server/fetch";
import { SimpleHTTPRequestHandler } from "@pystd/http-server/handlers/simple";
import { MemorySource } from "@pystd/http-server/sources";
${quiet("SimpleHTTPRequestHandler")}
const source = new MemorySource({ "a.txt": "hello" });
const handler = toFetchHandler(Quiet.with({ source }));
const response = await handler(new Request("http://h/a.txt"));
console.log(response.status, await response.text());`,
    permissions: [],
  },
  "./sources/r2": {
    code:
      `import { type R2Bucket, R2Source } from "@pystd/http-server/sources/r2";
const bucket = {
  head: (key: string) => Promise.resolve({ key, size: 5, uploaded: new Date() }),
} as unknown as R2Bucket;
const entry = await new R2Source(bucket).find("a.txt");
console.log(200, entry?.size === 5 ? "hello" : "another size");`,
    permissions: [],
  },
  "./sources/s3": {
    code: `import { S3Source } from "@pystd/http-server/sources/s3";
await using store = Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen() {},
}, () => new Response(null, { headers: { "content-length": "5" } }));
const endpoint = \`http://127.0.0.1:\${store.addr.port}\`;
const source = new S3Source({ bucket: "share", endpoint });
const entry = await source.find("a.txt");
console.log(200, entry?.size === 5 ? "hello" : "another size");`,
    permissions: [NET],
  },
  "./sources/zip": {
    code: `import { ZipSource } from "@pystd/http-server/sources/zip";
// A zip file without entries, as the end of its directory.
const bytes = new Uint8Array(22);
bytes.set([0x50, 0x4b, 0x05, 0x06]);
await using source = await ZipSource.open(bytes);
console.log(200, source.find("a.txt") === undefined ? "hello" : "found");`,
    permissions: ["--allow-read"],
  },
  "./handlers/share/source-management": {
    code: `import { toFetchHandler } from "@pystd/http-server/fetch";
import { ShareHTTPRequestHandler } from "@pystd/http-server/handlers/share";
import { SourceManagement } from "@pystd/http-server/handlers/share/source-management";
import { SourceUploads } from "@pystd/http-server/handlers/share/source-uploads";
import { MemorySource } from "@pystd/http-server/sources";
class Quiet extends ShareHTTPRequestHandler {
  override logMessage(): void {}
}
const source = new MemorySource({ "a.txt": "hello" });
const uploads = new SourceUploads(source);
const manage = new SourceManagement(uploads);
const handler = toFetchHandler(Quiet.with({ source, uploads, manage }));
const headers = { Destination: "/b.txt" };
await handler(new Request("http://h/a.txt", { method: "MOVE", headers }));
const response = await handler(new Request("http://h/b.txt"));
console.log(response.status, await response.text());`,
    permissions: [],
  },
  "./handlers/share/source-uploads": {
    code: `import { toFetchHandler } from "@pystd/http-server/fetch";
import { ShareHTTPRequestHandler } from "@pystd/http-server/handlers/share";
import { SourceUploads } from "@pystd/http-server/handlers/share/source-uploads";
import { MemorySource } from "@pystd/http-server/sources";
class Quiet extends ShareHTTPRequestHandler {
  static override maxBodyBytes = 100;
  override logMessage(): void {}
}
const source = new MemorySource();
const uploads = new SourceUploads(source);
const handler = toFetchHandler(Quiet.with({ source, uploads }));
const url = "http://h/a.txt";
await handler(new Request(url, { method: "PUT", body: "hello" }));
const response = await handler(new Request(url));
console.log(response.status, await response.text());`,
    permissions: [],
  },
  "./handlers/share/archives": {
    code: shareWith("Archives", "archives", "archives: new Archives()"),
    permissions: [NET, READ],
  },
  "./handlers/share/auth": {
    code: shareWith(
      "BasicAuthenticator",
      "auth",
      "auth: new BasicAuthenticator({})",
    ),
    permissions: [NET, READ],
  },
  "./handlers/share/hashes": {
    code: shareWith(
      "Hashes",
      "hashes",
      "hashes: new Hashes()",
      "/a.txt",
      "await (await fetch(`${url}?sha256`)).text();",
    ),
    permissions: [NET, READ],
  },
  "./handlers/share/dav": {
    code: shareWith(
      "WebDAV",
      "dav",
      "dav: new WebDAV()",
      "/a.txt",
      'await (await fetch(url, { method: "PROPFIND" })).text();',
    ),
    permissions: [NET, READ],
  },
  "./handlers/share/links": {
    code: shareWith(
      "SignedLinks",
      "links",
      "links: new SignedLinks({ key: new Uint8Array(32) })",
    ),
    permissions: [NET, READ],
  },
  "./handlers/share/manage": {
    code: shareWith(
      "Management",
      "manage",
      "uploads, manage: new Management(uploads)",
      "/b.txt",
      `await fetch(url.replace("b.txt", "a.txt"), {
  method: "COPY",
  headers: { Destination: "/b.txt" },
}).then((response) => response.text());`,
    ).replace(
      "class Quiet",
      `import { Uploads } from "@pystd/http-server/handlers/share/uploads";
const uploads = new Uploads(Deno.realPathSync("share"));
class Quiet`,
    ),
    permissions: [NET, READ, WRITE],
  },
  "./handlers/share/rights": {
    code: shareWith(
      "PathRights",
      "rights",
      'rights: new PathRights({ rules: [], elsewhere: "everybody" })',
    ),
    permissions: [NET, READ],
  },
  "./handlers/share/uploads": {
    code: shareWith(
      "Uploads",
      "uploads",
      'uploads: new Uploads(Deno.realPathSync("share"))',
      "/b.txt",
      'await (await fetch(url, { method: "PUT", body: "hello" })).text();',
    ),
    permissions: [NET, READ, WRITE],
  },
  "./fetch": {
    code: `import { toFetchHandler } from "@pystd/http-server/fetch";
import { BaseHTTPRequestHandler } from "@pystd/http-server/handlers/base";
${HELLO}
const response = await toFetchHandler(Hello)(new Request("http://h/"));
console.log(response.status, (await response.text()).trim());
`,
    permissions: [],
  },
  "./telemetry": {
    code: `import { openTelemetry } from "@pystd/http-server/telemetry";
import { BaseHTTPRequestHandler } from "@pystd/http-server/handlers/base";
import { respond } from "@pystd/http-server/testing";
${HELLO}
Hello.observers = [await openTelemetry()];
const response = await respond(Hello, "GET / HTTP/1.0\\r\\n\\r\\n");
console.log(response.status, response.body.trim());
`,
    permissions: [],
  },
  "./testing": {
    code: `import { respond } from "@pystd/http-server/testing";
import { BaseHTTPRequestHandler } from "@pystd/http-server/handlers/base";
${HELLO}
const response = await respond(Hello, "GET / HTTP/1.0\\r\\n\\r\\n");
console.log(response.status, response.body.trim());
`,
    permissions: [],
  },
  "./cli": {
    code: `import { main } from "@pystd/http-server/cli";
const status: number = await main(Deno.args);
Deno.exit(status);
`,
    permissions: [NET, READ],
  },
};

/** Returns a script that uses a feature. */
function shareWith(
  name: string,
  module: string,
  option: string,
  ...request: string[]
): string {
  return `import { ThreadingHTTPServer } from "@pystd/http-server/server";
import { ShareHTTPRequestHandler } from "@pystd/http-server/handlers/share";
import { ${name} } from "@pystd/http-server/handlers/share/${module}";
${quiet("ShareHTTPRequestHandler")}
${
    serve(
      "ThreadingHTTPServer",
      `Quiet.with({ directory: "share", ${option} })`,
      ...request,
    )
  }`;
}

/** Code that fails: the package's types apply, and are strict. */
const WRONG = `import { BaseHTTPRequestHandler } from "@pystd/http-server";
const limit: string = BaseHTTPRequestHandler.maxLineBytes;
function untyped(argument) {
  return [argument, limit];
}
untyped(1);
`;

/**
 * Returns the kinds of permissions in the rows of the README's table. A row
 * that starts with "and" includes those of the row above.
 */
function kindsByEntry(): Record<string, string[]> {
  const readme = Deno.readTextFileSync(`${ROOT}/README.md`);
  const table = /^\| entry point .*\n.*\n((?:\|.*\n)+)/m.exec(readme)![1]!;
  const kinds: Record<string, string[]> = {};
  let above: string[] = [];
  for (const row of table.trim().split("\n")) {
    const [, entries, needs] = row.split("|");
    const named = [...needs!.matchAll(/--allow-(\w+)/g)].map(([, kind]) =>
      kind!
    );
    above = [...new Set(/^ *and /.test(needs!) ? [...above, ...named] : named)];
    for (const [, entry] of entries!.matchAll(/`([^`]+)`/g)) {
      kinds[entry!] = above;
    }
  }
  return kinds;
}

/** Returns the file name of an entry point's script. */
function fileOf(entry: string): string {
  return `${entry.replaceAll(/\W+/g, "_")}.ts`;
}

Deno.test("entry points work from an empty folder", async (t) => {
  const scripts = Object.entries(SCRIPTS);
  assertEquals(scripts.map(([entry]) => entry).sort(), [...ENTRIES].sort());
  await using tree = await makeFiles({
    "deno.json": outsideConfig(),
    "share/a.txt": "hello\n",
    "share/cgi-bin/hello.sh": "#!/bin/sh\necho Content-Type: text/plain\n" +
      "echo\necho hello\n",
    "wrong.ts": WRONG,
    ...Object.fromEntries(
      scripts.map(([entry, { code }]) => [fileOf(entry), code]),
    ),
  });
  if (HAS_SH) await Deno.chmod(tree.path("share/cgi-bin/hello.sh"), 0o755);
  const files = scripts.map(([entry]) => fileOf(entry));
  const kinds = kindsByEntry();
  await t.step("they pass deno check under strict", async () => {
    const args = ["check", "--no-lock", ...files];
    const { code, stderr } = await runProgram(Deno.execPath(), args, tree.root);
    assertEquals(code, 0, stderr);
  });
  await t.step("incorrect use does not", async () => {
    const args = ["check", "--quiet", "--no-lock", "wrong.ts"];
    const { code, stderr } = await runProgram(Deno.execPath(), args, tree.root);
    assertEquals(code, 1);
    assertMatch(stderr, /TS2322.*TS7006/s);
  });
  for (const [entry, { permissions }] of scripts) {
    await t.step(`${entry} has the permissions of its row`, () => {
      const given = permissions.map((flag) => /--allow-(\w+)/.exec(flag)![1]);
      assertEquals(given, kinds[entry]);
    });
    if (entry === "./cli") continue;
    await t.step(`${entry} runs with [${permissions}]`, async () => {
      const { code, stdout, stderr } = await runProgram(Deno.execPath(), [
        "run",
        "--no-lock",
        "--no-prompt",
        ...permissions,
        fileOf(entry),
      ], tree.root);
      assertEquals(code, 0, stderr);
      assertEquals(stdout.trim().split("\n").at(-1), "200 hello");
    });
  }
  await t.step(
    `./cli runs with [${SCRIPTS["./cli"]!.permissions}]`,
    async () => {
      await using command = await startCommand(["share"], {
        module: fileOf("./cli"),
        permissions: ["--no-lock", ...SCRIPTS["./cli"]!.permissions],
        cwd: tree.root,
      });
      const response = await fetch(command.url("/a.txt"));
      assertEquals(await response.text(), "hello\n");
    },
  );
});
