// Copyright 2026 the pystd authors. MIT license.

/**
 * The memory of uploads to a bucket: who waits, who is ended, and that it is given
 * back.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { assertThrows } from "@std/assert/throws";
import { SourceUploads } from "../../handlers/share/upload/source_uploads.ts";
import { ShareHTTPRequestHandler } from "../../handlers/share.ts";
import { ThreadingHTTPServer } from "../../server.ts";
import { R2Source } from "../../sources/r2.ts";
import { S3Source } from "../../sources/s3.ts";
import {
  type Source,
  SourceError,
  type WriteOptions,
  type Written,
} from "../../sources/source.ts";
import {
  type UploadLimits,
  UploadMemory,
} from "../../sources/upload_memory.ts";
import { field } from "../support/answers.ts";
import { ask, RawClient } from "../support/client.ts";
import { MemoryBucket } from "../support/r2_bucket.ts";
import { req } from "../support/rfc.ts";
import { failure, S3Store } from "../support/s3_store.ts";
import { stub } from "../support/stub.ts";
import { waitUntil } from "../support/wait.ts";

const LIMITS: UploadLimits = {
  maxUploadMemory: 10,
  maxUploadWait: 20,
  minUploadRate: 1000,
};
const PATIENT = { ...LIMITS, maxUploadWait: 60_000 };

Deno.test("UploadMemory lets in who waits, those that have begun first", async () => {
  const memory = new UploadMemory();
  const order: string[] = [];
  const first = await memory.reserve(6, false, PATIENT);
  const other = await memory.reserve(4, false, PATIENT);
  const wait = (name: string, bytes: number, hasBegun: boolean) =>
    memory.reserve(bytes, hasBegun, PATIENT).then((part) => {
      order.push(name);
      return part;
    });
  const all = [
    wait("new", 6, false),
    // It needs little, but it has come later.
    wait("small", 1, false),
    wait("begun", 4, true),
    wait("begun later", 4, true),
  ];
  other[Symbol.dispose]();
  await all[2];
  assertEquals(order, ["begun"]);
  first[Symbol.dispose]();
  // Given back once, not twice.
  first[Symbol.dispose]();
  await all[3];
  assertEquals(order, ["begun", "begun later"]);
  (await all[2])[Symbol.dispose]();
  await all[0];
  (await all[3])[Symbol.dispose]();
  await all[1];
  assertEquals(order, ["begun", "begun later", "new", "small"]);
  for (const part of await Promise.all(all)) part[Symbol.dispose]();
  // All of it is free.
  (await memory.reserve(10, false, LIMITS))[Symbol.dispose]();
});

Deno.test("UploadMemory refuses a new upload that has waited too long", async () => {
  const memory = new UploadMemory();
  const held = await memory.reserve(10, false, LIMITS);
  const error = await assertRejects(
    () => memory.reserve(1, false, LIMITS),
    SourceError,
    "Too many uploads at once",
  );
  assertEquals(error.status, 503);
  held[Symbol.dispose]();
  // A part that is larger than the whole memory is sent alone.
  (await memory.reserve(99, false, LIMITS))[Symbol.dispose]();
});

Deno.test("UploadMemory ends a slow upload only if others wait", async () => {
  let now = 0;
  using _clock = stub(performance, "now", () => () => now);
  const memory = new UploadMemory();
  const slow = await memory.reserve(5, false, PATIENT);
  const fast = await memory.reserve(5, false, PATIENT);
  fast.received(11_000);
  slow.received(9_000);
  now = 11_000;
  slow.received(0);
  const waiting = memory.reserve(5, false, PATIENT);
  fast.received(0);
  const error = assertThrows(() => slow.received(0), SourceError, "slow");
  assertEquals(error.status, 503);
  slow[Symbol.dispose]();
  (await waiting)[Symbol.dispose]();
  fast[Symbol.dispose]();
});

/** How many uploads have got memory: their content is read then. */
let begun = 0;

async function* counted(
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  begun++;
  yield* content;
}

/** A source that receives uploads. */
interface Writable extends Source {
  write(
    path: string,
    content: AsyncIterable<Uint8Array>,
    options: WriteOptions,
  ): Promise<Written>;
}

/** Counts the uploads of a source that get memory. */
function counting<T extends Writable>(source: T): T {
  const write = source.write.bind(source);
  source.write = (path, content, options) =>
    write(path, counted(content), options);
  return source;
}

class Bucket extends S3Source {
  static override maxUploadMemory = 2000;
  static override maxUploadWait = 100;
}

class Binding extends R2Source {
  static override maxUploadMemory = 2000;
  static override maxUploadWait = 100;
}

class Handler extends ShareHTTPRequestHandler {
  static override maxBodyBytes = 1e6;
  override logMessage(): void {}
}

/** Runs a test with a server of a source that takes two parts at once. */
async function withServer(
  source: Source,
  run: (port: number) => Promise<void>,
): Promise<void> {
  const uploads = new SourceUploads(source, { overwrite: true });
  await using httpd = new ThreadingHTTPServer(
    ["127.0.0.1", 0],
    Handler.with({ source, uploads }),
  );
  const served = httpd.serveForever();
  await run(httpd.serverPort);
  await httpd.shutdown();
  await served;
}

const put = (name: string, body: string): string =>
  req(`PUT /${name}`, `Content-Length: ${body.length}`) + body;

