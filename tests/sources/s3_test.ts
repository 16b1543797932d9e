// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { assertThrows } from "@std/assert/throws";
import { toFetchHandler } from "../../fetch.ts";
import { ShareHTTPRequestHandler } from "../../handlers/share.ts";
import { SourceUploads } from "../../handlers/share/upload/source_uploads.ts";
import { SimpleHTTPRequestHandler } from "../../handlers/simple.ts";
import { S3Source, type S3SourceOptions } from "../../sources/s3.ts";
import { SourceError } from "../../sources/source.ts";
import { respond } from "../../testing.ts";
import { failure, S3Store } from "../support/s3_store.ts";
import { type Served, testSource, testUploads } from "./cases.ts";
import { FILES, largeBytes, UPLOAD_OPTIONS } from "./files.ts";

const PART = 5 * 1024 * 1024;

function serveStore(): Promise<Served> {
  const store = new S3Store(
    Object.fromEntries(
      Object.entries(FILES).map(([key, content]) => [`top/${key}`, content]),
    ),
  );
  // Several pages for a folder.
  store.pageSize = 2;
  const source = new S3Source({ ...store.options, prefix: "top" });
  return Promise.resolve({
    options: { source },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  });
}

testSource("an object store", serveStore);
testUploads(
  "an object store",
  serveStore,
  ({ options }) => new SourceUploads(options.source!, UPLOAD_OPTIONS),
);

class Quiet extends SimpleHTTPRequestHandler {
  override logMessage(): void {}
}

async function get(
  store: S3Store,
  path: string,
  more: Partial<S3SourceOptions> = {},
): Promise<{ status: number; body: string; log: string; headers: Headers }> {
  const source = new S3Source({ ...store.options, retries: 2, ...more });
  const request =
    `GET ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`;
  const Handler = SimpleHTTPRequestHandler.with({ source });
  const { log, ...answer } = await respond(Handler, request);
  return { ...answer, log: log.join("\n") };
}

const NEVER = (): Promise<Response> => new Promise(() => {});

interface Trouble {
  readonly name: string;
  readonly fault: S3Store["fault"];
  readonly status: number;
  readonly log: RegExp;
  readonly retryAfter?: boolean;
}

