// Copyright 2026 the pystd authors. MIT license.

/** Management of a bucket, also of one whose store fails in the middle. */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { toFetchHandler } from "../../fetch.ts";
import { ShareHTTPRequestHandler } from "../../handlers/share.ts";
import { SourceManagement } from "../../handlers/share/manage/source_management.ts";
import { SourceUploads } from "../../handlers/share/upload/source_uploads.ts";
import { S3Source } from "../../sources/s3.ts";
import { failure, S3Store } from "../support/s3_store.ts";
import { type Served, testManagement } from "./cases.ts";
import { FILES } from "./files.ts";
import { MOVED, renamed, REPLACED, testInterrupted } from "./interrupted.ts";

testManagement("an object store", (): Promise<Served> => {
  const store = new S3Store(
    Object.fromEntries(
      Object.entries(FILES).map(([key, content]) => [`top/${key}`, content]),
    ),
  );
  store.pageSize = 2;
  const source = new S3Source({ ...store.options, prefix: "top" });
  return Promise.resolve({
    options: { source },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  });
});

interface Sent {
  readonly status: number;
  readonly text: string;
  readonly fields: Headers;
  readonly log: string;
}

/** Sends a request to a server of a bucket. */
async function send(
  store: S3Store,
  line: string,
  to?: string,
  more: Record<string, string> = {},
): Promise<Sent> {
  const log: string[] = [];
  class Handler extends ShareHTTPRequestHandler {
    override logMessage(_format: string, ...args: unknown[]): void {
      log.push(args.join(" "));
    }
  }
  class Small extends S3Source {
    static override maxMovedObjects = 6;
  }
  const source = new Small({
    ...store.options,
    prefix: "top",
    retries: 1,
    timeout: 500,
  });
  const uploads = new SourceUploads(source, { overwrite: true });
  const manage = new SourceManagement(uploads);
  const handler = toFetchHandler(Handler.with({ source, uploads, manage }));
  const [method, path] = line.split(" ");
  const headers = to === undefined ? more : { Destination: to, ...more };
  const response = await handler(
    new Request(`http://h${path}`, { method, headers }),
  );
  const text = await response.text();
  const { status, headers: fields } = response;
  return { status, text, fields, log: log.join("\n") };
}

/** Returns the contents of the objects, by key. */
function contentsOf({ objects }: S3Store): Record<string, string> {
  const decoder = new TextDecoder();
  return Object.fromEntries(
    [...objects].map(([key, { bytes }]) =>
      [key, decoder.decode(bytes)] as const
    ).sort(([a], [b]) => a < b ? -1 : 1),
  );
}

const isCopy = ({ headers }: Request): boolean =>
  headers.has("x-amz-copy-source");
const isDelete = ({ method }: Request): boolean => method === "DELETE";

interface Trouble {
  readonly name: string;
  readonly request: [line: string, to?: string, fields?: typeof FIELDS];
  readonly fault: (store: S3Store) => S3Store["fault"];
  readonly status: number;
  readonly log?: RegExp;
  /** What the bucket has afterwards; the same as before if absent. */
  readonly after?: Record<string, string>;
}

const FIELDS: Record<string, string> = { Overwrite: "F" };
const BEFORE = { "top/a": "1", "top/b": "2" };

