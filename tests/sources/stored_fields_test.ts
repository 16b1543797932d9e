// Copyright 2026 the pystd authors. MIT license.

/**
 * Header fields that are stored with the objects of a bucket. The clients read raw
 * bytes, since `fetch` would decode them.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { toFetchHandler } from "../../fetch.ts";
import { ShareHTTPRequestHandler } from "../../handlers/share.ts";
import { Hashes } from "../../handlers/share/hash/hashes.ts";
import { R2Source } from "../../sources/r2.ts";
import { type Answer, field } from "../support/answers.ts";
import { ask, encodeLatin1 } from "../support/client.ts";
import { type RunningCommand, startCommand } from "../support/command.ts";
import { MemoryBucket } from "../support/r2_bucket.ts";
import { req } from "../support/rfc.ts";
import { S3Store } from "../support/s3_store.ts";
import { untar } from "./cases.ts";

const TEXT = "The same line, again and again.\n".repeat(100);
const CODED = new Uint8Array(gzipSync(TEXT));
/** Larger than what is read at once, and kept. */
const LARGE = new Uint8Array(gzipSync(noise(400_000)));
const GZIP = { "content-encoding": "gzip" };

function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function noise(size: number): Uint8Array {
  let seed = 1;
  return new Uint8Array(size).map(() =>
    (seed = seed * 48271 % 2147483647) & 0xff
  );
}

function serve(store: S3Store): Promise<RunningCommand> {
  const flags = ["--archive", "--hash", "--allow-host=h"];
  return startCommand([...flags, "s3://share"], {
    permissions: ["--allow-net", "--allow-env=AWS_*"],
    env: store.environment,
  });
}

async function get(
  command: RunningCommand,
  line: string,
  ...fields: string[]
): Promise<Answer> {
  const request = req(line, "Connection: close", ...fields);
  return (await ask(command.port, request))[0]!;
}

Deno.test("cli passes on an object that is stored in a coding, byte for byte", async (t) => {
  await using store = new S3Store();
  store.put("a.txt", CODED, GZIP);
  store.put("large.txt", LARGE, GZIP);
  await using command = await serve(store);
  for (
    const [path, bytes] of [["/a.txt", CODED], ["/large.txt", LARGE]] as const
  ) {
    // A client that asks for nothing, one that decodes, and one that refuses.
    for (const accept of ["", "gzip, br", "identity"]) {
      await t.step(`GET ${path}, Accept-Encoding: ${accept}`, async () => {
        const fields = accept === "" ? [] : [`Accept-Encoding: ${accept}`];
        const answer = await get(command, `GET ${path}`, ...fields);
        assertEquals(answer.status, 200);
        assertEquals(field(answer, "content-encoding"), "gzip");
        assertEquals(field(answer, "content-length"), `${bytes.length}`);
        assertEquals(encodeLatin1(answer.body), bytes);
      });
    }
    await t.step(`HEAD ${path}`, async () => {
      const answer = await get(command, `HEAD ${path}`);
      assertEquals(field(answer, "content-encoding"), "gzip");
      assertEquals(field(answer, "content-length"), `${bytes.length}`);
    });
    await t.step(`a range of ${path}`, async () => {
      const answer = await get(command, `GET ${path}`, "Range: bytes=20-39");
      assertEquals(answer.status, 206);
      assertEquals(field(answer, "content-encoding"), "gzip");
      assertEquals(
        field(answer, "content-range"),
        `bytes 20-39/${bytes.length}`,
      );
      assertEquals(encodeLatin1(answer.body), bytes.slice(20, 40));
    });
    // RFC 9530 section 2: as `Content-Digest` of a response with all bytes.
    await t.step(
      `the hash of ${path} is that of the bytes that are sent`,
      async () => {
        for (const query of ["?sha256", "?hash"]) {
          const answer = await get(command, `GET ${path}${query}`);
          assertEquals([answer.status, answer.body], [200, sha256(bytes)]);
          assertEquals(field(answer, "content-encoding"), undefined);
          assertEquals(field(answer, "content-length"), "64");
        }
      },
    );
    await t.step(`conditions on ${path}`, async () => {
      const { etag } = store.objects.get(path.slice(1))!;
      const again = await get(command, `GET ${path}`, `If-None-Match: ${etag}`);
      assertEquals([again.status, again.body], [304, ""]);
      const other = await get(command, `GET ${path}`, 'If-Match: "other"');
      assertEquals(other.status, 412);
    });
  }
  await t.step("a browser gets the text", async () => {
    const response = await fetch(command.url("/a.txt"));
    assertEquals(await response.text(), TEXT);
  });
  await t.step(
    "the viewer shows no coded text, nor does the listing",
    async () => {
      store.put("README.md", CODED, GZIP);
      const view = await get(command, "GET /a.txt?view");
      assertEquals(view.status, 200);
      const listing = await get(command, "GET /", "Accept: text/html");
      for (const { body } of [view, listing]) {
        assert(
          !body.includes("\x1f\x8b"),
        );
      }
    },
  );
  await t.step("an archive has the stored bytes", async () => {
    const archive = await fetch(command.url("/?archive=tar.gz"));
    const files = await untar(await archive.bytes());
    assertEquals(Object.keys(files).sort(), [
      "share/README.md",
      "share/a.txt",
      "share/large.txt",
    ]);
    // The texts end at a NUL.
    assertEquals(files["share/a.txt"]!.slice(0, 2), "\x1f\ufffd");
  });
});

