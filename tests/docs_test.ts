// Copyright 2026 the pystd authors. MIT license.

/**
 * Checks the facts in `docs/`: names exist, limits have the documented values,
 * and a program and its port respond alike. `deno task test:doc` runs the
 * examples.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { FLAG_GROUPS } from "../cli/flags.ts";
import { BaseHTTPRequestHandler } from "../handlers/base.ts";
import {
  BasicAuthenticator,
  InMemoryLoginThrottle,
} from "../handlers/share/auth/basic_authenticator.ts";
import { CGIHTTPRequestHandler } from "../handlers/cgi.ts";
import { Hashes } from "../handlers/share/hash/hashes.ts";
import { SignedLinks } from "../handlers/share/link/signed_links.ts";
import { WebDAV } from "../handlers/share/dav/webdav.ts";
import { ShareHTTPRequestHandler } from "../handlers/share.ts";
import { SimpleHTTPRequestHandler } from "../handlers/simple.ts";
import * as exported from "../mod.ts";
import {
  BaseServer,
  HTTPServer,
  HTTPSServer,
  type HTTPSServerOptions,
  TCPServer,
  ThreadingHTTPServer,
  ThreadingHTTPSServer,
} from "../server.ts";
import { R2Source } from "../sources/r2.ts";
import { S3Source } from "../sources/s3.ts";
import { ZipSource } from "../sources/zip.ts";
import { RequestMetrics } from "../telemetry/request_metrics.ts";
import { type Answer, parseAnswers } from "./support/answers.ts";
import { RawClient } from "./support/client.ts";
import { isInstalled, ROOT, runProgram } from "./support/command.ts";
import { ENTRY_PATHS } from "./support/outside.ts";
import { makeFiles } from "./support/tree.ts";

function page(name: string): string {
  return Deno.readTextFileSync(`${ROOT}/docs/${name}.md`);
}

/** Returns the rows of the first table after a text. */
function rowsAfter(text: string, start: string): string[][] {
  const from = text.indexOf(start);
  assert(from !== -1, `there is no "${start}"`);
  const table = /^\|.*(?:\n\|.*)*/m.exec(text.slice(from))![0];
  return table.split("\n").slice(2).map((row) =>
    row.split("|").slice(1, -1).map((cell) => cell.trim())
  );
}

/** Returns the code blocks in a language. */
function codeOf(text: string, language: string): string[] {
  const blocks = text.matchAll(/^```(\w+).*\n([^]*?)^```$/gm);
  return [...blocks].filter(([, is]) => is === language)
    .map(([, , code]) => code!);
}

Deno.test("docs/limits.md has the values of the limits", () => {
  const text = page("limits");
  const cases: [heading: string, ...classes: object[]][] = [
    ["## Of a handler", BaseHTTPRequestHandler],
    ["## Of files", SimpleHTTPRequestHandler],
    ["## Of sharing", ShareHTTPRequestHandler],
    ["Of `Hashes`", Hashes],
    ["Of `S3Source`", S3Source],
    ["Of `R2Source`", R2Source],
    ["Of `ZipSource`", ZipSource],
    ["Of `WebDAV`", WebDAV],
    ["Of `SignedLinks`", SignedLinks],
    ["## Of CGI scripts", CGIHTTPRequestHandler],
    ["Of `BasicAuthenticator`", BasicAuthenticator],
    ["Of `InMemoryLoginThrottle`", InMemoryLoginThrottle],
    ["## Of metrics", RequestMetrics],
    ["## Of a server", ThreadingHTTPSServer],
  ];
  for (const [heading, cls] of cases) {
    for (const [name, value] of rowsAfter(text, heading)) {
      const limit = name!.replaceAll("`", "");
      assertEquals(
        (cls as Record<string, unknown>)[limit],
        Number(value),
        `${heading}: ${limit}`,
      );
    }
  }
});