function form(name: string, content: string): string {
  const body = `--b\r\nContent-Disposition: form-data; name="f"; ` +
    `filename="${name}"\r\n\r\n${content}\r\n--b--\r\n`;
  const type = "Content-Type: multipart/form-data; boundary=b";
  return req("POST /", type, `Content-Length: ${body.length}`) + body;
}

for (
  const [name, make] of [
    ["S3Source", () => {
      const store = new S3Store();
      const source = counting(
        new Bucket({ ...store.options, partBytes: 1000, retries: 0 }),
      );
      return {
        source,
        [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
      };
    }],
    ["R2Source", () => {
      const source = counting(
        new Binding(new MemoryBucket(), { partBytes: 1000 }),
      );
      return {
        source,
        [Symbol.asyncDispose]: () => Promise.resolve(),
      };
    }],
  ] as const
) {
  Deno.test(`${name}: more uploads than its memory has room for get 503, not memory`, async () => {
    begun = 0;
    Bucket.maxUploadWait = Binding.maxUploadWait = 100;
    await using made = make();
    await withServer(made.source, async (port) => {
      const stalled = await Promise.all(["a", "b"].map(async (name) => {
        const client = await RawClient.connect(port);
        await client.send(put(name, "x".repeat(3000)).slice(0, -2500));
        return client;
      }));
      await waitUntil(() => begun === 2);
      for (const request of [put("c", "gamma"), form("c", "gamma")]) {
        const [answer] = await ask(port, request);
        const { status } = answer!;
        const isForm = request.startsWith("POST");
        assert(
          status === 503 || isForm && answer!.body.includes("Too many"),
          answer!.body,
        );
        if (!isForm) assertEquals(field(answer!, "retry-after"), "5");
      }
      // Reading is never limited.
      const [listing] = await ask(port, req("GET /?format=text"));
      assertEquals(listing!.status, 200);
      Bucket.maxUploadWait = Binding.maxUploadWait = 20_000;
      // The memory of a client that has left is free again.
      for (const client of stalled) await client[Symbol.asyncDispose]();
      const statuses = await Promise.all(
        ["c", "d", "e", "f", "g"].map(async (name) =>
          (await ask(port, put(name, "x".repeat(2500))))[0]!.status
        ),
      );
      assertEquals(statuses, [201, 201, 201, 201, 201]);
    });
  });
}

Deno.test("a form ends if the source reads nothing of a file", async (t) => {
  for (const outcome of ["exists", "fails"] as const) {
    await t.step(outcome, async () => {
      const source: Source = {
        label: "a test",
        find: () => undefined,
        async *list() {},
        read: () => new Uint8Array(),
        write: () =>
          outcome === "exists"
            ? Promise.resolve(outcome)
            : Promise.reject(new SourceError(502, "The storage failed")),
        makeDirectory: () => Promise.resolve(true),
      };
      await withServer(source, async (port) => {
        const [answer] = await ask(port, form("c", "x".repeat(300_000)));
        const wanted = outcome === "exists" ? "already exists" : "failed";
        assert(answer!.body.includes(wanted), answer!.body);
      });
    });
  }
});

Deno.test("an upload gives its memory back however it ends", async (t) => {
  await using store = new S3Store({ taken: "" });
  class OneAtATime extends Bucket {
    static override maxUploadMemory = 1000;
  }
  const source = new OneAtATime({
    ...store.options,
    partBytes: 1000,
    retries: 0,
  });
  const bytes = new Uint8Array(2500);
  async function* cut(): AsyncGenerator<Uint8Array> {
    yield bytes;
    await Promise.resolve();
    throw new Error("cut");
  }
  const write = (
    path: string,
    content: AsyncIterable<Uint8Array> = new Blob([bytes]).stream(),
    size?: number,
  ) => source.write(path, content, { overwrite: true, size });
  const failAt = (text: string): void => {
    store.fault = ({ method, url }) =>
      `${method} ${url}`.includes(text)
        ? failure(500, "InternalError")
        : undefined;
  };
  const ends: [name: string, run: () => unknown][] = [
    ["one part", () => write("a", new Blob(["x"]).stream())],
    ["several parts", () => write("a")],
    ["nothing", () => write("a", new Blob([]).stream(), 0)],
    [
      "content that fails",
      () => assertRejects(() => write("a", cut()), Error, "cut"),
    ],
    [
      "more content than announced",
      () =>
        assertRejects(
          () => write("a", undefined, 2499),
          SourceError,
          "Too Large",
        ),
    ],
    ["a store that does not begin", () => {
      failAt("POST");
      return assertRejects(() => write("a"), SourceError);
    }],
    ["a store that takes no part", () => {
      failAt("partNumber=2");
      return assertRejects(() => write("a"), SourceError);
    }],
    ["a store that does not complete", () => {
      failAt("?uploadId=");
      return assertRejects(() => write("a"), SourceError);
    }],
    [
      "a name that is taken",
      () =>
        source.write("taken", new Blob([bytes]).stream(), { overwrite: false }),
    ],
  ];
  for (const [name, run] of ends) {
    await t.step(name, async () => {
      await run();
      store.fault = () => undefined;
      assertEquals(
        await write("b", new Blob(["x"]).stream()) === "exists",
        false,
      );
    });
  }
});
