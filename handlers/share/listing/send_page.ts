// Copyright 2026 the pystd authors. MIT license.

import { whenReady } from "../../../files/maybe_promise.ts";
import type { ShareRequest } from "../request.ts";
import {
  compress,
  type LiveCoding,
  MIN_COMPRESSED_BYTES,
} from "../coding/codings.ts";

/**
 * Sends a page whose bytes are known, compressed if that is worth it.
 *
 * @param request The request.
 * @param bytes The page.
 * @param coding The coding that the client prefers.
 * @param sendHead Sends the head but for the length, with the coding used.
 * @returns The body to send.
 */
export function sendPage(
  request: ShareRequest,
  bytes: Uint8Array<ArrayBuffer>,
  coding: LiveCoding | undefined,
  sendHead: (coding: LiveCoding | undefined) => void,
): Uint8Array | Promise<Uint8Array> {
  if (coding === undefined || bytes.length < MIN_COMPRESSED_BYTES) {
    return finish(bytes);
  }
  const result = compress(bytes, coding);
  return whenReady(result, finish);

  function finish(body: Uint8Array): Uint8Array {
    sendHead(body === bytes ? undefined : coding);
    request.sendHeader("Content-Length", body.length);
    request.endHeaders();
    return body;
  }
}

/**
 * Sends the fields that keep a page's content to itself.
 *
 * @param request The request.
 * @param policy The `Content-Security-Policy`.
 */
export function sendPageFields(request: ShareRequest, policy: string): void {
  request.sendHeader("Content-Security-Policy", policy);
  if (request.link === undefined) {
    request.sendHeader("Referrer-Policy", "same-origin");
  }
}
