// Copyright 2026 the pystd authors. MIT license.

// Invariant: a response shows the state of its path when the request was sent,
// or a later one.

/**
 * Changes of the disk between requests, as scripts and build tools make them:
 * each change is followed at once by requests, while other clients keep asking
 * for the same paths so that the server has looked at them a moment ago.
 *
 * @module
 */

import { assertEquals } from "@std/assert/equals";
import { ShareHTTPRequestHandler } from "../handlers/share.ts";
import { SimpleHTTPRequestHandler } from "../handlers/simple.ts";
import { ask, pause } from "./support/client.ts";
import { startCommand } from "./support/command.ts";
import { seeded } from "./support/memory.ts";
import { TestServer } from "./support/server.ts";
import { makeFiles, type TemporaryTree } from "./support/tree.ts";

const POSIX = Deno.build.os !== "windows";
const SEED = 20261127;
/** Numbers of clients that send requests and that change files. */
const READERS = 4;
const WRITERS = 4;
/** Files per writer, and changes per writer. */
const FILES = 6;
const CHANGES = 60;
/** Length of every second file, too large to be kept in memory. */
const LARGE = 270_000;
/** Lowest age of a cached file, in ms. */
const KEPT_FROM_MS = 2100;

interface Served extends AsyncDisposable {
  port: number;
}

const servers: Record<string, (directory: string) => Promise<Served>> = {
  "SimpleHTTPRequestHandler": (directory) =>
    Promise.resolve(
      new TestServer(SimpleHTTPRequestHandler.with({ directory })),
    ),
  "ShareHTTPRequestHandler": (directory) =>
    Promise.resolve(
      new TestServer(ShareHTTPRequestHandler.with({ directory })),
    ),
  "cli": (directory) => startCommand([directory, "-q"]),
};

/** Returns the start of a file, or the status of an error. */
async function get(url: string, headers = {}): Promise<string> {
  const response = await fetch(url, { headers });
  const text = await response.text();
  return response.ok ? text.trimEnd() : `${response.status}`;
}

function padded(text: string, file: number): string {
  return text.padEnd(file % 2 === 0 ? 11 : LARGE);
}

for (const [name, serve] of Object.entries(servers)) {
  Deno.test(`${name} shows a file as soon as it is written`, async () => {
    await using tree = await makeFiles({ "old": "0000" });
    await pause(KEPT_FROM_MS);
    await using served = await serve(tree.root);
    const url = `http://127.0.0.1:${served.port}`;
    assertEquals(await get(`${url}/old`), "0000");
    for (let i = 1; i <= 50; i++) {
      assertEquals(await get(`${url}/new${i}`), "404");
      await Deno.writeTextFile(tree.path(`new${i}`), `new ${i}`);
      assertEquals(await get(`${url}/new${i}`), `new ${i}`);
      const text = `${i}`.padStart(4, "0");
      await Deno.writeTextFile(tree.path("old"), text);
      const [answer] = await ask(
        served.port,
        "GET /old HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
      );
      assertEquals(answer.body, text);
    }
  });

  Deno.test({
    name: `${name} shows what is on disk, whatever changes`,
    ignore: !POSIX,
    async fn() {
      await using tree = await makeFiles(startingFiles());
      await pause(KEPT_FROM_MS);
      await using served = await serve(tree.path("root"));
      const url = `http://127.0.0.1:${served.port}`;
      const done = new AbortController();
      const readers = Array.from({ length: READERS }, async (_, i) => {
        const random = seeded(SEED + 100 + i);
        while (!done.signal.aborted) {
          const path = `/w${random(WRITERS)}/d/f${random(FILES)}`;
          await get(url + path);
        }
      });
      const writers = Array.from(
        { length: WRITERS },
        (_, i) => changeAndAsk(tree, i, url),
      );
      try {
        const wrong = (await Promise.all(writers)).flat();
        assertEquals(wrong, [], `seed ${SEED}`);
      } finally {
        done.abort();
        await Promise.all(readers);
      }
    },
  });
}

Deno.test("cli reuses checks for the time of --fresh, except after its own uploads", async () => {
  await using tree = await makeFiles({});
  await using served = await startCommand(
    [tree.root, "-q", "--upload", "--fresh", "60000"],
    { permissions: ["--allow-net", "--allow-read", "--allow-write"] },
  );
  const url = `http://127.0.0.1:${served.port}`;
  assertEquals(await get(`${url}/a`), "404");
  await Deno.writeTextFile(tree.path("a"), "a");
  assertEquals(await get(`${url}/a`), "404");
  const put = await fetch(`${url}/b`, { method: "PUT", body: "b" });
  await put.body?.cancel();
  assertEquals(put.status, 201);
  assertEquals(await get(`${url}/b`), "b");
  assertEquals(await get(`${url}/a`), "a");
});

function startingFiles(): Record<string, string> {
  const files: Record<string, string> = {};
  for (let i = 0; i < WRITERS; i++) {
    for (let j = 0; j < FILES; j++) {
      files[`root/w${i}/d/f${j}`] = padded(`start ${i} ${j}`, j);
      files[`outside/w${i}/f${j}`] = padded(`secret ${i} ${j}`, j);
    }
  }
  return files;
}

/** Makes changes one by one, and returns the wrong responses. */
async function changeAndAsk(
  tree: TemporaryTree,
  i: number,
  url: string,
): Promise<string[]> {
  const random = seeded(SEED + i);
  const wrong: string[] = [];
  const folder = tree.path(`root/w${i}/d`);
  const aside = tree.path(`aside${i}`);
  for (let change = 0; change < CHANGES; change++) {
    const file = random(FILES);
    const path = `${folder}/f${file}`;
    const text = padded(`text ${i} ${change}`, file);
    const changes: Record<string, () => void> = {
      "rewrite": () => Deno.writeTextFileSync(path, text),
      "replace": () => {
        Deno.writeTextFileSync(aside, text);
        Deno.renameSync(aside, path);
      },
      "remove": () => Deno.removeSync(path),
      "link": () => {
        Deno.removeSync(path);
        Deno.symlinkSync(`f${random(FILES)}`, path);
      },
      "move the folder away": () => {
        Deno.renameSync(folder, aside);
      },
      "put a link to another folder there": () => {
        Deno.renameSync(folder, aside);
        Deno.symlinkSync(tree.path(`outside/w${i}`), folder);
      },
    };
    const names = Object.keys(changes);
    const what = names[random(names.length)];
    try {
      changes[what]();
    } catch (error) {
      // A link may be broken or circular.
      if (!(error instanceof Error)) throw error;
    }
    const target = `/w${i}/d/${path.slice(folder.length + 1)}`;
    const wanted = onDisk(tree, path);
    const answers = await Promise.all([
      get(url + target),
      get(url + target),
      get(url + target, { Range: "bytes=0-99" }),
    ]);
    for (const answer of answers) {
      if (answer !== wanted) wrong.push(`${what}: ${answer} for ${wanted}`);
    }
    if (exists(aside)) {
      if (exists(folder)) Deno.removeSync(folder);
      if (Deno.lstatSync(aside).isDirectory) Deno.renameSync(aside, folder);
    }
  }
  return wrong;
}

/** Returns the expected response for a path. */
function onDisk(tree: TemporaryTree, path: string): string {
  try {
    const real = Deno.realPathSync(path);
    if (!real.startsWith(tree.path("root"))) return "404";
    return Deno.readTextFileSync(real).trimEnd();
  } catch {
    return "404";
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
