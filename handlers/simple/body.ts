// Copyright 2026 the pystd authors. MIT license.

import type { ReadyFile, StreamedFile } from "../../files/file_store.ts";
import type { MaybePromise } from "../../files/maybe_promise.ts";
import type { SeekableFile } from "../../files/open_file.ts";
import { isOpenFile } from "../../files/piece_reader.ts";
import { sendPart } from "../../files/send.ts";
import type { Writer } from "../../io/writer.ts";
import type { ByteRangesFrame } from "../../protocol/byteranges.ts";
import type { ByteRange } from "../../protocol/ranges.ts";

/**
 * The body that `sendHead` returns: bytes, in one piece or in several, parts of
 * a file, or an open `Deno.FsFile`, as from Python's `send_head`.
 */
export type ResponseBody = Uint8Array | Uint8Array[] | FileBody | ReadableBody;

/** An open file, or anything else that has a stream of bytes. */
export interface ReadableBody {
  /** The bytes. */
  readonly readable: ReadableStream<Uint8Array>;
}

/** Parts of a file. */
export interface FileBody {
  /** The file: its content, or the open file, which `copyfile()` closes. */
  source: Uint8Array | SeekableFile;
  /** The parts to send, in order. */
  ranges: readonly ByteRange[];
  /** The multipart boundaries around several parts. */
  frame?: ByteRangesFrame;
}

/**
 * Returns the body that sends parts of a file: bytes, if they are in memory.
 *
 * @param file The file; it is closed, unless the result holds it.
 * @param ranges The parts, in order; one, unless there is a frame.
 * @param frame The multipart boundaries around several parts.
 * @returns The body.
 */
export function fileBody(
  file: ReadyFile,
  ranges: readonly ByteRange[],
  frame?: ByteRangesFrame,
): ResponseBody {
  if ("file" in file) return { source: file.file, ranges, frame };
  if (frame !== undefined) return { source: file.bytes, ranges, frame };
  const [{ start, end }] = ranges;
  return start === 0 && end === file.bytes.length
    ? file.bytes
    : file.bytes.subarray(start, end);
}

/**
 * Reads the start of a file.
 *
 * @param file The file; it stays open.
 * @param most Most bytes to read.
 * @returns The bytes, fewer if the file is shorter; a promise if the source of
 * the file needs time.
 * @throws {Error} If it cannot be read. The promise rejects likewise.
 */
export function readStart(
  file: ReadyFile,
  most: number,
): MaybePromise<Uint8Array> {
  if (!("file" in file)) return file.bytes.subarray(0, most);
  const buffer = new Uint8Array(Math.min(most, file.info.size));
  const source = file.file;
  if (isOpenFile(source)) {
    return buffer.subarray(0, source.readSync(buffer) ?? 0);
  }
  return fill(source, buffer);
}

async function fill(
  file: SeekableFile,
  buffer: Uint8Array,
): Promise<Uint8Array> {
  let length = 0;
  while (length < buffer.length) {
    const count = await file.read(buffer.subarray(length));
    if (count === null) break;
    length += count;
  }
  return buffer.subarray(0, length);
}

/**
 * Closes a file that is not sent.
 *
 * @param file The file.
 */
export function closeFile(file: ReadyFile): void {
  if ("file" in file) file.file.close();
}

/**
 * Closes the file of a body, if it has one.
 *
 * @param body The body; `undefined` of a handler that forgot to return it.
 */
export function closeBody(body: ResponseBody | null | undefined): void {
  if (body === null || body === undefined) return;
  checkBody(body);
  if (body instanceof Uint8Array || Array.isArray(body)) return;
  if ("readable" in body) body.readable.cancel().catch(() => {});
  else if (!(body.source instanceof Uint8Array)) body.source.close();
}

/**
 * Checks the result of a handler's `sendHead`, for callers without type checks.
 *
 * @param body The result, neither `null` nor `undefined`.
 * @throws {TypeError} If it is not a body.
 */
export function checkBody(body: ResponseBody): void {
  if (typeof body === "object" && body !== null) {
    if (body instanceof Uint8Array || Array.isArray(body)) return;
    if ("source" in body || "readable" in body) return;
  }
  throw new TypeError(
    `Cannot send ${
      typeof body === "object"
        ? Object.prototype.toString.call(body)
        : typeof body
    }: sendHead() returns bytes, an open file, what super.sendHead() returns, or null`,
  );
}

/**
 * Sends a stream to its end.
 *
 * @param body The object that has the stream.
 * @param outputfile The writer that takes it.
 */
export async function sendReadable(
  body: ReadableBody,
  outputfile: Writer,
): Promise<void> {
  for await (const piece of body.readable) await outputfile.write(piece);
}

/**
 * Sends pieces, one after the other.
 *
 * @param pieces The pieces.
 * @param outputfile The writer that takes them.
 */
export async function sendPieces(
  pieces: Uint8Array[],
  outputfile: Writer,
): Promise<void> {
  piecewise++;
  try {
    for (const piece of pieces) await outputfile.write(piece);
  } finally {
    piecewise--;
  }
}

let piecewise = 0;

/**
 * Returns how many bodies in pieces are being sent. Each is in memory.
 *
 * @returns Their number.
 */
export function bodiesInPieces(): number {
  return piecewise;
}

/** Largest part to read synchronously: with a head it fits one write. */
const SMALL_PART_BYTES = 64 * 1024;

/**
 * Sends a body at once if it is a single small part of a file, and closes the
 * file.
 *
 * @param body The body.
 * @param outputfile The writer that takes it.
 * @returns Whether it was sent; if not, the file is still open.
 */
export function sendSmallPart(body: FileBody, outputfile: Writer): boolean {
  const { source, ranges: [{ start, end }], frame } = body;
  const count = end - start;
  if (frame !== undefined || count > SMALL_PART_BYTES) return false;
  if (!isOpenFile(source)) return false;
  const sent = outputfile.writeInPlace(
    count,
    (buffer) => source.readFullySync(buffer, start),
  );
  if (sent) source.close();
  return sent;
}

/**
 * Tells whether several ranges of a file cost more than the whole file: each one
 * costs all bytes before it in a file that is read from its start.
 *
 * @param file The file.
 * @param ranges The ranges.
 * @returns Whether the ranges should be ignored.
 */
export function skipsTooMuch(
  file: ReadyFile,
  ranges: readonly ByteRange[],
): boolean {
  if (ranges.length === 1 || !("file" in file)) return false;
  const { maxSkipped = Infinity } = file.file as Partial<StreamedFile>;
  return ranges.reduce((sum, { start }) => sum + start, 0) > maxSkipped;
}

/**
 * Sends the parts of a file with their frame, and closes the file.
 *
 * @param body The parts.
 * @param outputfile The writer that takes them.
 */
export async function sendParts(
  body: FileBody,
  outputfile: Writer,
): Promise<void> {
  const { source, ranges, frame } = body;
  try {
    for (const [i, { start, end }] of ranges.entries()) {
      if (frame !== undefined) await outputfile.write(frame.heads[i]);
      if (source instanceof Uint8Array) {
        await outputfile.write(source.subarray(start, end));
      } else if ("pieces" in source) {
        const pieces = (source as StreamedFile).pieces(start, end);
        for await (const piece of pieces) await outputfile.write(piece);
      } else {
        await sendPart(source, outputfile, start, end);
      }
    }
    if (frame !== undefined) await outputfile.write(frame.closing);
  } finally {
    closeBody(body);
  }
}