/** Faults of the store, what the client gets, and what the bucket has then. */
const TROUBLES: readonly Trouble[] = [
  {
    name: "a DELETE that is throttled",
    request: ["DELETE /a"],
    fault: () => (r) => isDelete(r) ? failure(503, "SlowDown") : undefined,
    status: 503,
    log: /S3: DELETE 127\.0\.0\.1:\d+\/share\/top\/a: 503 SlowDown/,
  },
  {
    name: "a DELETE without the right",
    request: ["DELETE /a"],
    fault: () => (r) => isDelete(r) ? failure(403, "AccessDenied") : undefined,
    status: 502,
    log: /403 AccessDenied/,
  },
  {
    name: "a DELETE without an answer",
    request: ["DELETE /a"],
    fault: () => (r) => isDelete(r) ? new Promise(() => {}) : undefined,
    status: 504,
    log: /no answer within/,
  },
  {
    name: "a DELETE of a version that has just changed",
    request: ["DELETE /a", undefined, { "If-Unmodified-Since": later() }],
    fault: (store) => (r) => {
      if (isDelete(r)) store.put("top/a", "new");
      return undefined;
    },
    status: 412,
    after: { ...BEFORE, "top/a": "new" },
  },
  {
    name: "a DELETE of what has just gone",
    request: ["DELETE /a"],
    fault: (store) => (r) => {
      if (isDelete(r)) store.objects.delete("top/a");
      return undefined;
    },
    status: 204,
    after: { "top/b": "2" },
  },
  {
    name: "a copy that fails with the status 200",
    request: ["MOVE /a", "/c"],
    fault: () => (r) =>
      isCopy(r)
        ? new Response(
          '<?xml version="1.0"?>\n<Error><Code>InternalError</Code></Error>',
        )
        : undefined,
    status: 502,
    log: /S3: PUT \S+\/top\/c: .*InternalError/,
  },
  {
    name: "a copy whose answer is cut off",
    request: ["MOVE /a", "/c"],
    fault: () => (r) => isCopy(r) ? new Response("<CopyObject") : undefined,
    status: 502,
    log: /PUT/,
  },
  {
    name: "a copy whose answer does not end",
    request: ["MOVE /a", "/c"],
    fault: () => (r) =>
      isCopy(r) ? new Response(new ReadableStream({})) : undefined,
    status: 504,
    log: /no answer within/,
  },
  {
    name: "a copy that is throttled",
    request: ["COPY /a", "/c"],
    fault: () => (r) => isCopy(r) ? failure(503, "SlowDown") : undefined,
    status: 503,
    log: /503 SlowDown/,
  },
  {
    name: "a copy without the right",
    request: ["COPY /a", "/c"],
    fault: () => (r) => isCopy(r) ? failure(403, "AccessDenied") : undefined,
    status: 502,
    log: /403 AccessDenied/,
  },
  {
    name: "an original that changes before the copy",
    request: ["MOVE /a", "/c"],
    fault: (store) => (r) => {
      if (isCopy(r)) store.put("top/a", "new");
      return undefined;
    },
    status: 503,
    after: { ...BEFORE, "top/a": "new" },
  },
  {
    name: "an original that goes before the copy",
    request: ["MOVE /a", "/c"],
    fault: (store) => (r) => {
      if (isCopy(r)) store.objects.delete("top/a");
      return undefined;
    },
    status: 404,
    after: { "top/b": "2" },
  },
  {
    name: "an original that changes after the copy",
    request: ["MOVE /a", "/c"],
    fault: (store) => (r) => {
      if (isDelete(r)) store.put("top/a", "new");
      return undefined;
    },
    status: 409,
    after: { ...BEFORE, "top/a": "new", "top/c": "1" },
  },
  {
    name: "an original that cannot be removed",
    request: ["MOVE /a", "/c"],
    fault: () => (r) => isDelete(r) ? failure(503, "SlowDown") : undefined,
    status: 503,
    after: { ...BEFORE, "top/c": "1" },
  },
  {
    name: "a name that another process takes meanwhile",
    request: ["MOVE /a", "/c", FIELDS],
    fault: (store) => (r) => {
      if (isCopy(r)) store.put("top/c", "other");
      return undefined;
    },
    status: 412,
    after: { ...BEFORE, "top/c": "other" },
  },
  {
    name: "a file that is too large for one copy",
    request: ["MOVE /a", "/c"],
    fault: () => ({ method }, key) =>
      method === "HEAD" && key === "top/a"
        ? new Response(null, {
          headers: { "content-length": `${5 * 2 ** 30 + 1}`, etag: '"x"' },
        })
        : undefined,
    status: 413,
  },
];

function later(): string {
  return new Date(Date.now() + 86_400_000).toUTCString();
}