Deno.test("docs/limits.md has every limit", () => {
  const text = page("limits");
  for (
    // Each class is searched for its own limits only.
    const cls of [
      BaseHTTPRequestHandler,
      SimpleHTTPRequestHandler,
      CGIHTTPRequestHandler,
      ShareHTTPRequestHandler,
      Hashes,
      SignedLinks,
      S3Source,
      R2Source,
      ZipSource,
      WebDAV,
      BasicAuthenticator,
      InMemoryLoginThrottle,
      RequestMetrics,
      BaseServer,
      TCPServer,
      ThreadingHTTPServer,
      HTTPSServer,
      ThreadingHTTPSServer,
    ]
  ) {
    for (const name of Object.getOwnPropertyNames(cls)) {
      if (!/^(?:max|min)[A-Z]|(?:Timeout|Grace|Silence|Bytes)$/.test(name)) {
        continue;
      }
      assert(text.includes(`\`${name}\``), `${cls.name}.${name} is missing`);
    }
  }
});

Deno.test("the pages name every flag of the command", () => {
  const pages = [
    "running",
    "sharing",
    "security",
    "deploying",
    "files",
    "cgi",
    "telemetry",
  ];
  const text = pages.map(page).join("\n");
  const flags = FLAG_GROUPS.flatMap(({ flags }) =>
    flags.map(({ name }) => `--${name}`)
  );
  assert(flags.length > 40);
  const missing = flags.filter((flag) =>
    !new RegExp(`${flag}(?![\\w-])`).test(text)
  );
  assertEquals(missing, []);
});

Deno.test("docs/security.md names existing tests", () => {
  const named = page("security").matchAll(/`([\w/]+_test\.ts)`/g);
  const paths = [...new Set([...named].map(([, path]) => path!))];
  assert(paths.length > 10);
  const missing = paths.filter((path) => {
    try {
      return !Deno.statSync(`${ROOT}/tests/${path}`).isFile;
    } catch {
      return true;
    }
  });
  assertEquals(missing, []);
});

