// Copyright 2026 the pystd authors. MIT license.

/**
 * The command in its own process, with the README's permissions and common
 * clients. A test that needs a program names it, and is ignored if it is not
 * installed.
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { assertStringIncludes } from "@std/assert/string-includes";
import { unescape } from "@std/html/entities";
import { ask } from "./support/client.ts";
import {
  isInstalled,
  type RunningCommand,
  runProgram,
  startCommand,
} from "./support/command.ts";
import { makeFiles, makeTree, type TemporaryTree } from "./support/tree.ts";

/** Names with a special meaning in a URL, a page or a shell. */
const NAMES = [
  "with space.txt",
  ` lead.txt`,
  `quote"s'.txt`,
  "<b>&amp;.txt",
  "100%.txt",
  "%41.txt",
  "what?.txt",
  "hash#tag.txt",
  "plus+.txt",
  "semi;colon,.txt",
  "back\\slash.txt",
  "-dash.txt",
  "日本é😀.txt",
  "d #1? <i>/in & out.txt",
];

/** Content that differs by name, and often in length. */
const TEXT = (name: string): string => `<${name}> äöü\n`;

const POSIX = Deno.build.os !== "windows";

async function serve(
  stack: AsyncDisposableStack,
  files: Record<string, string>,
): Promise<{ tree: TemporaryTree; command: RunningCommand }> {
  const tree = stack.use(await makeFiles(files));
  const command = stack.use(await startCommand([tree.root]));
  return { tree, command };
}

/** Registers a test that runs one program on the named files. */
function clientTest(
  program: string,
  name: string,
  fn: (command: RunningCommand, tree: TemporaryTree) => Promise<void>,
): void {
  Deno.test({
    name: `${name} (needs ${program})`,
    ignore: !POSIX || !isInstalled(program),
    async fn() {
      await using stack = new AsyncDisposableStack();
      const files = NAMES.map((name) => [name, TEXT(name)]);
      const { command, tree } = await serve(stack, {
        "sub/b.txt": "beta\n",
        "digits.txt": "0123456789".repeat(10_000),
        ...Object.fromEntries(files),
      });
      await fn(command, tree);
    },
  });
}

async function curl(...args: string[]): Promise<string> {
  const options = ["--silent", "--show-error", "--path-as-is"];
  const { code, stdout, stderr } = await runProgram("curl", [
    ...options,
    ...args,
  ]);
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  return stdout;
}

/** Returns the decoded paths of a page's links. */
function links(page: string, base: string): Map<string, string> {
  const hrefs = [...page.matchAll(/href="([^"]*)"/g)];
  const urls = hrefs.map(([, href]) => new URL(unescape(href!), base));
  return new Map(
    urls.map((url) => [decodeURIComponent(url.pathname), url.href]),
  );
}

/** Returns the path of a name, escaped. */
function pathOf(name: string): string {
  return "/" + name.split("/").map(encodeURIComponent).join("/");
}

clientTest(
  "curl",
  "cli lists names of any characters under links that lead to them",
  async (command) => {
    const root = links(await curl(command.url()), command.url());
    const folder = root.get("/d #1? <i>/")!;
    const inner = links(await curl(folder), folder);
    const all = new Map([...root, ...inner]);
    await Promise.all(NAMES.map(async (name) => {
      assert(all.has(`/${name}`), `no link to ${name}`);
      assertEquals(await curl(all.get(`/${name}`)!), TEXT(name), name);
    }));
  },
);

clientTest(
  "curl",
  "cli redirects to a directory with its slash, the query kept",
  async (command) => {
    const head = await curl("--include", command.url("/sub?x=1&y"));
    assertMatch(head, /^HTTP\/1\.1 301 /);
    assertMatch(head, /^Location: \.\/sub\/\?x=1&y\r$/m);
    const page = await curl("--location", command.url("/sub"));
    assert(links(page, command.url("/sub/")).has("/sub/b.txt"));
  },
);

