// Copyright 2026 the pystd authors. MIT license.

/**
 * Measures whole requests without a socket: `deno bench --allow-read
 * bench/request_bench.ts`. A thousand requests arrive on a connection in memory,
 * one after the other.
 */

import { ShareHTTPRequestHandler } from "../handlers/share.ts";
import type { Connection } from "../handlers/base.ts";
import { SimpleHTTPRequestHandler } from "../handlers/simple.ts";
import { type BaseServer, HTTPServer } from "../server.ts";
import { makeTree, TREE } from "./tree.ts";

const REQUESTS = 1000;
const ADDRESS: Deno.NetAddr = {
  transport: "tcp",
  hostname: "127.0.0.1",
  port: 1,
};

/** Sends one request after the other, and discards the responses. */
class Client implements Connection {
  readonly localAddr = ADDRESS;
  readonly remoteAddr = ADDRESS;
  #request: Uint8Array;
  #left = REQUESTS;

  constructor(request: Uint8Array) {
    this.#request = request;
  }

  read(buffer: Uint8Array): Promise<number | null> {
    if (this.#left-- === 0) return Promise.resolve(null);
    buffer.set(this.#request);
    return Promise.resolve(this.#request.length);
  }

  write(data: Uint8Array): Promise<number> {
    return Promise.resolve(data.length);
  }

  close(): void {}
}

const server: BaseServer = new HTTPServer(
  ["127.0.0.1", 0],
  SimpleHTTPRequestHandler,
  { bindAndActivate: false },
);

class Plain extends SimpleHTTPRequestHandler {
  override logMessage(): void {}
}
class Logging extends SimpleHTTPRequestHandler {
  override writeLog(): void {}
}
class Share extends ShareHTTPRequestHandler {
  override logMessage(): void {}
}

await makeTree();
const options = { directory: TREE };
const modified = Deno.statSync(`${TREE}/small.txt`).mtime!.toUTCString();

/** The handlers and requests, the most important one first. */
const CASES: readonly [string, typeof SimpleHTTPRequestHandler, string][] = [
  ["plain, 1 KiB", Plain, "GET /small.txt HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["share, 1 KiB", Share, "GET /small.txt HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["logged, 1 KiB", Logging, "GET /small.txt HTTP/1.1\r\nHost: a\r\n\r\n"],
  [
    "plain, 304",
    Plain,
    `GET /small.txt HTTP/1.1\r\nHost: a\r\nIf-Modified-Since: ${modified}\r\n\r\n`,
  ],
  [
    "plain, range",
    Plain,
    "GET /64k.bin HTTP/1.1\r\nHost: a\r\nRange: bytes=5-1028\r\n\r\n",
  ],
  ["share, 404", Share, "GET /missing HTTP/1.1\r\nHost: a\r\n\r\n"],
];

for (const [name, Handler, text] of CASES) {
  const request = new TextEncoder().encode(text);
  const Bound = Handler.with(options);
  Deno.bench(`${REQUESTS} requests: ${name}`, async () => {
    await new Bound(new Client(request), ["127.0.0.1", 1], server).run();
  });
}
