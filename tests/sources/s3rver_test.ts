// Copyright 2026 the pystd authors. MIT license.

/**
 * `S3Source` over s3rver, a store of somebody else, which verifies signatures:
 * `npm ci` in `npm/` installs it. It knows neither conditional writes nor lists of
 * uploads, so `s3_test.ts` tests those with a store of our own.
 *
 * @module
 */

import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { SourceUploads } from "../../handlers/share/upload/source_uploads.ts";
import { S3Source, type S3SourceOptions } from "../../sources/s3.ts";
import { SourceError } from "../../sources/source.ts";
import { ROOT } from "../support/command.ts";
import {
  type Served,
  testManagement,
  testSource,
  testUploads,
} from "./cases.ts";
import { FILES, UPLOAD_OPTIONS } from "./files.ts";

const HERE = `${ROOT}/tests/sources/npm`;
const KEYS = { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" };

function isInstalled(): boolean {
  try {
    return Deno.statSync(`${HERE}/node_modules/@20minutes/s3rver/package.json`)
      .isFile;
  } catch {
    return false;
  }
}

const MISSING = !isInstalled();
const NAME = MISSING
  ? "s3rver (not installed: npm ci in tests/sources/npm)"
  : "s3rver";

interface Store extends AsyncDisposable {
  readonly options: S3SourceOptions;
}

async function startStore(): Promise<Store> {
  const folder = await Deno.makeTempDir();
  const child = new Deno.Command("node", {
    // It encrypts its continuation tokens with a cipher of OpenSSL 1.
    args: ["--openssl-legacy-provider", `${HERE}/store.js`, folder],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await reader.read();
  return {
    options: {
      bucket: "share",
      endpoint: value.trim(),
      credentials: KEYS,
      retries: 0,
    },
    async [Symbol.asyncDispose](): Promise<void> {
      child.kill("SIGKILL");
      await child.status;
      await reader.cancel();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function serve(): Promise<Served> {
  const store = await startStore();
  // It fails at times if several objects of a folder are removed at once.
  const options = { ...store.options, retries: 5, prefix: "top" };
  const source = new S3Source(options);
  for (const [path, content] of Object.entries(FILES)) {
    const stream = new Blob([content as BlobPart]).stream();
    await source.write(path, stream, { overwrite: false });
  }
  return {
    options: { source },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

testSource(NAME, serve, MISSING);
testManagement(NAME, serve, undefined, MISSING);
testUploads(
  NAME,
  serve,
  ({ options }) => new SourceUploads(options.source!, UPLOAD_OPTIONS),
  MISSING,
);

Deno.test({
  name: `${NAME} accepts the signatures of odd names, and no wrong key`,
  ignore: MISSING,
  async fn() {
    await using store = await startStore();
    const source = new S3Source(store.options);
    for (
      const name of ["é b+c&(1)!*'.txt", "a=b?c#d%20e", "日本語 😀", "~._-"]
    ) {
      const stream = new Blob([name]).stream();
      await source.write(`d/${name}`, stream, { overwrite: false });
      const entry = (await source.find(`d/${name}`))!;
      const bytes = await source.read(`d/${name}`, {
        start: 0,
        end: entry.size,
        entry,
      });
      assertEquals(await new Response(bytes).text(), name);
    }
    const names: string[] = [];
    for await (const page of source.list("d")) {
      names.push(...page.map(({ name }) => name));
    }
    assertEquals(names.length, 4);
    const credentials = { ...KEYS, secretAccessKey: "wrong" };
    const other = new S3Source({ ...store.options, credentials });
    await assertRejects(() => other.find("d"), SourceError, "refused");
  },
});

Deno.test({
  name: `${NAME} takes a large object in parts`,
  ignore: MISSING,
  async fn() {
    await using store = await startStore();
    const partBytes = 5 * 2 ** 20;
    const source = new S3Source({ ...store.options, partBytes });
    const bytes = new Uint8Array(2 * partBytes + 99).map((_, i) => i * 7);
    const stream = new Blob([bytes]).stream();
    assertEquals(
      await source.write("big", stream, { overwrite: false }),
      "created",
    );
    const entry = (await source.find("big"))!;
    const part = await source.read("big", {
      start: partBytes - 2,
      end: partBytes + 2,
      entry,
    });
    assertEquals(
      await new Response(part).bytes(),
      bytes.subarray(partBytes - 2, partBytes + 2),
    );
  },
});