clientTest(
  "curl",
  "cli answers a conditional request of curl",
  async (command, tree) => {
    const path = tree.path("sub", "b.txt");
    const code = ["--output", "/dev/null", "--write-out", "%{http_code}"];
    const url = command.url("/sub/b.txt");
    const time = new Date("2024-02-29T12:34:56Z");
    await Deno.utime(path, time, time);
    const status = (date: string) => curl(...code, "--time-cond", date, url);
    assertEquals(await status("Thu, 29 Feb 2024 12:34:56 GMT"), "304");
    assertEquals(await status("Thu, 29 Feb 2024 12:34:57 GMT"), "304");
    assertEquals(await status("Thu, 29 Feb 2024 12:34:55 GMT"), "200");
    // `--time-cond` with a file name uses that file's time.
    assertEquals(await status(path), "304");
    const tag = /^ETag: (\S+)\r$/im.exec(await curl("--head", url))?.[1];
    const header = `If-None-Match: ${tag}`;
    assertEquals(await curl(...code, "--header", header, url), "304");
  },
);

clientTest(
  "curl",
  "cli answers HEAD with the header of GET",
  async (command) => {
    for (const path of ["/digits.txt", "/", "/sub", "/missing"]) {
      const url = command.url(path);
      const dump = ["--dump-header", "-", "--output", "/dev/null"];
      const [head, get] = await Promise.all([
        curl("--head", url),
        curl(...dump, url),
      ]);
      const undated = (text: string) => text.replace(/^Date: .*$/m, "");
      assertEquals(undated(head), undated(get), path);
    }
  },
);

clientTest(
  "curl",
  "cli serves several requests of curl on one connection",
  async (command) => {
    const urls = ["/sub/b.txt", "/", "/sub/b.txt"].map((path) => [
      "--output",
      "/dev/null",
      command.url(path),
    ]);
    const format = ["--write-out", "%{num_connects} %{http_code}\n"];
    const counts = await curl(...format, ...urls.flat());
    assertEquals(counts, "1 200\n0 200\n0 200\n");
    const old = await curl("--http1.0", "--include", command.url("/sub/b.txt"));
    assertMatch(old, /^HTTP\/1\.[01] 200 [^]*\r\n\r\nbeta\n$/);
  },
);

clientTest("curl", "cli refuses what it cannot do", async (command) => {
  const status = (...args: string[]) =>
    curl("--output", "/dev/null", "--write-out", "%{http_code}", ...args);
  const url = command.url("/sub/b.txt");
  assertEquals(await status(command.url("/missing")), "404");
  assertEquals(await status("--data", "x=1", url), "501");
  assertEquals(await status("--upload-file", "/etc/hostname", url), "501");
  assertEquals(await status("--request", "DELETE", url), "501");
});

clientTest(
  "curl",
  "cli goes on with a download that curl had begun",
  async (command, tree) => {
    const whole = await Deno.readTextFile(tree.path("digits.txt"));
    await using folder = await makeTree();
    const part = folder.path("part");
    await Deno.writeTextFile(part, whole.slice(0, 33_333));
    const resume = ["--continue-at", "-", "--output", part];
    const format = ["--write-out", "%{http_code} %{size_download}"];
    const url = command.url("/digits.txt");
    assertEquals(await curl(...resume, ...format, url), "206 66667");
    assertEquals(await Deno.readTextFile(part), whole);
    assertEquals(await curl("--range", "-3", url), "789");
    assertEquals(await curl("--range", "99995-", url), "56789");
  },
);

