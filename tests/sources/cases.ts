// Copyright 2026 the pystd authors. MIT license.

/**
 * One table of requests for every source of files: a directory, memory, and so
 * on. All of them serve the same files, and must answer alike.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import type { ManageFeature, UploadFeature } from "../../handlers/share.ts";
import { SourceManagement } from "../../handlers/share/manage/source_management.ts";
import { SourceUploads } from "../../handlers/share/upload/source_uploads.ts";
import { Archives } from "../../handlers/share/archive/archives.ts";
import { ShareHTTPRequestHandler } from "../../handlers/share.ts";
import {
  SimpleHTTPRequestHandler,
  type SimpleHTTPRequestHandlerOptions,
} from "../../handlers/simple.ts";
import { respond } from "../../testing.ts";
import { encodeLatin1 } from "../support/client.ts";
import { HIDING, LARGE_BYTES, largeBytes, UPLOAD_OPTIONS } from "./files.ts";

/** The files of one source, for as long as the test runs. */
export interface Served extends AsyncDisposable {
  /** The option of a handler: `directory` or `source`. */
  readonly options: Pick<
    SimpleHTTPRequestHandlerOptions,
    "directory" | "source"
  >;
}

/** A request, and what is expected. */
interface Case {
  readonly request: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly status: number;
  /** The body, or a part of it. */
  readonly body?: string;
  /** What the body must not contain. */
  readonly without?: readonly string[];
  readonly length?: number;
  readonly field?: readonly [name: string, value: string | RegExp];
}

const HIDDEN = [".secret", ".git", "key.pem"];

/** The requests, for both classes. */
const CASES: readonly Case[] = [
  { request: "GET /a.txt", status: 200, body: "alpha\n", length: 6 },
  { request: "HEAD /a.txt", status: 200, body: "", length: 6 },
  { request: "GET /a.txt/", status: 404 },
  { request: "GET /empty", status: 200, body: "", length: 0 },
  { request: "GET /%61.txt", status: 200, body: "alpha\n" },
  { request: "GET /docs/../a.txt", status: 200, body: "alpha\n" },
  { request: "GET /../../a.txt", status: 200, body: "alpha\n" },
  { request: "GET //a.txt", status: 200, body: "alpha\n" },
  { request: "GET /docs/b%20c.txt", status: 200, body: "beta\n" },
  { request: "GET /%C3%A9.txt", status: 200, body: "accent\n" },
  { request: "GET /none", status: 404 },
  { request: "GET /none/", status: 404 },
  { request: "GET /a.txt/none", status: 404 },
  { request: "GET /a.tx", status: 404 },
  { request: "GET /doc/", status: 404 },
  { request: "GET /%00", status: 404 },
  { request: "GET /.secret", status: 404 },
  { request: "GET /.git/config", status: 404 },
  { request: "GET /.git/", status: 404 },
  { request: "GET /key.pem", status: 404 },
  {
    request: "GET /docs",
    status: 301,
    field: ["location", /^(?:\.)?\/docs\/$/],
  },
  { request: "GET /docs/", status: 200, body: "README.md" },
  { request: "HEAD /docs/", status: 200, body: "" },
  { request: "GET /", status: 200, body: "large.bin", without: HIDDEN },
  { request: "GET /site/", status: 200, body: "<h1>Site</h1>\n" },
  {
    request: "GET /large.bin",
    fields: { range: "bytes=100000-100003" },
    status: 206,
    length: 4,
    field: ["content-range", `bytes 100000-100003/${LARGE_BYTES}`],
  },
  {
    request: "GET /a.txt",
    fields: { range: "bytes=-3" },
    status: 206,
    body: "ha\n",
  },
  {
    request: "GET /large.bin",
    fields: { range: "bytes=0-1,399990-" },
    status: 206,
    field: ["content-type", /^multipart\/byteranges/],
  },
  {
    request: "GET /large.bin",
    fields: { range: `bytes=${LARGE_BYTES}-` },
    status: 416,
    field: ["content-range", `bytes */${LARGE_BYTES}`],
  },
  { request: "GET /a.txt", fields: { "if-match": '"other"' }, status: 412 },
  { request: "GET /large.bin", fields: { "if-none-match": "*" }, status: 304 },
];

