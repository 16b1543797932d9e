// Copyright 2026 the pystd authors. MIT license.

/**
 * Seeded mutated traffic over real sockets. Checks that server and client count
 * the same requests.
 *
 * Invariant: on each connection, the server answers each request that it sees
 * once and in order, with no bytes between two responses. It sees every valid
 * request, ends the connection when the client has ended it, and no handler
 * throws.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { SimpleHTTPRequestHandler } from "../../handlers/simple.ts";
import { type ClientAddress, ThreadingHTTPServer } from "../../server.ts";
import { field, parseAnswers } from "./answers.ts";
import { seeded } from "./memory.ts";
import { makeFiles } from "./tree.ts";

const CORPUS = new URL("../testdata/corpus/", import.meta.url);
/** Requests of the corpus that keep the connection open. */
const SOUND = [
  ..."get get-query head lf absolute options directory redirect range".split(
    " ",
  ),
  ..."ranges range-bad if-range conditions post post-unread chunked".split(" "),
  ..."post-like-request chunked-unread expect stream many-fields".split(" "),
];
/** Longest time of a connection before it counts as hung, in ms. */
const HUNG_MS = 20_000;
const CONCURRENT = 16;

/** Options of a run. */
export interface FuzzOptions {
  /** The seed of the random numbers. */
  seed: number;
  /** Bytes to send. */
  bytes?: number;
  /** Duration in ms. */
  time?: number;
}

/** The result of a run. */
export interface FuzzReport {
  connections: number;
  bytes: number;
  requests: number;
  resets: number;
  /** Connections that break the invariant, at most ten. */
  wrong: string[];
  /** Errors of handlers, at most ten. */
  thrown: string[];
  /** Connections that were left open. */
  left: number;
}

/** The requests that the server saw on a connection. */
interface Seen {
  methods: string[];
}

class FuzzServer extends ThreadingHTTPServer {
  readonly thrown: string[] = [];

  override handleError(
    _request: unknown,
    _clientAddress: ClientAddress,
    error: unknown,
  ): void {
    const text = error instanceof Error ? error.stack : String(error);
    if (this.thrown.length < 10) this.thrown.push(`${text}`);
  }
}

/** Numbers its responses, to tell them apart. */
class FuzzHandler extends SimpleHTTPRequestHandler {
  static seen = new Map<number, Seen>();
  #seen: Seen = { methods: [] };

