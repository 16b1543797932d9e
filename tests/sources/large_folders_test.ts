// Copyright 2026 the pystd authors. MIT license.

/**
 * Folders of any size. Some lists here never end, so that nothing can hold a whole
 * one.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertStringIncludes } from "@std/assert/string-includes";
import { toFetchHandler } from "../../fetch.ts";
import { markFilesChanged } from "../../files/freshness.ts";
import { Archives } from "../../handlers/share/archive/archives.ts";
import { ShareHTTPRequestHandler } from "../../handlers/share.ts";
import { SimpleHTTPRequestHandler } from "../../handlers/simple.ts";
import { Compressor } from "../../handlers/share/coding/codings.ts";
import { SharedPages } from "../../handlers/share/listing/shared_page.ts";
import { MemorySource } from "../../sources/mod.ts";
import {
  type Source,
  type SourceEntry,
  SourceError,
} from "../../sources/source.ts";
import { SourceStore } from "../../sources/source_store.ts";
import { stub } from "../support/stub.ts";
import { waitUntil } from "../support/wait.ts";

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
      // A folder of ten full pages is large: it is read again, when its turn comes.
      assertEquals(pages(), 10 + 11);
    });
  }
});

Deno.test("a folder with too many entries is refused for a minute without a look, until this process changes a file", async () => {
  const { source, pages } = endless();
  const handler = toFetchHandler(Share.with({ source }));
  const ask = async (target: string): Promise<number> => {
    const response = await handler(new Request(`http://h${target}`));
    await response.body?.cancel();
    return response.status;
  };
  const real = performance.now;
  let later = 0;
  using _ = stub(
    performance,
    "now",
    () => () => real.call(performance) + later,
  );
  // Requests that wait for the first one are refused with it.
  const targets = ["/big/", "/big/?format=json", "/big/?sort=size"];
  assertEquals(await Promise.all(targets.map(ask)), [403, 403, 403]);
  assertEquals(pages(), 3 * 10 + 11);
  assertEquals(await Promise.all(targets.map(ask)), [403, 403, 403]);
  assertEquals(pages(), 41);
  // Another folder is looked at.
  assertEquals(await ask("/big/10/"), 403);
  assertEquals(pages(), 41 + 21);
  later += 61_000;
  assertEquals(await ask("/big/"), 403);
  assertEquals(pages(), 62 + 21);
  markFilesChanged();
  assertEquals(await ask("/big/"), 403);
  assertEquals(pages(), 83 + 21);
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

/** A source with a folder `big` of 5,000 files, and what was read of it. */
class Big implements Source {
  readonly label = "big";
  /** Readings that have begun, and pages that were read. */
  readings = 0;
  pages = 0;
  /** Readings that are behind their first thousand entries, and the most at once. */
  ahead = 0;
  mostAhead = 0;
  /** Runs before each page. */
  wait: (page: number) => Promise<void> | void = () => {};

  find(path: string): SourceEntry | undefined {
    if (path === "big") return { name: "big", kind: "directory", size: 0 };
    return path === "a.txt" ? { ...ENTRY, name: path } : undefined;
  }

  async *list(): AsyncGenerator<SourceEntry[]> {
    this.readings++;
    let isAhead = false;
    try {
      for (let page = 0; page < 50; page++) {
        await this.wait(page);
        this.pages++;
        if (page === 20) {
          isAhead = true;
          this.mostAhead = Math.max(this.mostAhead, ++this.ahead);
        }
        yield Array.from(
          { length: PAGE },
          (_, i) => ({ ...ENTRY, name: `${page * PAGE + i}` }),
        );
      }
    } finally {
      if (isAhead) this.ahead--;
    }
  }

  read(): Uint8Array {
    return new Uint8Array([65]);
  }
}

class Quiet extends ShareHTTPRequestHandler {
  override logMessage(): void {}
}

function ask(source: Source): (
  target: string,
  init?: RequestInit,
) => Promise<Response> {
  const handler = toFetchHandler(Quiet.with({ source }));
  return async (target, init) =>
    await handler(new Request(`http://h${target}`, init));
}