type Asked = Pick<Case, "request" | "fields"> & { readonly body?: string };

function requestText({ request, fields = {}, body = "" }: Asked): string {
  const lines = Object.entries({
    host: "h",
    connection: "close",
    ...fields,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${request} HTTP/1.1\r\n${lines.join("")}\r\n${body}`;
}

/** A response. */
export interface Answer {
  readonly status: number;
  readonly fields: Headers;
  readonly body: Uint8Array;
  readonly text: string;
}

/** Sends a request; returns all bytes of the response. */
export type Send = (request: string) => Promise<Uint8Array>;

/**
 * Sends a request.
 *
 * @param send Sends its text.
 * @param one The request line, and fields.
 * @returns The response, with its body decoded.
 */
export async function ask(
  send: Send,
  one: Asked,
): Promise<Answer> {
  const bytes = await send(requestText(one));
  const all = new TextDecoder("latin1").decode(bytes);
  const end = all.indexOf("\r\n\r\n") + 4;
  const [statusLine, ...lines] = all.slice(0, end).trim().split("\r\n");
  const status = Number(statusLine!.split(" ")[1]);
  const fields = new Headers(
    lines.map((line) => line.split(/: (.*)/).slice(0, 2) as [string, string]),
  );
  const chunked = fields.get("transfer-encoding") === "chunked";
  const body = chunked ? unchunk(bytes.subarray(end)) : bytes.subarray(end);
  return { status, fields, body, text: new TextDecoder().decode(body) };
}

function unchunk(bytes: Uint8Array): Uint8Array {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0;;) {
    const end = bytes.indexOf(13, at);
    const size = parseInt(
      new TextDecoder().decode(bytes.subarray(at, end)),
      16,
    );
    assert(!Number.isNaN(size), "a chunk is missing");
    if (size === 0) break;
    pieces.push(bytes.slice(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
  const whole = new Uint8Array(pieces.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Sends requests to a handler over a connection in memory. */
function sendTo(Handler: typeof SimpleHTTPRequestHandler): Send {
  return async (request) =>
    encodeLatin1((await respond(Handler, request)).text);
}

class QuietSimple extends SimpleHTTPRequestHandler {
  override logMessage(): void {}
}

class QuietShare extends ShareHTTPRequestHandler {
  override logMessage(): void {}
}

/**
 * Sends the requests of the table, and checks the answers.
 *
 * @param t The test.
 * @param send Sends a request to a handler of {@linkcode FILES}.
 */
export async function runCases(
  t: Deno.TestContext,
  send: Send,
): Promise<void> {
  for (const one of CASES) {
    const { request, fields } = one;
    await t.step(
      requestText({ request, fields }).split("\r\n")[0]!,
      () => checkCase(send, one),
    );
  }
  await t.step("a file that the client has is 304", async () => {
    const first = await ask(send, { request: "GET /large.bin" });
    assertEquals(first.body, largeBytes());
    const etag = first.fields.get("etag")!;
    const again = await ask(send, {
      request: "GET /large.bin",
      fields: { "if-none-match": etag },
    });
    assertEquals([again.status, again.body.length], [304, 0]);
    const range = await ask(send, {
      request: "GET /large.bin",
      fields: { range: "bytes=399998-", "if-range": etag },
    });
    assertEquals(range.status, 206);
    assertEquals(range.body, largeBytes().subarray(399998));
  });
}

/**
 * Checks listings, the viewer, searches and archives.
 *
 * @param t The test.
 * @param send Sends a request to a `ShareHTTPRequestHandler` of
 * {@linkcode FILES} with archives.
 */
export async function runSharing(
  t: Deno.TestContext,
  send: Send,
): Promise<void> {
  await t.step("a listing in JSON", async () => {
    const { text } = await ask(send, { request: "GET /?format=json" });
    const { entries } = JSON.parse(text);
    const shown = entries.map(({ name, type, size }: {
      name: string;
      type: string;
      size: number;
    }) => [name, type, size ?? null]);
    assertEquals(shown, [
      ["docs", "directory", null],
      ["site", "directory", null],
      ["a.txt", "file", 6],
      ["é.txt", "file", 7],
      ["empty", "file", 0],
      ["large.bin", "file", LARGE_BYTES],
    ]);
  });
  await t.step("a page with a README", async () => {
    const fields = { accept: "text/html" };
    const { text } = await ask(send, { request: "GET /docs/", fields });
    assert(/<h[1-6][^>]*>Docs</.test(text), "the README");
  });
  await t.step("the viewer", async () => {
    const { status, text } = await ask(send, {
      request: "GET /docs/deep/c.txt?view",
    });
    assertEquals(status, 200);
    assert(text.includes("gamma"));
  });
  await t.step("a search", async () => {
    const { text } = await ask(send, {
      request: "GET /?search=C.TXT&format=json",
    });
    const found = JSON.parse(text).entries.map((
      { name }: { name: string },
    ) => name).sort();
    assertEquals(found, ["docs/b c.txt", "docs/deep/c.txt"]);
  });
  await t.step("an archive", async () => {
    const request = "GET /docs/?archive=tar.gz";
    const { status, body } = await ask(send, { request });
    assertEquals(status, 200);
    assertEquals(await untar(body), {
      "docs/README.md": "# Docs\n",
      "docs/b c.txt": "beta\n",
      "docs/deep/c.txt": "gamma\n",
    });
  });
  await t.step("the whole archive has no hidden files", async () => {
    const { body } = await ask(send, {
      request: "GET /?archive=tar.gz",
    });
    const names = Object.keys(await untar(body));
    assertEquals(names.length, 8);
    assertEquals(names.filter((name) => /secret|git|pem/.test(name)), []);
  });
}

/**
 * Runs the table over a source.
 *
 * @param name The source, for the names of the tests.
 * @param serve Makes the files of the table available.
 * @param ignore Whether the tests cannot run here; the reason is in the name.
 */
export function testSource(
  name: string,
  serve: () => Promise<Served>,
  ignore = false,
): void {
  for (const Base of [QuietSimple, QuietShare]) {
    Deno.test({
      name: `${
        Base.name.slice(5)
      }HTTPRequestHandler answers alike over ${name}`,
      ignore,
      async fn(t): Promise<void> {
        await using served = await serve();
        await runCases(t, sendTo(Base.with({ ...served.options, ...HIDING })));
      },
    });
  }

  Deno.test({
    name: `ShareHTTPRequestHandler shares ${name}`,
    ignore,
    async fn(t): Promise<void> {
      await using served = await serve();
      const archives = new Archives();
      const options = { ...served.options, ...HIDING, archives };
      await runSharing(t, sendTo(QuietShare.with(options)));
    },
  });
}

/** Uploads: a request with a body, and what is expected. */
interface UploadCase {
  readonly request: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly status: number;
  /** A path that is asked for afterwards, and its content; 404 for none. */
  readonly then?: readonly [path: string, content: string | 404];
}

const FORM = "multipart/form-data; boundary=b";

function part(name: string, filename: string, content: string): string {
  return `--b\r\nContent-Disposition: form-data; name="${name}"; ` +
    `filename="${filename}"\r\n\r\n${content}\r\n`;
}

/** Uploads, one after the other. Files are not replaced. */
const UPLOADS: readonly UploadCase[] = [
  { request: "PUT /new.txt", body: "1", status: 201, then: ["/new.txt", "1"] },
  { request: "PUT /new.txt", body: "2", status: 409, then: ["/new.txt", "1"] },
  { request: "PUT /zero", body: "", status: 201, then: ["/zero", ""] },
  { request: "PUT /docs/b%20d.txt", body: "3", status: 201 },
  { request: "GET /docs/b%20d.txt", status: 200 },
  { request: "PUT /no/a.txt", body: "4", status: 409 },
  {
    request: "PUT /no/deep/a.txt?parents",
    body: "4",
    status: 201,
    then: ["/no/deep/a.txt", "4"],
  },
  { request: "PUT /a.txt/b", body: "5", status: 409 },
  { request: "PUT /docs", body: "5", status: 409 },
  { request: "PUT /", body: "5", status: 409 },
  { request: "PUT /docs/", body: "5", status: 409 },
  { request: "PUT /.hidden", body: "6", status: 403 },
  { request: "PUT /my.pem", body: "6", status: 403 },
  { request: "PUT /%01", body: "6", status: 400 },
  { request: "PUT /.well-known/x", body: "6", status: 403 },
  {
    request: "PUT /once.txt",
    fields: { "if-none-match": "*" },
    body: "7",
    status: 201,
  },
  {
    request: "PUT /once.txt",
    fields: { "if-none-match": "*" },
    body: "8",
    status: 412,
    then: ["/once.txt", "7"],
  },
  {
    request: "PUT /match.txt",
    fields: { "if-match": "*" },
    body: "8",
    status: 412,
    then: ["/match.txt", 404],
  },
  {
    request: "PUT /bad.txt",
    fields: {
      "content-digest":
        "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
    },
    body: "not empty",
    status: 400,
    then: ["/bad.txt", 404],
  },
  {
    request: "PUT /good.txt",
    fields: {
      "content-digest":
        "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
    },
    body: "",
    status: 201,
  },
  { request: "PUT /long.txt", body: "x".repeat(5001), status: 413 },
  {
    request: "PUT /long.txt",
    fields: { "transfer-encoding": "chunked" },
    body: `1389\r\n${"x".repeat(5001)}\r\n0\r\n\r\n`,
    status: 413,
    then: ["/long.txt", 404],
  },
  {
    request: "PUT /gzip.txt",
    fields: { "content-encoding": "gzip" },
    body: "9",
    status: 415,
  },
  { request: "MKCOL /made", status: 201 },
  { request: "MKCOL /made", status: 405 },
  {
    request: "MKCOL /chunked",
    fields: { "transfer-encoding": "chunked" },
    body: "0\r\n\r\n",
    status: 201,
  },
  {
    request: "MKCOL /content",
    fields: { "transfer-encoding": "chunked" },
    body: "1\r\nx\r\n0\r\n\r\n",
    status: 415,
  },
  { request: "MKCOL /docs/", status: 405 },
  { request: "MKCOL /none/made", status: 409 },
  { request: "GET /made/?format=json", status: 200 },
  {
    request: "POST /docs/",
    fields: { "content-type": FORM },
    body: part("file", "form.txt", "10") + part("file", "sub/f.txt", "11") +
      "--b--\r\n",
    status: 201,
    then: ["/docs/sub/f.txt", "11"],
  },
  {
    request: "POST /docs/",
    fields: { "content-type": FORM },
    body: part("file", "form.txt", "12") + "--b--\r\n",
    status: 409,
    then: ["/docs/form.txt", "10"],
  },
  {
    request: "POST /docs/",
    fields: { "content-type": FORM },
    body: part("file", "cut.txt", "13"),
    status: 400,
    then: ["/docs/cut.txt", 404],
  },
  {
    request: "POST /docs/",
    fields: { "content-type": FORM },
    body: part("file", "../up.txt", "14") + "--b--\r\n",
    status: 400,
  },
  {
    request: "POST /",
    fields: { "content-type": "application/x-www-form-urlencoded" },
    body: "mkdir=formed",
    status: 201,
  },
  { request: "POST /none/", fields: { "content-type": FORM }, status: 409 },
];

/**
 * Sends the uploads of the table, and checks what has become of them.
 *
 * @param t The test.
 * @param send Sends a request to a `ShareHTTPRequestHandler` of
 * {@linkcode FILES} with uploads by {@linkcode UPLOAD_OPTIONS}.
 */
export async function runUploads(
  t: Deno.TestContext,
  send: Send,
): Promise<void> {
  for (const { request, fields, body = "", status, then } of UPLOADS) {
    await t.step(`${request} ${status}`, async () => {
      const length: Record<string, string> =
        fields?.["transfer-encoding"] === undefined
          ? { "content-length": `${body.length}` }
          : {};
      const answer = await ask(send, {
        request,
        fields: { ...length, ...fields },
        body,
      });
      assertEquals(answer.status, status, answer.text);
      if (then === undefined) return;
      const [path, content] = then;
      const after = await ask(send, { request: `GET ${path}` });
      if (content === 404) assertEquals(after.status, 404);
      else assertEquals([after.status, after.text], [200, content]);
    });
  }
}

/**
 * Runs the table of uploads over a source.
 *
 * @param name The source, for the name of the test.
 * @param serve Makes the files of the table available.
 * @param uploadsTo Receives the uploads.
 * @param ignore Whether the test cannot run here; the reason is in the name.
 */
export function testUploads(
  name: string,
  serve: () => Promise<Served>,
  uploadsTo: (served: Served) => UploadFeature,
  ignore = false,
): void {
  Deno.test({ name: `uploads work alike over ${name}`, ignore }, async (t) => {
    await using served = await serve();
    const send = sendTo(
      class extends QuietShare {
        static override maxBodyBytes = 1_000_000;
      }.with({ ...served.options, ...HIDING, uploads: uploadsTo(served) }),
    );
    await runUploads(t, send);
  });
}

/** A change: a request, and what has become of the files. */
interface Change {
  readonly request: string;
  readonly to?: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly status: number;
  /** Paths, and their contents; 404 for none, 200 or 301 for folders. */
  readonly then?: Readonly<Record<string, string | 404 | 200 | 301>>;
}

const LISTED = { accept: "application/json" };

/** Changes, one after the other, from {@linkcode FILES}. */
const CHANGES: readonly Change[] = [
  { request: "DELETE /", status: 403 },
  { request: "DELETE /none", status: 404 },
  { request: "DELETE /none/x", status: 404 },
  { request: "DELETE /a.txt/", status: 404 },
  { request: "DELETE /a.txt/x", status: 404 },
  { request: "DELETE /docs/..", status: 403 },
  { request: "DELETE /.secret", status: 403 },
  { request: "DELETE /key.pem", status: 403 },
  { request: "DELETE /.well-known/x", status: 403 },
  { request: "DELETE /%01", status: 400 },
  { request: "DELETE /docs", fields: { depth: "0" }, status: 400 },
  {
    request: "DELETE /a.txt",
    fields: { "if-match": '"other"' },
    status: 412,
    then: { "/a.txt": "alpha\n" },
  },
  {
    request: "DELETE /a.txt",
    fields: { "if-none-match": "*" },
    status: 412,
  },
  {
    request: "DELETE /a.txt",
    fields: { "sec-fetch-site": "cross-site" },
    status: 403,
  },
  {
    request: "DELETE /a.txt",
    fields: { origin: "http://evil.example" },
    status: 403,
  },
  {
    request: "DELETE /a.txt",
    fields: { "content-length": "1" },
    body: "x",
    status: 415,
    then: { "/a.txt": "alpha\n" },
  },
  {
    request: "DELETE /a.txt",
    fields: { "transfer-encoding": "chunked" },
    body: "1\r\nx\r\n0\r\n\r\n",
    status: 415,
    then: { "/a.txt": "alpha\n" },
  },
  { request: "MOVE /a.txt", status: 400 },
  { request: "MOVE /a.txt", to: "http://other/x", status: 502 },
  { request: "MOVE /a.txt", to: "/x#y", status: 400 },
  {
    request: "MOVE /a.txt",
    to: "/x",
    fields: { overwrite: "yes" },
    status: 400,
  },
  { request: "MOVE /a.txt", to: "/", status: 403 },
  { request: "MOVE /a.txt", to: "/a.txt", status: 403 },
  { request: "MOVE /a.txt", to: "/none/x", status: 409 },
  { request: "MOVE /a.txt", to: "/empty/x", status: 409 },
  { request: "MOVE /a.txt", to: "/.x", status: 403 },
  { request: "MOVE /none", to: "/x", status: 404 },
  { request: "MOVE /docs", to: "/docs/deep/x", status: 403 },
  { request: "MOVE /docs/deep", to: "/docs", status: 403 },
  { request: "MOVE /docs", to: "/x", fields: { depth: "0" }, status: 400 },
  {
    request: "MOVE /a.txt",
    to: "/empty",
    fields: { overwrite: "F" },
    status: 412,
    then: { "/a.txt": "alpha\n", "/empty": "" },
  },
  // A chunked body may be empty.
  {
    request: "COPY /a.txt",
    to: "/chunked.txt",
    fields: { "transfer-encoding": "chunked" },
    body: "0\r\n\r\n",
    status: 201,
  },
  { request: "DELETE /chunked.txt", status: 204 },
  {
    request: "MOVE /a.txt",
    to: "http://h/docs/b%20d%20%C3%A9.txt",
    status: 201,
    then: { "/a.txt": 404, "/docs/b%20d%20%C3%A9.txt": "alpha\n" },
  },
  {
    request: "MOVE /docs/b%20d%20%C3%A9.txt",
    to: "/empty",
    status: 204,
    then: { "/docs/b%20d%20%C3%A9.txt": 404, "/empty": "alpha\n" },
  },
  {
    request: "COPY /empty",
    to: "/a.txt",
    fields: { overwrite: "F" },
    status: 201,
    then: { "/empty": "alpha\n", "/a.txt": "alpha\n" },
  },
  {
    request: "COPY /%C3%A9.txt",
    to: "/a.txt",
    fields: { overwrite: "F" },
    status: 412,
    then: { "/a.txt": "alpha\n" },
  },
  {
    request: "COPY /%C3%A9.txt",
    to: "/a.txt",
    status: 204,
    then: { "/a.txt": "accent\n", "/%C3%A9.txt": "accent\n" },
  },
  {
    request: "COPY /a.txt",
    to: "/x",
    fields: { "if-match": '"other"' },
    status: 412,
    then: { "/x": 404 },
  },
  { request: "COPY /a.txt", to: "/a.txt", status: 403 },
  { request: "COPY /a.txt/", to: "/x", status: 404 },
  { request: "COPY /.secret", to: "/x", status: 404 },
  { request: "COPY /key.pem", to: "/x", status: 404 },
  { request: "COPY /large.bin", to: "/x", status: 413, then: { "/x": 404 } },
  { request: "COPY /none", to: "/x", status: 404 },
  { request: "COPY /", to: "/x", status: 403 },
  { request: "COPY /docs", to: "/docs/x", status: 403 },
  { request: "COPY /docs", to: "/x", fields: { depth: "1" }, status: 400 },
  {
    request: "COPY /docs",
    to: "/copy",
    status: 201,
    then: {
      "/copy/deep/c.txt": "gamma\n",
      "/copy/b%20c.txt": "beta\n",
      "/docs/deep/c.txt": "gamma\n",
    },
  },
  {
    request: "COPY /docs",
    to: "/copy",
    fields: { overwrite: "F" },
    status: 412,
  },
  {
    request: "COPY /docs/",
    to: "/flat",
    fields: { depth: "0" },
    status: 201,
    then: { "/flat/": 200, "/flat/README.md": 404 },
  },
  // What it replaces has other files, and a file in place of a folder.
  { request: "MOVE /copy/b%20c.txt", to: "/copy/old", status: 201 },
  { request: "DELETE /copy/deep", status: 204 },
  { request: "MOVE /copy/README.md", to: "/copy/deep", status: 201 },
  {
    request: "COPY /docs",
    to: "/copy",
    status: 204,
    then: {
      "/copy/old": 404,
      "/copy/deep/c.txt": "gamma\n",
      "/copy/README.md": "# Docs\n",
    },
  },
  {
    request: "COPY /docs/deep",
    to: "/a.txt",
    status: 204,
    then: { "/a.txt/c.txt": "gamma\n" },
  },
  {
    request: "COPY /empty",
    to: "/a.txt",
    status: 204,
    then: { "/a.txt": "alpha\n", "/a.txt/c.txt": 404 },
  },
  {
    request: "MOVE /copy",
    to: "/flat",
    status: 204,
    then: { "/copy/": 404, "/flat/deep/c.txt": "gamma\n" },
  },
  {
    request: "MOVE /flat",
    to: "/docs",
    fields: { overwrite: "F" },
    status: 412,
    then: { "/flat/deep/c.txt": "gamma\n", "/docs/deep/c.txt": "gamma\n" },
  },
  {
    request: "MOVE /flat/deep",
    to: "/a.txt",
    status: 204,
    then: { "/a.txt/c.txt": "gamma\n", "/flat/deep/": 404 },
  },
  {
    request: "MOVE /empty",
    to: "/a.txt",
    status: 204,
    then: { "/a.txt": "alpha\n", "/a.txt/c.txt": 404, "/empty": 404 },
  },
  // Nothing is left of a folder that a moved one replaces.
  { request: "COPY /docs", to: "/one", status: 201 },
  { request: "COPY /docs", to: "/two", status: 201 },
  { request: "MOVE /two/b%20c.txt", to: "/two/old", status: 201 },
  { request: "COPY /two/README.md", to: "/two/deep/old.md", status: 201 },
  {
    request: "MOVE /one",
    to: "/two",
    status: 204,
    then: {
      "/one/": 404,
      "/two/old": 404,
      "/two/deep/old.md": 404,
      "/two/deep/c.txt": "gamma\n",
      "/two/b%20c.txt": "beta\n",
      "/two/README.md": "# Docs\n",
    },
  },
  // A folder in place of a file, and a file in place of a folder.
  { request: "COPY /docs", to: "/one", status: 201 },
  { request: "DELETE /two/deep", status: 204 },
  { request: "MOVE /two/README.md", to: "/two/deep", status: 201 },
  {
    request: "MOVE /one",
    to: "/two/",
    status: 204,
    then: { "/two/deep": 301, "/two/deep/c.txt": "gamma\n" },
  },
  { request: "COPY /docs", to: "/one", status: 201 },
  { request: "DELETE /one/deep", status: 204 },
  { request: "MOVE /one/README.md", to: "/one/deep", status: 201 },
  {
    request: "COPY /one",
    to: "/two",
    status: 204,
    then: {
      "/two/deep": "# Docs\n",
      "/two/deep/c.txt": 404,
      "/two/README.md": 404,
      "/one/deep": "# Docs\n",
    },
  },
  { request: "COPY /docs", to: "/two", status: 204 },
  {
    request: "MOVE /one/",
    to: "/two",
    status: 204,
    then: {
      "/two/deep": "# Docs\n",
      "/two/deep/c.txt": 404,
      "/two/README.md": 404,
    },
  },
  {
    request: "COPY /docs",
    to: "/two",
    fields: { depth: "0" },
    status: 204,
    then: { "/two/": 200, "/two/deep": 404, "/two/b%20c.txt": 404 },
  },
  // A folder stays when its last file has gone.
  {
    request: "DELETE /docs/deep/c.txt",
    status: 204,
    then: { "/docs/deep/c.txt": 404, "/docs/deep/": 200 },
  },
  {
    request: "MOVE /site/index.html",
    to: "/index.txt",
    status: 201,
    then: { "/site/": 200, "/index.txt": "<h1>Site</h1>\n" },
  },
  {
    request: "DELETE /docs/",
    status: 204,
    then: { "/docs/": 404, "/docs/README.md": 404, "/a.txt": "alpha\n" },
  },
];

/** What a form of the page does, and what has become of the files. */
const FORMS: readonly Change[] = [
  { request: "do=delete&item=site", status: 200, then: { "/site/": 200 } },
  { request: "do=delete&item=site&sure", status: 303, then: { "/site/": 404 } },
  { request: "do=size&item=a.txt", status: 200 },
  {
    request: "do=move&item=a.txt&to=/b.txt",
    status: 303,
    then: { "/b.txt": "alpha\n", "/a.txt": 404 },
  },
  {
    request: "do=copy&item=docs&to=/more",
    status: 303,
    then: { "/more/deep/c.txt": "gamma\n", "/docs/deep/c.txt": "gamma\n" },
  },
  {
    request: "do=move&item=b.txt&item=empty&to=/more",
    status: 303,
    then: { "/more/b.txt": "alpha\n", "/more/empty": "", "/b.txt": 404 },
  },
  { request: "do=delete&item=.secret&sure", status: 403 },
  { request: "do=delete&item=none&sure", status: 404 },
  { request: "do=move&item=docs&to=/more/", status: 303 },
];

/**
 * Deletes, moves and copies by the table, and checks what has become of the files.
 *
 * @param t The test.
 * @param send Sends a request to a `ShareHTTPRequestHandler` of
 * {@linkcode FILES} with management.
 */
export async function runManagement(
  t: Deno.TestContext,
  send: Send,
): Promise<void> {
  for (const change of CHANGES) {
    const { request, to, fields = {}, body = "", status } = change;
    const line = `${request} ${to ?? ""} ${JSON.stringify(fields)} ${status}`;
    await t.step(line, async () => {
      const answer = await ask(send, {
        request,
        fields: to === undefined ? fields : { destination: to, ...fields },
        body,
      });
      assertEquals(answer.status, status, answer.text);
      await checkFiles(send, change);
    });
  }
}

/**
 * Sends the forms of the page.
 *
 * @param t The test.
 * @param send As for {@linkcode runManagement}.
 */
export async function runForms(
  t: Deno.TestContext,
  send: Send,
): Promise<void> {
  await t.step("the page has checkboxes", async () => {
    const fields = { accept: "text/html" };
    const { text } = await ask(send, { request: "GET /docs/", fields });
    assert(text.includes('name="item" value="README.md"'), text);
  });
  for (const change of FORMS) {
    const { request: body, status } = change;
    await t.step(`${body} ${status}`, async () => {
      const answer = await ask(send, {
        request: "POST /?manage",
        fields: {
          "content-type": "application/x-www-form-urlencoded",
          "content-length": `${body.length}`,
        },
        body,
      });
      assertEquals(answer.status, status, answer.text);
      await checkFiles(send, change);
    });
  }
}

async function checkFiles(send: Send, { then = {} }: Change): Promise<void> {
  for (const [path, content] of Object.entries(then)) {
    const { status, text } = await ask(send, {
      request: `GET ${path}`,
      fields: LISTED,
    });
    if (typeof content === "number") assertEquals(status, content, path);
    else assertEquals([path, status, text], [path, 200, content]);
  }
}

/** The features that change files. */
interface Managing {
  readonly uploads: UploadFeature;
  readonly manage: ManageFeature;
}

function managed({ options }: Served): Managing {
  const limits = { ...UPLOAD_OPTIONS, overwrite: true };
  const uploads = new SourceUploads(options.source!, limits);
  return { uploads, manage: new SourceManagement(uploads) };
}

/**
 * Runs the tables of management over a source.
 *
 * @param name The source, for the names of the tests.
 * @param serve Makes the files of the table available.
 * @param featuresOf Returns what writes, with `overwrite` and
 * {@linkcode UPLOAD_OPTIONS}; by default to the source.
 * @param ignore Whether the tests cannot run here; the reason is in the name.
 */
export function testManagement(
  name: string,
  serve: () => Promise<Served>,
  featuresOf: (served: Served) => Managing = managed,
  ignore = false,
): void {
  const tables: [
    title: string,
    run: (t: Deno.TestContext, send: Send) => Promise<void>,
  ][] = [
    [`DELETE, MOVE and COPY work alike over ${name}`, runManagement],
    [`the page manages ${name}`, runForms],
  ];
  for (const [title, run] of tables) {
    Deno.test({ name: title, ignore }, async (t) => {
      await using served = await serve();
      const options = { ...served.options, ...HIDING, ...featuresOf(served) };
      await run(t, sendTo(QuietShare.with(options)));
    });
  }
}

async function checkCase(
  send: Send,
  { request, fields, status, body, without = [], length, field }: Case,
): Promise<void> {
  const answer = await ask(send, { request, fields });
  assertEquals(answer.status, status, answer.text);
  if (body === "") assertEquals(answer.body.length, 0);
  else if (body !== undefined) assert(answer.text.includes(body), answer.text);
  for (const text of without) assert(!answer.text.includes(text), text);
  if (length !== undefined) {
    assertEquals(answer.fields.get("content-length"), `${length}`);
  }
  if (field !== undefined) {
    const [name, wanted] = field;
    const value = answer.fields.get(name) ?? "";
    if (typeof wanted === "string") assertEquals(value, wanted);
    else assert(wanted.test(value), value);
  }
}

/**
 * Reads the files of a tar.gz with names of at most 100 bytes.
 *
 * @param bytes The archive.
 * @returns Their texts by name.
 */
export async function untar(
  bytes: Uint8Array,
): Promise<Record<string, string>> {
  const stream = new Blob([bytes.slice()]).stream()
    .pipeThrough(new DecompressionStream("gzip"));
  const tar = new Uint8Array(await new Response(stream).arrayBuffer());
  const files: Record<string, string> = {};
  const text = (from: number, to: number): string =>
    new TextDecoder().decode(tar.subarray(from, to)).replace(/\0.*/s, "");
  for (let at = 0; at < tar.length && tar[at] !== 0;) {
    const name = text(at, at + 100);
    const size = parseInt(text(at + 124, at + 136), 8);
    const data = at + 512;
    const isFile = text(at + 156, at + 157) === "0";
    if (isFile) files[name] = text(data, data + size);
    at = data + Math.ceil(size / 512) * 512;
  }
  return files;
}