for (const { name, request, fault, status, log, after } of TROUBLES) {
  Deno.test(`management of a bucket: ${name} is ${status}`, async () => {
    await using store = new S3Store(BEFORE);
    store.fault = fault(store);
    const answer = await send(store, ...request);
    assertEquals(answer.status, status, answer.text);
    assertEquals(answer.fields.has("retry-after"), status === 503);
    if (log !== undefined) assertMatch(answer.log, log);
    assertEquals(contentsOf(store), after ?? BEFORE);
  });
}

const FOLDER = prefixed(MOVED);

Deno.test("a folder that is moved in part has all files in one place or both", async (t) => {
  for (const phase of [isCopy, isDelete]) {
    for (let most = 0; most < 4; most++) {
      await t.step(`${phase.name} ${most}`, async () => {
        await using store = new S3Store(FOLDER);
        store.pageSize = 3;
        let count = 0;
        store.fault = (request) =>
          phase(request) && count++ >= most
            ? failure(503, "SlowDown")
            : undefined;
        const { status } = await send(store, "MOVE /d", "/x");
        assertEquals(status, 503);
        const found = Object.values(contentsOf(store));
        const lost = new Set(Object.values(FOLDER)).difference(new Set(found));
        assertEquals([...lost], []);
        if (phase === isCopy) {
          assertEquals({ ...contentsOf(store), ...FOLDER }, contentsOf(store));
        }
        // Nobody begins what comes after a failure.
        assertEquals(count <= most + 8, true, `${count}`);
        store.fault = () => undefined;
        assertEquals((await send(store, "MOVE /d", "/x")).status < 300, true);
        assertEquals(
          contentsOf(store),
          Object.fromEntries(
            Object.entries(FOLDER).map(([key, text]) =>
              [key.replace("/d/", "/x/"), text] as const
            ),
          ),
        );
      });
    }
  }
});

testInterrupted("a bucket", (files) => {
  const store = new S3Store(prefixed(files));
  store.pageSize = 2;
  const source = new S3Source({ ...store.options, prefix: "top", retries: 0 });
  return {
    source,
    contents: () => withoutPrefix(contentsOf(store)),
    failAfter(most) {
      let count = 0;
      store.fault = ({ method }) =>
        /PUT|DELETE/.test(method) && count++ >= most
          ? failure(503, "SlowDown")
          : undefined;
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
});

function prefixed(files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([key, text]) => [`top/${key}`, text]),
  );
}

function withoutPrefix(files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([key, text]) => [key.slice(4), text]),
  );
}

Deno.test("a move that is begun again adds what came meanwhile", async () => {
  await using store = new S3Store({ ...FOLDER, ...prefixed(REPLACED) });
  let count = 0;
  store.fault = ({ method }, key) =>
    method === "DELETE" && key.startsWith("top/d/") && count++ > 1
      ? failure(503, "SlowDown")
      : undefined;
  assertEquals((await send(store, "MOVE /d", "/x")).status, 503);
  // Nobody sees the marker.
  for (const request of ["GET /d/?format=text", "GET /d/?archive=zip"]) {
    const { text } = await send(store, request);
    assert(!text.includes(".pystd"), text);
  }
  store.fault = () => undefined;
  store.put("top/d/new", "new");
  store.put("top/d/4", "other");
  // Another place is replaced as ever, and the marker is not moved.
  store.put("top/y/9", "nine");
  assertEquals((await send(store, "COPY /d", "/z")).status, 201);
  assertEquals((await send(store, "MOVE /z", "/y")).status, 204);
  assert(!store.objects.has("top/y/9"));
  assertEquals((await send(store, "MOVE /d", "/x")).status, 204);
  const { "top/x/new": added, ...rest } = contentsOf(store);
  assertEquals(added, "new");
  for (const key of Object.keys(rest)) assert(!key.startsWith("top/d/"), key);
  for (const [key, text] of Object.entries(prefixed(renamed(MOVED)))) {
    assertEquals([key, rest[key]], [key, text]);
  }
  for (const key of Object.keys(rest)) assert(!key.includes(".pystd"), key);
});