clientTest(
  "wget",
  "cli goes on with a download that wget had begun",
  async (command, tree) => {
    const whole = await Deno.readTextFile(tree.path("digits.txt"));
    await using folder = await makeTree();
    await Deno.writeTextFile(folder.path("digits.txt"), whole.slice(0, 33_333));
    const args = ["--continue", "--no-proxy", "--server-response"];
    const url = command.url("/digits.txt");
    const first = await runProgram("wget", [...args, url], folder.root);
    assertEquals(first.code, 0);
    assertStringIncludes(first.stderr, "206 Partial Content");
    assertEquals(await Deno.readTextFile(folder.path("digits.txt")), whole);
    // Nothing remains to send: 416, which wget treats as success.
    const again = await runProgram("wget", [...args, url], folder.root);
    assertEquals(again.code, 0);
    assertEquals(await Deno.readTextFile(folder.path("digits.txt")), whole);
  },
);

clientTest(
  "wget",
  "cli lets wget copy a whole tree",
  async (command) => {
    await using folder = await makeTree();
    const { code, stderr } = await runProgram("wget", [
      "--recursive",
      "--no-parent",
      "--no-host-directories",
      "--no-proxy",
      "--no-iri",
      "--execute=robots=off",
      "--restrict-file-names=unix,nocontrol",
      "--quiet",
      command.url(),
    ], folder.root);
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    // wget unescapes twice: it stores `%2541.txt` as `A.txt`.
    for (const name of NAMES.filter((name) => name !== "%41.txt")) {
      const copy = await Deno.readTextFile(folder.path(name));
      assertEquals(copy, TEXT(name), name);
    }
  },
);

/** Fetches each URL of its arguments, and prints the results as JSON. */
const PYTHON = `
import json, sys, urllib.error, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
results = []
for url in sys.argv[1:]:
    try:
        with opener.open(url, timeout=10) as response:
            results.append([response.status, response.read().decode()])
    except urllib.error.HTTPError as error:
        results.append([error.code, error.reason])
print(json.dumps(results))
`;

clientTest(
  "python3",
  "cli serves Python's urllib.request",
  async (command, tree) => {
    const urls = [...NAMES.map(pathOf), "/sub", "/missing", "/digits.txt"]
      .map((path) => command.url(path));
    const { stdout, stderr } = await runProgram("python3", [
      "-c",
      PYTHON,
      ...urls,
    ]);
    assertEquals(stderr, "");
    const results: [number, string][] = JSON.parse(stdout);
    const [sub, missing, digits] = results.splice(NAMES.length);
    assertEquals(results, NAMES.map((name) => [200, TEXT(name)]));
    assertEquals(sub![0], 200);
    assert(links(sub![1], command.url("/sub/")).has("/sub/b.txt"));
    assertEquals(missing, [404, "File not found"]);
    const whole = await Deno.readTextFile(tree.path("digits.txt"));
    assertEquals(digits, [200, whole]);
  },
);

Deno.test("cli serves a directory without any program installed", async () => {
  await using stack = new AsyncDisposableStack();
  const { command } = await serve(stack, { "a.txt": "alpha\n" });
  const request = (target: string) =>
    ask(command.port, `GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  const [file] = await request("/a.txt");
  assertEquals([file!.status, file!.body], [200, "alpha\n"]);
  const [page] = await request("/");
  assertStringIncludes(page!.body, 'href="a.txt"');
  const [missing] = await request("/../a.txt/nothing");
  assertEquals(missing!.status, 404);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test({
    name: `cli ends with status 0 on ${signal}, an idle client or not`,
    ignore: !POSIX,
    async fn() {
      await using stack = new AsyncDisposableStack();
      const { command } = await serve(stack, { "a.txt": "alpha\n" });
      using idle = await Deno.connect({
        hostname: "127.0.0.1",
        port: command.port,
      });
      await ask(command.port, "GET /a.txt HTTP/1.1\r\nHost: localhost\r\n\r\n");
      const { code, signal: by, stderr } = await command.stop(signal);
      assertEquals({ code, by }, { code: 0, by: null });
      assertStringIncludes(stderr, '"GET /a.txt HTTP/1.1" 200 -');
      assertEquals(await idle.read(new Uint8Array(1)), null);
    },
  });
}