  override setup(): void {
    super.setup();
    FuzzHandler.seen.set(this.clientAddress[1], this.#seen);
  }

  override parseRequest(): boolean {
    const { methods } = this.#seen;
    const turn = methods.length;
    methods.push("");
    const goesOn = super.parseRequest();
    // Data without a head may be an empty answer: a redirect in HTTP/0.9.
    methods[turn] = this.requestVersion === "HTTP/0.9" ? "" : this.command;
    return goesOn;
  }

  override endHeaders(): void {
    if (this.status >= 200) {
      this.sendHeader("X-Turn", this.#seen.methods.length);
    }
    super.endHeaders();
  }

  async do_POST(): Promise<void> {
    const body = await this.rfile.read();
    this.do_OPTIONS();
    this.wfile.write(body.subarray(0, 0));
  }

  do_PUT(): void {
    this.do_OPTIONS();
  }

  do_OPTIONS(): void {
    this.sendResponse(200);
    this.sendHeader("Content-Length", 3);
    this.endHeaders();
    this.wfile.write("ok\n");
  }

  async do_STREAM(): Promise<void> {
    this.sendResponse(200);
    const body = this.endHeadersOfStream();
    await body.write("streamed");
    await body.end();
  }

  override writeLog(): void {}
}

/**
 * Sends mutated traffic to a new server.
 *
 * @param options See {@linkcode FuzzOptions}.
 * @returns The result.
 */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const { bytes = Infinity, time = Infinity } = options;
  const random = seeded(options.seed);
  const corpus = readCorpus();
  await using tree = await makeFiles({
    "a.txt": "alpha\n",
    "sub/b.txt": "beta\n",
    "large.bin": "0123456789".repeat(1000),
  });
  const Handler = FuzzHandler.with({ directory: tree.root });
  await using httpd = new FuzzServer(["127.0.0.1", 0], Handler);
  const serving = httpd.serveForever();
  const report: FuzzReport = {
    connections: 0,
    bytes: 0,
    requests: 0,
    resets: 0,
    wrong: [],
    thrown: httpd.thrown,
    left: 0,
  };
  const until = performance.now() + time;
  const worker = async (): Promise<void> => {
    while (report.bytes < bytes && performance.now() < until) {
      const sound = random(8) === 0;
      const sent = sound
        ? Array.from({ length: 1 + random(50) }, () => pick(SOUND, random))
        : [];
      const stream = sound
        ? sent.map((name) => corpus.get(name)!).join("")
        : mutated([...corpus.values()], random);
      report.bytes += stream.length;
      report.connections++;
      await converse(httpd.serverPort, stream, sound ? sent.length : undefined);
    }
  };

  async function converse(
    port: number,
    stream: string,
    wanted: number | undefined,
  ): Promise<void> {
    const pieces = random(4) === 0 ? 1 + random(64) : Infinity;
    const { text, localPort, outcome } = await exchange(port, stream, pieces);
    const seen = FuzzHandler.seen.get(localPort)?.methods ?? [];
    FuzzHandler.seen.delete(localPort);
    report.requests += seen.length;
    if (outcome === "reset") return void report.resets++;
    const fault = outcome === "hung"
      ? "the connection did not end"
      : faultOf(text, seen, wanted);
    if (fault === undefined || report.wrong.length >= 10) return;
    report.wrong.push(`${fault}: ${JSON.stringify(stream)}`);
  }

  await Promise.all(Array.from({ length: CONCURRENT }, worker));
  for (let i = 0; i < 100 && httpd.connectionCount > 0; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  report.left = httpd.connectionCount;
  await httpd.shutdown();
  await serving;
  return report;
}

/** Returns what is wrong with the responses, if anything. */
function faultOf(
  text: string,
  methods: string[],
  wanted: number | undefined,
): string | undefined {
  const answers = parseAnswers(text, methods)
    .filter(({ status }) => status === 0 || status >= 200);
  // An empty line gets no answer, and HTTP/0.9 may get an empty one; both end
  // the connection.
  const last = methods.at(-1) === "" && answers.length < methods.length;
  const asked = last ? methods.length - 1 : methods.length;
  if (answers.length !== asked) {
    return `${asked} requests, ${answers.length} answers`;
  }
  if (wanted !== undefined && asked !== wanted) {
    return `${wanted} requests sent, ${asked} seen`;
  }
  for (const [i, answer] of answers.entries()) {
    const turn = field(answer, "X-Turn");
    // HTTP/0.9 has no fields, and nothing comes after it.
    const bare = answer.status === 0 && i === answers.length - 1;
    if (!bare && turn !== `${i + 1}`) return `answer ${i + 1} is ${turn}`;
    if (!answer.complete && i < answers.length - 1) {
      return `answer ${i + 1} is not complete`;
    }
  }
  return undefined;
}

/** Sends a stream, ends it, and reads the responses. */
async function exchange(
  port: number,
  stream: string,
  pieceSize: number,
): Promise<
  { text: string; localPort: number; outcome: "ended" | "reset" | "hung" }
> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const localPort = conn.localAddr.port;
  let outcome: "ended" | "reset" | "hung" = "ended";
  const timer = setTimeout(() => {
    outcome = "hung";
    conn.close();
  }, HUNG_MS);
  const received: Uint8Array[] = [];
  const reading = (async (): Promise<void> => {
    const buffer = new Uint8Array(65536);
    for (;;) {
      const count = await conn.read(buffer);
      if (count === null) return;
      received.push(buffer.slice(0, count));
    }
  })();
  try {
    const bytes = Buffer.from(stream, "latin1");
    const sending = (async (): Promise<void> => {
      for (let at = 0; at < bytes.length;) {
        at += await conn.write(bytes.subarray(at, at + pieceSize));
      }
      await conn.closeWrite();
    })();
    // A client that is refused while it sends keeps reading.
    await sending.catch(() => {});
    await reading;
  } catch {
    if (outcome === "ended") outcome = "reset";
  } finally {
    clearTimeout(timer);
    try {
      conn.close();
    } catch {
      // Closed already.
    }
  }
  const text = Buffer.concat(received).toString("latin1");
  return { text, localPort, outcome };
}

function readCorpus(): Map<string, string> {
  const corpus = new Map<string, string>();
  const names = [...Deno.readDirSync(CORPUS)].map(({ name }) => name).sort();
  for (const name of names) {
    const bytes = Deno.readFileSync(new URL(name, CORPUS));
    const text = Buffer.from(bytes).toString("latin1");
    corpus.set(name.replace(/\.http$/, ""), text);
  }
  return corpus;
}

function pick<T>(from: readonly T[], random: (below: number) => number): T {
  return from[random(from.length)]!;
}

/** Octets with a special meaning to some parser. */
const TELLING = [...'\r\n\0\t :;,/?#%*"\\0159aAfFgG\x7f\x80\xa0\xff\x0b'];

/** Returns requests with mutations. */
function mutated(
  corpus: readonly string[],
  random: (below: number) => number,
): string {
  let text = "";
  for (let count = 1 + random([4, 12, 50][random(3)]!); count > 0; count--) {
    text += pick(corpus, random);
  }
  for (let changes = random(6); changes > 0; changes--) {
    const at = random(text.length + 1);
    const to = Math.min(text.length, at + random(random(4) === 0 ? 400 : 12));
    const [before, middle, after] = [
      text.slice(0, at),
      text.slice(at, to),
      text.slice(to),
    ];
    const other = pick(corpus, random);
    const from = random(other.length);
    text = [
      // Truncates, cuts, repeats, flips, splices or inserts bytes.
      () => before,
      () => before + after,
      () => before + middle.repeat(1 + random(8)) + after,
      () => before + String.fromCharCode(random(256)) + middle.slice(1) + after,
      () => before + other.slice(from, from + random(40)) + after,
      () => before + pick(TELLING, random) + middle + after,
      () => before + pick(TELLING, random) + middle.slice(1) + after,
    ][random(7)]!();
    if (text === "") text = other;
  }
  return text;
}
