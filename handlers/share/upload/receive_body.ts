// Copyright 2026 the pystd authors. MIT license.

/**
 * Reads the body of an upload, and verifies its checksums.
 *
 * @module
 */

import { createHash, type Hash } from "node:crypto";
import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import type { RequestBody } from "../../../io/request_body.ts";
import { type Digest, parseDigest } from "../../../protocol/digest_field.ts";
import type { ShareRequest } from "../request.ts";
import { tooLarge, UploadError } from "./upload_result.ts";

/** Bytes of a body that are read at once. */
export const PIECE_BYTES = 256 * 1024;

/** A checksum that the client sent, compared with what has been received. */
export class Checksum {
  readonly #name: string;
  readonly #value: Uint8Array;
  readonly #hash: Hash;

  /**
   * Stores its arguments: see {@linkcode Checksum.of}.
   *
   * @param name The field's name.
   * @param digest Its value.
   */
  constructor(name: string, digest: Digest) {
    this.#name = name;
    this.#value = digest.value;
    this.#hash = createHash(digest.algorithm);
  }

  /**
   * Parses the checksum in a field of a request.
   *
   * @param request The request.
   * @param name The field's name.
   * @returns The checksum; `undefined` if there is none of a known algorithm.
   * @throws {UploadError} 400 if it is malformed.
   */
  static of(
    request: ShareRequest,
    name: "Content-Digest" | "Repr-Digest",
  ): Checksum | undefined {
    const value = request.field(name.toLowerCase());
    if (value === undefined) return undefined;
    const digest = parseDigest(value);
    if (digest === "malformed") throw new UploadError(400, `Bad ${name}`);
    return digest && new Checksum(name, digest);
  }

  /**
   * Adds bytes.
   *
   * @param bytes The bytes.
   */
  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  /**
   * Verifies the checksum of all bytes.
   *
   * @throws {UploadError} 400 if it differs.
   */
  verify(): void {
    if (timingSafeEqual(this.#hash.digest(), this.#value)) return;
    throw new UploadError(
      400,
      `The content does not match its ${this.#name}`,
    );
  }
}

/**
 * Reads the body of an upload.
 *
 * @param body The body.
 * @param most The largest size, in bytes.
 * @param checksums The checksums of the body, as far as the client sent them.
 * @yields The body in pieces.
 * @throws {UploadError} 413 if it is too long, 400 if a checksum differs.
 * @throws {Error} If reading fails.
 */
export async function* readBody(
  body: RequestBody,
  most: number,
  checksums: readonly (Checksum | undefined)[],
): AsyncGenerator<Uint8Array> {
  let left = most;
  for (;;) {
    const piece = await body.readSome(PIECE_BYTES);
    if (piece === null) break;
    left -= piece.length;
    if (left < 0) throw tooLarge();
    for (const checksum of checksums) checksum?.update(piece);
    yield piece;
  }
  for (const checksum of checksums) checksum?.verify();
}

/**
 * Refuses compressed content: it would be saved as it is.
 *
 * @param request The request.
 * @throws {UploadError} 415 if `Content-Encoding` is not `identity`.
 */
export function refuseCoding(request: ShareRequest): void {
  const coding = request.field("content-encoding") ?? "identity";
  if (coding.toLowerCase() !== "identity") {
    throw new UploadError(415, "Unsupported content coding");
  }
}

/**
 * Refuses content in a request that takes none. A chunked body may be empty: fetch
 * platforms give one to requests without content.
 *
 * @param request The request.
 * @throws {UploadError} 415 if it has content.
 * @throws {Error} If reading fails.
 */
export async function refuseContent(request: ShareRequest): Promise<void> {
  const { rfile, command } = request;
  if (rfile.ended) return;
  // A client that waits for 100 (Continue) has content, and does not send it.
  const mayBeEmpty = request.field("transfer-encoding") !== undefined &&
    request.field("expect") === undefined;
  if (mayBeEmpty && await rfile.readSome(1) === null) return;
  throw new UploadError(415, `${command} does not take content`);
}