/** Faults of the store, and what the client and the log get. */
const TROUBLES: readonly Trouble[] = [
  {
    name: "throttling",
    fault: () => failure(503, "SlowDown"),
    status: 503,
    log: /S3: HEAD 127\.0\.0\.1:\d+\/share\/a\.txt: 503/,
    retryAfter: true,
  },
  {
    name: "too many requests",
    fault: () => failure(429, "TooManyRequests"),
    status: 503,
    log: /429/,
    retryAfter: true,
  },
  {
    name: "an internal error",
    fault: () => failure(500, "InternalError"),
    status: 502,
    log: /S3: HEAD 127\.0\.0\.1:\d+\/share\/a\.txt: 500/,
  },
  {
    name: "expired credentials",
    fault: ({ method }) =>
      method === "HEAD"
        ? new Response(null, { status: 400 })
        : failure(400, "ExpiredToken"),
    status: 502,
    log: /400/,
  },
  {
    name: "a wrong clock",
    fault: ({ method }) =>
      method === "HEAD"
        ? new Response(null, { status: 403 })
        : failure(403, "RequestTimeTooSkewed"),
    status: 502,
    log: /RequestTimeTooSkewed/,
  },
  {
    name: "a missing bucket",
    fault: ({ method }) =>
      method === "HEAD"
        ? new Response(null, { status: 404 })
        : failure(404, "NoSuchBucket"),
    status: 502,
    log: /NoSuchBucket/,
  },
  {
    name: "no answer",
    fault: NEVER,
    status: 504,
    log: /HEAD 127\.0\.0\.1:\d+\/share\/a\.txt: no answer within/,
  },
  {
    name: "a body that ends too early",
    fault: ({ method }) =>
      method === "GET"
        ? new Response(
          new ReadableStream({
            start(controller) {
              controller.enqueue(new Uint8Array(3));
              controller.close();
            },
          }),
          { status: 206, headers: { etag: '"x"' } },
        )
        : headOf(6),
    status: 502,
    log: /too few bytes/,
  },
  {
    name: "a body that is too long",
    fault: ({ method }) =>
      method === "GET"
        ? new Response(
          new ReadableStream({
            start(controller) {
              controller.enqueue(new Uint8Array(9));
              controller.close();
            },
          }),
          { status: 206, headers: { etag: '"x"' } },
        )
        : headOf(6),
    status: 502,
    log: /too many bytes/,
  },
  {
    name: "another length than asked for",
    fault: ({ method }) =>
      method === "GET"
        ? new Response(new Uint8Array(3), {
          status: 206,
          headers: { etag: '"x"' },
        })
        : headOf(6),
    status: 502,
    log: /not the range/,
  },
  {
    name: "another range than asked for",
    fault: ({ method }) =>
      method === "GET"
        ? new Response(new Uint8Array(6), {
          status: 206,
          headers: { etag: '"x"', "content-range": "bytes 6-11/12" },
        })
        : headOf(6),
    status: 502,
    log: /not the range/,
  },
  {
    name: "another version",
    fault: ({ method }) =>
      method === "GET"
        ? new Response(new Uint8Array(6), {
          status: 206,
          headers: { etag: '"other"' },
        })
        : headOf(6),
    status: 503,
    log: /just changed/,
    retryAfter: true,
  },
  {
    name: "a list that is no XML",
    fault: ({ method }) =>
      method === "HEAD"
        ? new Response(null, { status: 404 })
        : new Response("<!DOCTYPE a><a/>"),
    status: 502,
    log: /no XML/,
  },
];

function headOf(size: number): Response {
  return new Response(null, {
    headers: { "content-length": `${size}`, etag: '"x"' },
  });
}

for (const { name, fault, status, log, retryAfter = false } of TROUBLES) {
  Deno.test(`a store with ${name} answers ${status}`, async () => {
    await using store = new S3Store({ "a.txt": "alpha\n" });
    store.fault = fault;
    const answer = await get(store, "/a.txt", { timeout: 200, retries: 1 });
    assertEquals(answer.status, status, answer.log);
    assert(log.test(answer.log), answer.log);
    assertEquals(answer.headers.has("retry-after"), retryAfter);
  });
}

Deno.test("a store that fails for a moment is asked again", async () => {
  await using store = new S3Store({ "a.txt": "alpha\n" });
  let left = 2;
  store.fault = () => left-- > 0 ? failure(503, "SlowDown") : undefined;
  const { status, body } = await get(store, "/a.txt");
  assertEquals([status, body], [200, "alpha\n"]);
});

Deno.test("a store that cuts a large file off cuts the response off", async () => {
  await using store = new S3Store({ "large.bin": largeBytes() });
  store.fault = ({ method }) => {
    if (method !== "GET") return undefined;
    const { etag } = store.objects.get("large.bin")!;
    // `Deno.serve` closes the connection of a body that is too short.
    return new Response(new Blob([new Uint8Array(2000)]).stream(), {
      status: 206,
      headers: { etag, "content-length": `${largeBytes().length}` },
    });
  };
  const { status, body, log } = await get(store, "/large.bin");
  assertEquals(status, 200);
  assert(body.length < largeBytes().length);
  assert(/S3: GET 127\S+\/share\/large\.bin: cut off/.test(log), log);
});