for (const format of ["html", "json", "text"]) {
  for (const coding of ["identity", "br", "gzip"]) {
    Deno.test(`no step of a large listing as ${format}, ${coding}, handles more than a piece of it`, async () => {
      let longest = 0;
      const note = (length = 0): void => {
        longest = Math.max(longest, length);
      };
      using _ = stub(
        TextEncoder.prototype,
        "encode",
        (real) =>
          function (this: TextEncoder, text) {
            note(text?.length);
            return real.call(this, text);
          },
      );
      using _add = stub(
        Compressor.prototype,
        "add",
        (real) =>
          function (this: Compressor, bytes) {
            note(bytes.length);
            return real.call(this, bytes);
          },
      );
      const headers = { "Accept-Encoding": coding };
      const response = await ask(new Big())(`/big/?format=${format}`, {
        headers,
      });
      assertEquals(response.status, 200);
      assertEquals(response.headers.get("content-length"), null);
      await response.body!.pipeTo(new WritableStream());
      assert(longest > 0 && longest < 128 * 1024, `${longest}`);
      await waitUntil(() => SharedPages.count === 0);
    });
  }
}

Deno.test("requests for the same large listing of a source share it, and others are served meanwhile", async () => {
  const source = new Big();
  const gate = Promise.withResolvers<void>();
  source.wait = (page) => page === 30 ? gate.promise : undefined;
  const send = ask(source);
  const first = send("/big/?format=text");
  // The first one is held in the middle of the folder.
  await waitUntil(() => source.pages === 10 + 30);
  const others = Array.from({ length: 10 }, () => send("/big/?format=text"));
  await waitUntil(() => source.readings === 2 + 10);
  assertEquals(await (await send("/a.txt")).text(), "A");
  gate.resolve();
  for (const response of await Promise.all([first, ...others])) {
    assertEquals((await response.text()).split("\n").length, 5001);
  }
  // Each looked whether the folder is large; two pages were made.
  assertEquals(source.readings, 11 + 2);
  await waitUntil(() => SharedPages.count === 0);
});

Deno.test("any number of clients list small folders of a source at once, some of them after others", async () => {
  const gate = Promise.withResolvers<void>();
  let listing = 0;
  let most = 0;
  const source: Source = {
    label: "many",
    find: (name) => ({ name, kind: "directory", size: 0 }),
    async *list(): AsyncGenerator<SourceEntry[]> {
      most = Math.max(most, ++listing);
      await gate.promise;
      listing--;
      yield [{ ...ENTRY, name: "a.txt" }];
    },
    read: () => new Uint8Array([65]),
  };
  const send = ask(source);
  const answers = Array.from(
    { length: 100 },
    (_, i) => send(`/${i}/?format=text`),
  );
  await waitUntil(() => most === 16);
  gate.resolve();
  for (const response of await Promise.all(answers)) {
    assertEquals(response.status, 200);
    assertEquals(await response.text(), "a.txt\n");
  }
  assertEquals(most, 16);
});

Deno.test("large folders of a source are read one at a time", async () => {
  const source = new Big();
  const send = ask(source);
  const targets = ["name", "size", "date"].flatMap((sort) => [
    `/big/?format=text&sort=${sort}`,
    `/big/?format=json&sort=${sort}&order=desc`,
  ]);
  const heads = ["name", "size"].map((sort) =>
    send(`/big/?sort=${sort}`, { method: "HEAD" })
  );
  const answers = await Promise.all([...targets.map((t) => send(t)), ...heads]);
  for (const response of answers) {
    assertEquals(response.status, 200);
    await response.body?.pipeTo(new WritableStream());
  }
  assertEquals(source.mostAhead, 1);
  await waitUntil(() => SharedPages.count === 0);
});

Deno.test("a large listing has the status of a failure behind its first pages", async () => {
  const source = new Big();
  source.wait = (page) => {
    if (page === 40) throw new SourceError(502, "The storage failed");
  };
  const send = ask(source);
  for (const method of ["GET", "HEAD"]) {
    const response = await send("/big/", { method });
    assertEquals(response.status, 502);
    await response.body?.cancel();
  }
  assertStringIncludes(
    await (await send("/big/?format=json")).text(),
    "The storage failed",
  );
  await waitUntil(() => SharedPages.count === 0);
});

Deno.test("an archive of a source in memory lets others work between its files", async () => {
  const files: Record<string, string> = {};
  for (let i = 0; i < 500; i++) files[`${i}.txt`] = "x";
  const store = new SourceStore(new MemorySource(files), {
    dotfiles: false,
    hide: undefined,
    cacheBytes: 0,
    freshFor: 0,
    maxListedEntries: 1000,
  });
  const top = await store.locate("/");
  assert(top.kind === "directory");
  let turns = 0;
  const others = setInterval(() => turns++, 0);
  // Each check of the clock finds that the slice is over.
  let now = 0;
  using _ = stub(Date, "now", () => () => now += 10);
  let count = 0;
  for await (const _ of store.walk(top)) count++;
  clearInterval(others);
  assertEquals(count, 500);
  assert(turns > 100, `${turns} turns`);
});
