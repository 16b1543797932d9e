// Copyright 2026 the pystd authors. MIT license.

/**
 * Requests that a proxy and the server behind it may split differently, so that
 * the second part becomes another client's request.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { RawClient } from "./client.ts";

/** The target of the hidden request only. */
export const SMUGGLED = "/smuggled";

const INNER = `GET ${SMUGGLED} HTTP/1.1\r\nHost: localhost\r\nX: y`;
const LENGTH = `Content-Length: ${INNER.length}`;
const CHUNKED = `0\r\n\r\n${INNER}`;

/** Fields that declare a chunked body, or may be read so. */
const CODINGS = [
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: xchunked",
  "Transfer-Encoding : chunked",
  "Transfer-Encoding:\tchunked",
  " Transfer-Encoding: chunked",
  "X: x\nTransfer-Encoding: chunked",
  "X: x\rTransfer-Encoding: chunked",
  "Transfer-Encoding\r\n : chunked",
  "Transfer-Encoding:\r\n chunked",
  "Transfer-Encoding: chunked\r\nTransfer-Encoding: x",
  "Transfer-Encoding: chunked, identity",
  "Transfer-Encoding: identity",
  "Transfer-Encoding: gzip, chunked",
  "Transfer-Encoding: ,chunked",
  "Transfer-Encoding: chunked;x=y",
  'Transfer-Encoding: "chunked"',
  "Transfer-Encoding: \vchunked",
  "Transfer-Encoding: chunk\0ed",
  "Transfer_Encoding: chunked",
  "transfer-encoding: CHUNKED",
];

/** Fields that declare a length, or may be read so. */
const LENGTHS = [
  LENGTH,
  `Content-Length: 0\r\n${LENGTH}`,
  `${LENGTH}\r\nContent-Length: 0`,
  `Content-Length: 0, ${INNER.length}`,
  `Content-Length: +${INNER.length}`,
  `Content-Length: 0${INNER.length}`,
  `Content-Length: ${INNER.length}\v`,
  "Content-Length: -1",
  "Content-Length: 0x10",
  "Content-Length: 1e1",
  `Content-Length : ${INNER.length}`,
  `Content-Length:\r\n ${INNER.length}`,
  `${LENGTH}\r\nConnection: Content-Length`,
];

/** Chunked bodies that some parsers end early. */
const ENDS = [
  "0\n\n",
  "0\r\n\n",
  "0;\n\r\n",
  "0 \r\n\r\n",
  "0x0\r\n\r\n",
  "-0\r\n\r\n",
  "1\r\nAA\r\n0\r\n\r\n",
  "1;a\nb\r\nA\r\n0\r\n\r\n",
  "0\r\nX: y\r\n\r\n",
  "10000000000000000\r\n\r\n",
];

function request(fields: string, body: string, method = "POST"): string {
  return `${method} /none HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n\r\n${body}`;
}

const REQUESTS: readonly string[] = [
  request("Content-Length: 6\r\nTransfer-Encoding: chunked", CHUNKED),
  ...CODINGS.flatMap((coding) => [
    request(coding, CHUNKED),
    request(`${coding}\r\nContent-Length: ${CHUNKED.length}`, CHUNKED),
    request(`Content-Length: ${CHUNKED.length}\r\n${coding}`, CHUNKED),
  ]),
  ...LENGTHS.flatMap((length) =>
    ["POST", "GET", "HEAD", "OPTIONS"].map((method) =>
      request(length, INNER, method)
    )
  ),
  ...ENDS.map((end) => request("Transfer-Encoding: chunked", end + INNER)),
];

/**
 * Sends all of them to a proxy. A plain request after each one must get its own
 * response.
 *
 * @param port The port of the proxy, behind which `/a.txt` is "alpha\n".
 */
export async function smuggle(port: number): Promise<void> {
  for (const text of REQUESTS) {
    await using client = await RawClient.connect(port);
    await client.send(text);
    // The proxy does not answer a request that seems incomplete to it.
    await client.waitFor(
      () => client.closed || client.received.includes("\r\n\r\n"),
      250,
    );
    const victim = await fetch(`http://127.0.0.1:${port}/a.txt`);
    assertEquals(await victim.text(), "alpha\n", JSON.stringify(text));
  }
  assert(REQUESTS.length > 100);
}
