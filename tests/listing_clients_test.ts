// Copyright 2026 the pystd authors. MIT license.

/**
 * Programs that parse the page of a folder.
 *
 * @module
 */

import { assertEquals } from "@std/assert/equals";
import { isInstalled, runProgram, startCommand } from "./support/command.ts";
import { makeFiles, type TemporaryTree } from "./support/tree.ts";

const FILES = {
  "a b.txt": "alpha",
  "films/one & two.mkv": "film",
  "films/2024/trip.mp4": "trip",
  "music/über.mp3": "sound",
};

/** The clients, and their arguments to download everything into a folder. */
const CLIENTS: Record<string, (url: string, into: string) => string[]> = {
  wget: (
    url,
    into,
  ) => ["-q", "-r", "-np", "-nH", "-R", "index.html*", "-P", into, url],
  rclone: (url, into) => ["copy", ":http:", into, "--http-url", url],
  lftp: (url, into) => ["-c", `mirror ${url} ${into}`],
};

/** Returns the files of a tree and their texts. */
function textsIn(folder: string, prefix = ""): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) Object.assign(texts, textsIn(path, `${prefix}${name}/`));
    else texts[prefix + name] = Deno.readTextFileSync(path);
  }
  return texts;
}

async function mirror(
  client: string,
  tree: TemporaryTree,
): Promise<Record<string, string>> {
  await using command = await startCommand([tree.path("share"), "-q"]);
  const into = tree.path("copy");
  await Deno.mkdir(into);
  const url = `http://localhost:${command.port}/`;
  await runProgram(client, CLIENTS[client]!(url, into));
  return textsIn(into);
}

for (const client of Object.keys(CLIENTS)) {
  Deno.test({
    name: `${client} finds all files by the listings`,
    ignore: !isInstalled(client),
    async fn() {
      const entries = Object.entries(FILES)
        .map(([path, text]): [string, string] => [`share/${path}`, text]);
      await using tree = await makeFiles(Object.fromEntries(entries));
      assertEquals(await mirror(client, tree), FILES);
    },
  });
}
