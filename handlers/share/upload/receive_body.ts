// Copyright 2026 the pystd authors. MIT license.

/**
 * Writes a request's body to a file, and verifies checksums.
 *
 * @module
 */

import { createHash, type Hash } from "node:crypto";
import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import type { IncomingFile } from "../../../files/incoming.ts";
import type { RequestBody } from "../../../io/request_body.ts";
import { type Digest, parseDigest } from "../../../protocol/digest_field.ts";
import { UploadError } from "./upload_result.ts";

/** Bytes read at once; a piece is written while the next is received. */
const PIECE_BYTES = 256 * 1024;

/**
 * Parses a checksum field.
 *
 * @param name The field's name, for the error.
 * @param value Its value, `undefined` if it is absent.
 * @returns The checksum to verify, `undefined` if there is none.
 * @throws {UploadError} 400 if it is malformed.
 */
export function wantedDigest(
  name: string,
  value: string | undefined,
): Digest | undefined {
  if (value === undefined) return undefined;
  const digest = parseDigest(value);
  if (digest === "malformed") throw new UploadError(400, `Bad ${name}`);
  return digest;
}

/**
 * Receives a body.
 *
 * @param body The body.
 * @param file The file.
 * @param most The largest size of the file, in bytes.
 * @param digest The checksum of the body, if the client sent one.
 * @throws {UploadError} 413 if it is too long, 400 if the checksum differs.
 * @throws {Error} If reading or writing fails.
 */
export async function receive(
  body: RequestBody,
  file: IncomingFile,
  most: number,
  digest: Digest | undefined,
): Promise<void> {
  const hash = digest && createHash(digest.algorithm);
  let left = most - file.size;
  for (;;) {
    const piece = await body.readSome(PIECE_BYTES);
    if (piece === null) break;
    left -= piece.length;
    if (left < 0) throw new UploadError(413, "Content Too Large");
    hash?.update(piece);
    await file.write(piece);
  }
  await file.written();
  verify(hash, digest, "Content-Digest");
}

/**
 * Verifies the checksum of a whole file.
 *
 * @param file The file.
 * @param digest The checksum, if the client sent one.
 * @throws {UploadError} 400 if the checksum differs.
 */
export async function verifyFile(
  file: IncomingFile,
  digest: Digest | undefined,
): Promise<void> {
  if (digest === undefined) return;
  const hash = createHash(digest.algorithm);
  await file.readBack((bytes) => hash.update(bytes));
  verify(hash, digest, "Repr-Digest");
}

function verify(
  hash: Hash | undefined,
  digest: Digest | undefined,
  name: string,
): void {
  if (hash === undefined || digest === undefined) return;
  if (timingSafeEqual(hash.digest(), digest.value)) return;
  throw new UploadError(400, `The content does not match its ${name}`);
}
