// Copyright 2026 the pystd authors. MIT license.

/**
 * Tables of an RFC's requirements for a server. Each row is sent as raw bytes
 * over its own socket.
 *
 * @module
 */

import { assertEquals } from "@std/assert/equals";
import { BaseHTTPRequestHandler } from "../../handlers/base.ts";
import { SimpleHTTPRequestHandler } from "../../handlers/simple.ts";
import { formatEtag } from "../../protocol/etag.ts";
import { field, parseAnswers } from "./answers.ts";
import { flatten, methodsOf, type Part, RawClient } from "./client.ts";
import { TestServer } from "./server.ts";
import { makeFiles } from "./tree.ts";

/** The modification time of `/a.txt`. */
const MODIFIED = Date.UTC(2024, 1, 29, 12, 34, 56);
/** The same as an HTTP-date. */
export const MODIFIED_DATE = "Thu, 29 Feb 2024 12:34:56 GMT";
/** Its entity tag. */
export const ETAG: string = formatEtag(10, MODIFIED);
/** A response with the whole file. */
export const WHOLE = { statuses: [200], body: "0123456789" };
/** An HTTP-date. */
export const HTTP_DATE =
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT$/;

/** One requirement. */
export interface Row {
  /** The section and its essential words. */
  rule: string;
  /** The client's data. */
  send: string | Part[];
  /** The status codes of the responses, in order. */
  statuses: number[];
  /** Whether the server closes the connection; not checked by default. */
  closed?: boolean;
  /** Fields of the last response; `null` for one that must be absent. */
  fields?: Record<string, string | RegExp | null>;
  /** The body of the last response. */
  body?: string | RegExp;
  /** Which server: of files (the default), or of {@linkcode Methods}. */
  methods?: boolean;
  /** Whether the client closes its side after sending everything. */
  halfClose?: boolean;
}

/** Methods other than GET and HEAD. */
class Methods extends BaseHTTPRequestHandler {
  static override protocolVersion = "HTTP/1.1";
  static override confirmsConnection = true;

  text(body: string): void {
    this.sendResponse(200);
    this.sendHeader("Content-Type", "text/plain");
    this.sendHeader("Content-Length", body.length);
    this.endHeaders();
    this.wfile.write(body);
  }

  do_GET(): void {
    this.text(`${this.path} ${this.headers.get("host")}`);
  }

  async do_POST(): Promise<void> {
    const body = new TextDecoder().decode(await this.rfile.read());
    this.text(`${body}|${this.headers.get("x-trailer")}`);
  }

  do_OPTIONS(): void {
    this.text(this.path);
  }

  async do_STREAM(): Promise<void> {
    this.sendResponse(200);
    const body = this.endHeadersOfStream();
    await body.write("streamed");
    await body.end();
  }

  do_NOTHING(): void {
    this.sendResponse(204);
    this.sendHeader("Content-Length", 0);
    this.endHeaders();
    this.wfile.write("nothing");
  }

  do_RESET(): void {
    this.sendError(205);
  }

  do_EARLY(): void {
    this.sendResponseOnly(103);
    this.endHeaders();
    this.text("early");
  }
}

/**
 * Returns a request.
 *
 * @param line The request line without its version.
 * @param fields Its field lines without `Host`.
 * @returns The request in HTTP/1.1, with a `Host`.
 */
export function req(line: string, ...fields: string[]): string {
  return [`${line} HTTP/1.1`, "Host: h", ...fields, "", ""].join("\r\n");
}

/**
 * Runs a table, each row on its own connection.
 *
 * @param rows The rows.
 */
async function checkRows(rows: readonly Row[]): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const tree = stack.use(
    await makeFiles({
      "a.txt": "0123456789",
      "empty.txt": "",
      "sub/b.txt": "beta",
      "future.txt": "future",
    }),
  );
  const { root } = tree;
  for (const name of ["a.txt", "empty.txt"]) {
    Deno.utimeSync(`${root}/${name}`, MODIFIED / 1000, MODIFIED / 1000);
  }
  const future = Date.now() / 1000 + 86_400;
  Deno.utimeSync(`${root}/future.txt`, future, future);
  const Files = SimpleHTTPRequestHandler.with({ directory: root });
  const files = stack.use(new TestServer(Files));
  const methods = stack.use(new TestServer(Methods));
  const wrong = await Promise.all(rows.map(async (row) => {
    const { port } = row.methods ? methods : files;
    try {
      await checkRow(port, row);
      return [];
    } catch (error) {
      return [`${row.rule}: ${(error as Error).message}`];
    }
  }));
  assertEquals(wrong.flat(), []);
}

async function checkRow(port: number, row: Row): Promise<void> {
  await using client = await RawClient.connect(port);
  const parts = typeof row.send === "string" ? [row.send] : row.send;
  const asked = methodsOf(flatten(parts));
  const answers = () => parseAnswers(client.received, asked);
  await client.send(...parts);
  if (row.halfClose) await client.closeWrite();
  await client.waitFor(() =>
    client.closed || (answers().length >= row.statuses.length &&
      answers().every(({ complete }) => complete))
  );
  // Nothing must be answered after that.
  if (row.closed) await client.waitFor(() => client.closed, 2000);
  else if (!client.closed) await client.silence(60);
  const got = answers();
  assertEquals(got.map(({ status }) => status), row.statuses);
  if (row.closed !== undefined) assertEquals(client.closed, row.closed);
  const last = got.at(-1)!;
  for (const [name, wanted] of Object.entries(row.fields ?? {})) {
    const value = field(last, name);
    const fits = wanted === null
      ? value === undefined
      : typeof wanted === "string"
      ? value === wanted
      : wanted.test(value ?? "");
    if (!fits) throw new Error(`${name} is ${value}, not ${wanted}`);
  }
  if (typeof row.body === "string") assertEquals(last.body, row.body);
  else if (row.body !== undefined && !row.body.test(last.body)) {
    throw new Error(`the body is ${last.body}, not ${row.body}`);
  }
}

/**
 * Registers a test for each table.
 *
 * @param rfc The RFC.
 * @param tables The tables by topic.
 */
export function testTables(
  rfc: string,
  tables: readonly [section: string, rows: readonly Row[]][],
): void {
  for (const [section, rows] of tables) {
    Deno.test(`servers meet ${rfc} section ${section}`, () => checkRows(rows));
  }
}