Deno.test("docs/porting.md names existing members", () => {
  const text = page("porting");
  const server = new HTTPServer(["127.0.0.1", 0], BaseHTTPRequestHandler, {
    bindAndActivate: false,
  });
  const fields = new Set(["serverName", "serverPort"]);
  const cases: [heading: string, cls: object, prototypes: object[]][] = [
    ["Of a server:", ThreadingHTTPServer, [
      ThreadingHTTPServer.prototype,
      server,
    ]],
    ["Of a handler:", BaseHTTPRequestHandler, [
      handler(BaseHTTPRequestHandler),
    ]],
    ["Of `http.server.Simple", SimpleHTTPRequestHandler, [
      handler(SimpleHTTPRequestHandler),
    ]],
    ["Of `http.server.CGI", CGIHTTPRequestHandler, [
      handler(CGIHTTPRequestHandler),
    ]],
  ];
  for (const [heading, cls, instances] of cases) {
    for (const [python, cell] of rowsAfter(text, heading)) {
      if (cell === "") continue;
      const [, isStatic, name] = /^`(static )?(\w+)`$/.exec(cell!) ?? [];
      assert(name !== undefined, `${heading} ${python}: ${cell}`);
      const found = isStatic !== undefined
        ? name in cls
        : instances.some((one) => name in one) || fields.has(name);
      assert(found, `${heading} there is no ${cell}`);
      const wanted = name.replaceAll(
        /[A-Z]/g,
        (letter) => `_${letter.toLowerCase()}`,
      );
      const spelt = python!.replaceAll(/[`=]/g, "");
      const same = [wanted, name, wanted.replace("100", "_100")];
      assert(same.includes(spelt), `${spelt} is not ${name}`);
    }
  }
});

/**
 * Prints the public names of Python's modules: those of the classes and their
 * bases, and the attributes that their methods set.
 */
const PYTHON_NAMES = `
import http.server, inspect, json, re, socketserver, sys
modules = ("http.server", "socketserver")
def names(name):
    cls = getattr(http.server, name, None)
    found = set()
    for base in inspect.getmro(cls) if cls else ():
        if base.__module__ in modules:
            source = inspect.getsource(base)
            found |= {one for one in vars(base) if not one.startswith("_")}
            found |= set(re.findall(r"self\\.([A-Za-z]\\w*)\\s*(?:,.*)?=[^=]", source))
    return sorted(found)
print(json.dumps({
    "classes": http.server.__all__ + socketserver.__all__,
    "server": names("ThreadingHTTPServer"),
    "base": names("BaseHTTPRequestHandler"),
    "simple": names("SimpleHTTPRequestHandler"),
    "cgi": names("CGIHTTPRequestHandler"),
}))
`;

/** Names that are newer than the oldest Python to run the script. */
const NEWER = {
  classes: ["HTTPSServer", "ThreadingHTTPSServer"],
  simple: ["index_pages"],
};

/** Whether Python is installed and no newer than 3.14. */
function hasPython(): boolean {
  if (!isInstalled("python3")) return false;
  const args = ["-c", "import sys; sys.exit(sys.version_info >= (3, 15))"];
  return new Deno.Command("python3", { args }).outputSync().success;
}

Deno.test({
  name: "docs/porting.md has every public name of Python",
  ignore: !hasPython(),
  async fn() {
    const { stdout } = await new Deno.Command("python3", {
      args: ["-c", PYTHON_NAMES],
    }).output();
    const python = JSON.parse(new TextDecoder().decode(stdout)) as Record<
      "classes" | "server" | "base" | "simple" | "cgi",
      string[]
    >;
    const text = page("porting");
    const named = (...headings: string[]): string[] =>
      headings.flatMap((heading) => rowsAfter(text, heading))
        .flatMap(([cell]) => [...cell!.matchAll(/`(\w+)=?`/g)])
        .map(([, name]) => name!);
    const base = "Of a handler:";
    const simple = "Of `http.server.Simple";
    const cases: [names: string[], named: string[], atLeast: number][] = [
      [
        [...python.classes, ...NEWER.classes],
        named("Of the modules"),
        20,
      ],
      [python.server, named("Of a server:"), 25],
      [python.base, named(base), 40],
      [[...python.simple, ...NEWER.simple], named(base, simple), 50],
      [python.cgi, named(base, simple, "Of `http.server.CGI"), 55],
    ];
    for (const [names, inTable, atLeast] of cases) {
      assert(names.length >= atLeast, `${names}`);
      assertEquals(names.filter((name) => !inTable.includes(name)), []);
    }
  },
});

Deno.test("docs/porting.md names existing classes and options", () => {
  const text = page("porting");
  for (const [python, cell] of rowsAfter(text, "Of the modules")) {
    if (cell === "") continue;
    const name = cell!.replaceAll("`", "");
    assertEquals(python, cell);
    assert(name in exported, `there is no class ${name}`);
  }
  // The compiler checks that this object is complete.
  const options: Record<
    keyof Omit<HTTPSServerOptions, "reusePort" | "cert" | "key">,
    string
  > = {
    bindAndActivate: "bind_and_activate",
    certfile: "certfile",
    keyfile: "keyfile",
    password: "password",
    alpnProtocols: "alpn_protocols",
  };
  assertEquals(
    rowsAfter(text, "Arguments of the constructors")
      .map(([python, cell]) => [cell, python]),
    Object.entries(options).map((names) => names.map((one) => `\`${one}\``)),
  );
});

/** A declaration in the output of `deno doc --json`, as far as used here. */
interface Declaration {
  declarationKind: string;
  kind: string;
  jsDoc?: { doc?: string; tags?: { kind: string; doc?: string }[] };
}

/** The output of `deno doc --json`. */
interface Documentation {
  nodes: Record<
    string,
    { symbols: { name: string; declarations: Declaration[] }[] }
  >;
}

Deno.test("each exported class and function has an example", async () => {
  const { stdout, code } = await runProgram(Deno.execPath(), [
    "doc",
    "--json",
    ...ENTRY_PATHS,
  ]);
  assertEquals(code, 0);
  const { nodes } = JSON.parse(stdout) as Documentation;
  assertEquals(Object.keys(nodes).length, ENTRY_PATHS.length);
  let seen = 0;
  for (
    const { name, declarations } of Object.values(nodes).flatMap((node) =>
      node.symbols
    )
  ) {
    for (const { declarationKind, kind, jsDoc } of declarations) {
      // Checked at the entry point that defines it.
      if (declarationKind === "private" || kind === "reference") continue;
      assert(jsDoc?.doc !== undefined, `${name} is not documented`);
      const examples = (jsDoc.tags ?? []).filter((tag) =>
        tag.kind === "example"
      );
      for (const { doc } of examples) {
        // Users import the package by its name.
        assert(!/from "\./.test(doc!), `${name}: an example of our own files`);
      }
      if (kind !== "class" && kind !== "function") continue;
      seen++;
      assert(examples.length > 0, `${name} has no example`);
    }
  }
  assert(seen > 20, `${seen} classes and functions were seen`);
});

/** Returns a handler after `setup()`, which creates some attributes. */
function handler(cls: typeof BaseHTTPRequestHandler): object {
  const address = { transport: "tcp", hostname: "h", port: 1 } as const;
  const connection = {
    read: () => Promise.resolve(null),
    write: (data: Uint8Array) => Promise.resolve(data.length),
    close(): void {},
    localAddr: address,
    remoteAddr: address,
  };
  const server = new HTTPServer(["127.0.0.1", 0], cls, {
    bindAndActivate: false,
  });
  const instance = new cls(connection, ["h", 1], server);
  instance.setup();
  server.timeLimitChecker.closeIdle();
  return instance;
}

/** Requests for both programs, each on its own connection. */
const CONVERSATIONS: readonly string[] = [
  "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
  "PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc" +
  "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
  "PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nConnection: close\r\n\r\nde",
  "DELETE /a HTTP/1.1\r\nHost: h\r\n\r\n" +
  "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
  "POST /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
];

Deno.test({
  name: "docs/porting.md: a program and its port respond alike",
  ignore: !isInstalled("python3"),
  async fn() {
    const text = page("porting");
    const [python] = codeOf(text, "python");
    const typescript = codeOf(text, "ts")[0]!;
    await using tree = await makeFiles({
      "notes.py": python!,
      "notes.ts": typescript,
    });
    const theirs = await converse("python3", tree.path("notes.py"), "0");
    const ours = await converse(
      Deno.execPath(),
      "run",
      "--quiet",
      "--no-prompt",
      `--config=${ROOT}/deno.json`,
      "--allow-net=127.0.0.1",
      tree.path("notes.ts"),
      "0",
    );
    assertEquals(ours, theirs);
  },
});

/** Starts a program that prints its port, and returns its responses. */
async function converse(program: string, ...args: string[]): Promise<string[]> {
  await using child = new Deno.Command(program, {
    args,
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await reader.read();
  const answers: string[] = [];
  try {
    for (const conversation of CONVERSATIONS) {
      await using client = await RawClient.connect(Number(value));
      await client.send(conversation);
      await client.waitFor(() => client.closed);
      answers.push(...parseAnswers(client.received).map(shown));
    }
  } finally {
    child.kill("SIGTERM");
    await reader.cancel();
  }
  return answers;
}

/**
 * Returns a response without the program's version, the date, and the parts of
 * error pages that differ between versions of Python.
 */
function shown({ head, body, status }: Answer): string {
  const plain = head.replace(/^Server: (\S+).*$/m, "Server: $1")
    .replace(/^Date: .*$/m, "Date: -");
  if (status < 400) return plain + body;
  return plain.replace(/^Content-Length: .*$/m, "Content-Length: -") +
    body.replace(/^ *<style[^]*<\/style>\n/m, "");
}