Deno.test("a store that stops in a file ends the response", async () => {
  await using store = new S3Store({ "large.bin": largeBytes() });
  let cancelled = false;
  store.fault = ({ method }) =>
    method !== "GET" ? undefined : new Response(
      new ReadableStream({
        start: (controller) => controller.enqueue(new Uint8Array(1000)),
        cancel: () => {
          cancelled = true;
        },
      }),
      { status: 206, headers: { etag: store.objects.get("large.bin")!.etag } },
    );
  const { log } = await get(store, "/large.bin", { timeout: 200 });
  assert(/no answer within 200 ms/.test(log), log);
  await store[Symbol.asyncDispose]();
  assert(cancelled);
});

Deno.test("S3Source writes small objects at once, large ones in parts", async () => {
  await using store = new S3Store();
  const source = new S3Source({ ...store.options, partBytes: PART });
  const large = new Uint8Array(2 * PART + 17).map((_, i) => i * 7);
  for (const bytes of [new Uint8Array(), large.slice(0, PART), large]) {
    store.requests.length = 0;
    const stream = new Blob([bytes]).stream();
    assertEquals(
      await source.write("a/b.bin", stream, { overwrite: true, type: "x/y" }),
      bytes.length === 0 ? "created" : "replaced",
    );
    assertEquals(store.objects.get("a/b.bin")!.bytes, bytes);
    const puts = store.requests.filter((line) => line.startsWith("PUT"));
    assertEquals(puts.length, bytes.length > PART ? 3 : 1);
  }
  assertEquals(store.uploads.size, 0);
  const again = new Blob(["x"]).stream();
  assertEquals(
    await source.write("a/b.bin", again, { overwrite: false }),
    "exists",
  );
});

Deno.test("of two writes of a new object one succeeds", async () => {
  await using store = new S3Store();
  const source = new S3Source(store.options);
  const write = (text: string) =>
    source.write("a", new Blob([text]).stream(), { overwrite: false });
  const outcomes = await Promise.all([write("1"), write("2"), write("3")]);
  assertEquals(outcomes.sort(), ["created", "exists", "exists"]);
});

Deno.test("a write that fails leaves nothing", async () => {
  await using store = new S3Store();
  const source = new S3Source({
    ...store.options,
    partBytes: PART,
    retries: 0,
  });
  async function* cut(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(PART * 2);
    await Promise.resolve();
    throw new Error("the client has left");
  }
  await assertRejects(
    () => source.write("a", cut(), { overwrite: true }),
    Error,
    "the client has left",
  );
  store.fault = ({ url }) =>
    url.includes("partNumber=2") ? failure(500, "InternalError") : undefined;
  await assertRejects(
    () =>
      source.write("a", new Blob([new Uint8Array(PART * 3)]).stream(), {
        overwrite: true,
      }),
    SourceError,
  );
  // S3 can report a failure in a response with the status 200.
  store.fault = ({ method, url }) =>
    method === "POST" && url.includes("uploadId=")
      ? failure(200, "InternalError")
      : undefined;
  await assertRejects(
    () =>
      source.write("a", new Blob([new Uint8Array(PART * 3)]).stream(), {
        overwrite: true,
      }),
    SourceError,
  );
  assertEquals([store.objects.size, store.uploads.size], [0, 0]);
});

Deno.test("S3Source removes uploads that another process left", async () => {
  await using store = new S3Store();
  const source = new S3Source({ ...store.options, prefix: "p" });
  const parts = new Map();
  store.uploads.set("old", { key: "p/a", began: new Date(1000), parts });
  store.uploads.set("new", { key: "p/b", began: new Date(3000), parts });
  assertEquals(await source.removeLeftovers(2000), 1);
  assertEquals([...store.uploads.keys()], ["new"]);
});

Deno.test("S3Source makes a folder once", async () => {
  await using store = new S3Store({ "f": "" });
  const source = new S3Source(store.options);
  assertEquals(await source.makeDirectory("d/e"), true);
  assertEquals(await source.makeDirectory("d/e"), false);
  assertEquals(await source.makeDirectory("f"), false);
  assertEquals([...store.objects.keys()], ["f", "d/e/"]);
});