Deno.test("a hash is that of the version that the source has now", async () => {
  const old = new Date(Date.now() - 60_000);
  await using store = new S3Store();
  const put = (text: string, modified = old): void => {
    store.put("a.txt", text);
    store.objects.set("a.txt", { ...store.objects.get("a.txt")!, modified });
  };
  put("one");
  await using command = await serve(store);
  const first = await get(command, "GET /a.txt?sha256");
  assertEquals(first.body, sha256("one"));
  // The store counts seconds, so two versions may have one time.
  put("two");
  const tag = field(first, "etag");
  const second = await get(
    command,
    "GET /a.txt?sha256",
    `If-None-Match: ${tag}`,
  );
  assertEquals([second.status, second.body], [200, sha256("two")]);
});

Deno.test("cli passes on the fields of an object that concern its content", async () => {
  await using store = new S3Store();
  const fields = {
    "content-type": "image/png",
    "content-disposition": 'attachment; filename="b.png"',
    "content-language": "en",
    "cache-control": "public, max-age=99",
  };
  store.put("picture", "png", fields);
  store.put("a.txt", "alpha", { ...fields, "content-encoding": "aws-chunked" });
  await using command = await serve(store);
  for (const range of [[], ["Range: bytes=0-1"]]) {
    const picture = await get(command, "GET /picture", ...range);
    assertEquals(field(picture, "content-type"), "image/png");
    // As over a directory: the name tells the type, the flag the caching.
    const text = await get(command, "GET /a.txt", ...range);
    assertEquals(field(text, "content-type"), "text/plain; charset=utf-8");
    for (const answer of [picture, text]) {
      assertEquals(
        field(answer, "content-disposition"),
        fields["content-disposition"],
      );
      assertEquals(field(answer, "content-language"), "en");
      assertEquals(field(answer, "cache-control"), "no-cache");
      assertEquals(field(answer, "content-encoding"), undefined);
    }
  }
});

Deno.test("a bucket gives new fields for the same content", async () => {
  await using store = new S3Store();
  const { etag } = store.put("a.txt", CODED);
  await using command = await serve(store);
  assertEquals(
    field(await get(command, "GET /a.txt"), "content-encoding"),
    undefined,
  );
  // What `aws s3 cp --metadata-directive REPLACE` does.
  const changed = { ...store.objects.get("a.txt")!, etag, fields: GZIP };
  store.objects.set("a.txt", { ...changed, modified: new Date(0) });
  assertEquals(
    field(await get(command, "GET /a.txt"), "content-encoding"),
    "gzip",
  );
});

Deno.test("R2Source passes on a coding, and fields that can be sent", async () => {
  class Quiet extends ShareHTTPRequestHandler {
    override logMessage(): void {}
  }
  const bucket = new MemoryBucket({ a: CODED, b: "beta" });
  bucket.describe("a", { contentEncoding: "gzip", contentType: "text/css" });
  bucket.describe("b", {
    contentEncoding: "",
    contentType: "text/\u{1f600}",
    contentDisposition: "a\r\nX: y",
    contentLanguage: "en",
  });
  const source = new R2Source(bucket);
  const hashes = new Hashes();
  const handler = toFetchHandler(Quiet.with({ source, hashes }));
  const hashed = await handler(new Request("http://h/a?sha256"));
  assertEquals(await hashed.text(), sha256(CODED));
  const coded = await handler(new Request("http://h/a"));
  assertEquals(coded.headers.get("content-encoding"), "gzip");
  assertEquals(coded.headers.get("content-type"), "text/css");
  assertEquals(gunzipSync(await coded.bytes()).toString(), TEXT);
  const plain = await handler(new Request("http://h/b"));
  assertEquals(await plain.text(), "beta");
  assertEquals(plain.headers.get("content-encoding"), null);
  assertEquals(plain.headers.get("content-type"), "application/octet-stream");
  assertEquals(plain.headers.get("content-disposition"), null);
  assertEquals(plain.headers.get("content-language"), "en");
});
