// Copyright 2026 the pystd authors. MIT license.

/**
 * Folders of any size: their lists here never end, so that nothing can hold a whole
 * one.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { toFetchHandler } from "../../fetch.ts";
import { Archives } from "../../handlers/share/archive/archives.ts";
import { ShareHTTPRequestHandler } from "../../handlers/share.ts";
import { SimpleHTTPRequestHandler } from "../../handlers/simple.ts";
import type { Source, SourceEntry } from "../../sources/source.ts";

const PAGE = 100;
const ENTRY = { kind: "file", size: 1 } as const;

/** A folder `big` without an end, in which every tenth entry is such a folder. */
function endless(): { source: Source; pages: () => number } {
  let pages = 0;
  return {
    pages: () => pages,
    source: {
      label: "endless",
      find: (path) => {
        const name = path.split("/").at(-1)!;
        const isFolder = name === "big" || name.endsWith("0");
        return isFolder ? { name, kind: "directory", size: 0 } : undefined;
      },
      async *list(path): AsyncGenerator<SourceEntry[]> {
        if (path === "") {
          yield await Promise.resolve([
            { name: "big", kind: "directory", size: 0 },
          ]);
          return;
        }
        for (let i = 0;; i += PAGE) {
          pages++;
          yield await Promise.resolve(
            Array.from({ length: PAGE }, (_, k) => {
              const name = `${i + k}`;
              return (i + k) % 10 === 0 && path.length < 9
                ? { name, kind: "directory", size: 0 }
                : { ...ENTRY, name };
            }),
          );
        }
      },
      read: () => new Uint8Array([65]),
    },
  };
}

class Share extends ShareHTTPRequestHandler {
  static override maxListedEntries = 1000;
  static override maxSearchResults = 50;
  override logMessage(): void {}
}

class Simple extends SimpleHTTPRequestHandler {
  static override maxListedEntries = 1000;
  override logMessage(): void {}
}

Deno.test("a listing of too many entries is 403", async (t) => {
  for (
    const [Handler, target] of [
      [Share, "/big/"],
      [Share, "/big/?format=json"],
      [Simple, "/big/"],
    ] as const
  ) {
    await t.step(`${Handler.name} ${target}`, async () => {
      const { source, pages } = endless();
      const handler = toFetchHandler(Handler.with({ source }));
      const response = await handler(new Request(`http://h${target}`));
      assertEquals(response.status, 403);
      assert((await response.text()).includes("too many entries to list"));
      assertEquals(pages(), 11);
    });
  }
});

Deno.test("a search reads a folder a page at a time", async () => {
  const { source, pages } = endless();
  const handler = toFetchHandler(Share.with({ source }));
  const response = await handler(
    new Request("http://h/big/?search=9&format=text"),
  );
  const lines = (await response.text()).trim().split("\n");
  // The first page of the folder, then those of its folders.
  assertEquals(lines.slice(0, 2), ["19", "29"]);
  assert(lines.some((line) => line.startsWith("0/")), lines.join());
  assert(pages() < 20, `${pages()} pages`);
});

Deno.test("an archive reads a folder a page at a time, until the client leaves", async () => {
  const { source, pages } = endless();
  const handler = toFetchHandler(
    Share.with({ source, archives: new Archives() }),
  );
  const response = await handler(
    new Request("http://h/big/?archive=zip"),
  );
  const reader = response.body!.getReader();
  let length = 0;
  while (length < 200_000) length += (await reader.read()).value!.length;
  await reader.cancel();
  assert(pages() < 100, `${pages()} pages`);
});