Deno.test("S3Source asks the address that its options say", async () => {
  const asked: string[] = [];
  const fetch = (input: Request | URL | string): Promise<Response> => {
    asked.push((input as Request).url);
    return Promise.resolve(new Response(null, { status: 404 }));
  };
  const bucket = "b";
  for (
    const options of [
      { bucket },
      { bucket, region: "eu-west-1" },
      { bucket, endpoint: "http://127.0.0.1:9000/s3" },
      { bucket, endpoint: "https://store.example", pathStyle: false },
    ]
  ) {
    const source = new S3Source({ ...options, retries: 0, fetch });
    await source.find("a b/(é)").catch(() => {});
  }
  assertEquals(asked.filter((url) => !url.includes("?")), [
    "https://b.s3.us-east-1.amazonaws.com/a%20b/%28%C3%A9%29",
    "https://b.s3.eu-west-1.amazonaws.com/a%20b/%28%C3%A9%29",
    "http://127.0.0.1:9000/s3/b/a%20b/%28%C3%A9%29",
    "https://b.store.example/a%20b/%28%C3%A9%29",
  ]);
  for (const endpoint of ["ftp://x", "nothing"]) {
    assertThrows(() => new S3Source({ bucket, endpoint }), TypeError);
  }
  for (const scheme of ["ftp", "http"]) {
    const endpoint = `${scheme}://ann:s3cret@127.0.0.1/`;
    const error = assertThrows(
      () => new S3Source({ bucket, endpoint }),
      TypeError,
      "without a user",
    );
    assert(!`${error}`.includes("s3cret"));
  }
});

Deno.test("S3Source asks for new keys when the last ones end", async () => {
  await using store = new S3Store({ "a": "1" });
  let current = { accessKeyId: "old", secretAccessKey: "s" };
  const source = new S3Source({
    ...store.options,
    credentials: () => current,
    retries: 0,
  });
  await assertRejects(() => source.find("a"), SourceError, "refused");
  current = { accessKeyId: "key", secretAccessKey: "s" };
  assertEquals((await source.find("a"))?.size, 1);
});

Deno.test("small objects stay in memory while the store has the same version", async () => {
  await using store = new S3Store({ "a.txt": "alpha\n" });
  const source = new S3Source(store.options);
  const handler = toFetchHandler(Quiet.with({ source }));
  for (const text of ["alpha\n", "beta\n"]) {
    store.put("a.txt", text);
    for (let i = 0; i < 3; i++) {
      const response = await handler(new Request("http://h/a.txt"));
      assertEquals(await response.text(), text);
    }
  }
  const gets = store.requests.filter((line) => line.startsWith("GET"));
  assertEquals(gets.length, 2);
});

Deno.test("S3Source does not take keys or uploads to another host", async () => {
  const stolen: string[] = [];
  await using other = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => {
      stolen.push(request.method);
      return new Response("x", { headers: { etag: '"x"' } });
    },
  );
  await using store = new S3Store();
  const location = `http://localhost:${other.addr.port}/`;
  for (const status of [301, 302, 307, 308]) {
    store.fault = () => new Response(null, { status, headers: { location } });
    const source = new S3Source({ ...store.options, retries: 0 });
    const options = { overwrite: true };
    const content = new Blob(["secret"]).stream();
    await assertRejects(() => source.find("a"), SourceError);
    await assertRejects(() => source.list("").next(), SourceError);
    await assertRejects(() => source.write("a", content, options), SourceError);
  }
  assertEquals(stolen, []);
});

Deno.test("S3Source asks for no keys that would be others in a URL", async () => {
  await using store = new S3Store();
  const source = new S3Source({ ...store.options, prefix: "p" });
  for (
    const path of ["../../other/a", "a/../../b", ".", "\ud800", "é".repeat(512)]
  ) {
    assertEquals(await source.find(path), undefined);
    const content = new Blob(["x"]).stream();
    await assertRejects(
      () => source.write(path, content, { overwrite: true }),
      SourceError,
      "no file can have it",
    );
  }
  assertEquals(store.requests, []);
  assertEquals((await get(store, `/${"x".repeat(1025)}`)).status, 404);
});