Deno.test("a folder is moved with hidden files, and not with what it cannot name", async () => {
  const hidden = { ...FOLDER, "top/d/.h": "hidden", "top/d/": "" };
  await using store = new S3Store(hidden);
  assertEquals((await send(store, "MOVE /d", "/x")).status, 201);
  assertEquals(store.objects.has("top/x/.h"), true);
  assertEquals(store.objects.has("top/x/"), true);
  const before = contentsOf(store);
  assertEquals(
    (await send(store, "MOVE /x", `/${"n".repeat(250)}`)).status,
    201,
  );
  for (const odd of ["top/o/../p", "top/o/.", `top/o/${"n".repeat(1000)}`]) {
    await using store = new S3Store({ "top/o/1": "1", [odd]: "2" });
    const { status, text } = await send(
      store,
      "MOVE /o",
      `/${"n".repeat(200)}`,
    );
    assertEquals([status, text.trim()], [
      409,
      "409 Some files cannot have the new names",
    ]);
    assertEquals(store.objects.size, 2);
  }
  assertEquals(Object.keys(before).length, 6);
});

Deno.test("a folder with too many files is not moved", async () => {
  const files = Object.fromEntries(
    Array.from({ length: 7 }, (_, i) => [`top/d/${i}`, "1"]),
  );
  await using store = new S3Store(files);
  store.pageSize = 3;
  const { status, text } = await send(store, "MOVE /d", "/x");
  assertEquals([status, text.trim()], [
    409,
    "409 The folder has more than 6 files: move parts of it",
  ]);
  assertEquals(contentsOf(store), files);
  store.objects.delete("top/d/6");
  assertEquals((await send(store, "MOVE /d", "/x")).status, 201);
});

Deno.test("only what is in a folder is deleted with it", async () => {
  const around = {
    "d/1": "another prefix",
    "top/d": "a file of its name",
    "top/d2/1": "a longer name",
    "top/e/d/1": "deeper",
    "topper/d/1": "a longer prefix",
  };
  const odd = { "top/d/../d2/1": "no request can have this key" };
  await using store = new S3Store({
    ...around,
    ...FOLDER,
    ...odd,
    "top/d//slash": "1",
    "top/d/.h": "hidden",
    "top/d/\x01": "control",
    "top/d/a+b c%20é&<>'\"": "odd",
  });
  store.pageSize = 3;
  const { status, text } = await send(store, "DELETE /d/");
  assertEquals([status, text.trim()], [
    409,
    "409 Some files have names that nothing can delete",
  ]);
  assertEquals(contentsOf(store), { ...around, ...odd });
});

Deno.test("a list of other keys deletes nothing", async () => {
  await using store = new S3Store({ ...FOLDER, "top/other": "1", "x": "2" });
  let lists = 0;
  store.fault = ({ url }) =>
    // The first list is that of the lookup.
    url.includes("list-type=2") && ++lists === 2
      ? new Response(
        "<ListBucketResult><EncodingType>url</EncodingType>" +
          ["top/other", "x", "top%2Fd%2F1", "top%2Fd%2F..%2F..%2Fx"].map((
            key,
          ) => `<Contents><Key>${key}</Key><Size>1</Size></Contents>`).join(
            "",
          ) + "</ListBucketResult>",
      )
      : undefined;
  assertEquals((await send(store, "DELETE /d/")).status, 409);
  const left = { ...contentsOf(store) };
  assertEquals(Object.keys(left), [
    "top/d/2",
    "top/d/e/3",
    "top/d/e/4",
    "top/other",
    "x",
  ]);
});

Deno.test("a moved object keeps the fields that are stored with it", async () => {
  await using store = new S3Store();
  const fields = { "content-encoding": "zstd", "content-type": "text/x-odd" };
  store.put("top/a+b & c", "coded", fields);
  const to = "/%C3%A9%20%2B%25.txt";
  assertEquals((await send(store, "COPY /a+b%20&%20c", to)).status, 201);
  assertEquals(store.objects.get("top/é +%.txt")?.fields, fields);
  assertEquals((await send(store, "MOVE /a+b%20&%20c", "/b")).status, 201);
  assertEquals(store.objects.get("top/b")?.fields, fields);
  assert(!store.objects.has("top/a+b & c"));
});