function listOf(content: string, more = ""): Response {
  return new Response(
    `<ListBucketResult><EncodingType>url</EncodingType>${more}${content}` +
      `</ListBucketResult>`,
  );
}

Deno.test("S3Source leaves out keys that a list may not have", async () => {
  await using store = new S3Store();
  const object = (key: string, size = "1"): string =>
    `<Contents><Key>${key}</Key><Size>${size}</Size></Contents>`;
  store.fault = () =>
    listOf(
      object("p/good") + object("other") + object("q/secret") +
        object("p/%FF") + object("p/minus", "-5") + object("p/none", "x") +
        "<CommonPrefixes><Prefix>q/x/</Prefix></CommonPrefixes>" +
        "<CommonPrefixes><Prefix>p/folder/</Prefix></CommonPrefixes>",
    );
  const source = new S3Source({ ...store.options, prefix: "p" });
  const { value } = await source.list("").next();
  assertEquals(
    value.map(({ name }: { name: string }) => name),
    ["good", "folder"],
  );
});

Deno.test("a list that does not end is a failure of the store", async () => {
  await using store = new S3Store();
  store.fault = () =>
    listOf(
      "<Contents><Key>a</Key><Size>1</Size></Contents>",
      "<IsTruncated>true</IsTruncated>" +
        "<NextContinuationToken>again</NextContinuationToken>",
    );
  const source = new S3Source(store.options);
  await assertRejects(
    () => Array.fromAsync(source.list("")),
    SourceError,
    "The storage failed",
  );
});

Deno.test("S3Source reads no more of an error than it needs", async () => {
  await using store = new S3Store();
  const source = new S3Source({ ...store.options, retries: 0, timeout: 200 });
  let sent = 0;
  store.fault = () =>
    new Response(
      new ReadableStream({
        pull(controller): void {
          // Longer than all that the system keeps for a connection.
          if (++sent > 1000) controller.close();
          else controller.enqueue(new Uint8Array(65536));
        },
      }),
      { status: 400 },
    );
  await assertRejects(() => source.list("").next(), SourceError, "failed");
  assert(sent < 1000);
  // The rest of the error never comes.
  store.fault = () => new Response(new ReadableStream({}), { status: 400 });
  await assertRejects(() => source.list("").next(), SourceError, "failed");
});

for (const field of ["if-match", "if-none-match"]) {
  for (const size of [1, PART + 1]) {
    Deno.test(`of ${size} bytes with ${field} nothing replaces what came meanwhile`, async () => {
      await using store = new S3Store();
      const before = field === "if-match" ? store.put("a", "old").etag : "*";
      const source = new S3Source({ ...store.options, partBytes: PART });
      class Share extends ShareHTTPRequestHandler {
        static override maxBodyBytes = 100 * PART;
        override logMessage(): void {}
      }
      const uploads = new SourceUploads(source, { overwrite: true });
      const handler = toFetchHandler(Share.with({ source, uploads }));
      // Another process writes the object before this one has finished.
      store.fault = ({ method, url }) => {
        const isLast = size === 1 ? method === "PUT" : /uploadId/.test(url);
        if (isLast && method !== "DELETE") store.put("a", "new");
        return undefined;
      };
      const response = await handler(
        new Request("http://h/a", {
          method: "PUT",
          headers: { [field]: before },
          body: new Uint8Array(size),
        }),
      );
      await response.body?.cancel();
      assertEquals(response.status, 412);
      assertEquals(
        new TextDecoder().decode(store.objects.get("a")!.bytes),
        "new",
      );
      assertEquals(store.uploads.size, 0);
    });
  }
}
