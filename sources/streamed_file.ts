// Copyright 2026 the pystd authors. MIT license.

import type { StreamedFile } from "../files/file_store.ts";
import { type Source, type SourceEntry, SourceError } from "./source.ts";

/** A range that is being read. */
interface Reading {
  readonly end: number;
  readonly pieces: AsyncIterator<Uint8Array, void>;
  /** Offset of the next byte. */
  at: number;
  /** Bytes of the last piece that nobody has taken yet. */
  rest: Uint8Array;
}

/** A file of a source, read as a stream. */
export class SourceFile implements StreamedFile {
  #source: Source;
  #path: string;
  #entry: SourceEntry;
  #position = 0;
  #reading: Reading | undefined;
  #closed = false;

  /**
   * Stores its arguments; nothing is read yet.
   *
   * @param source The source.
   * @param path The file's path in it.
   * @param entry The file as it was found.
   */
  constructor(source: Source, path: string, entry: SourceEntry) {
    this.#source = source;
    this.#path = path;
    this.#entry = entry;
  }

  /** Most bytes before the ranges of one request, in all. */
  get maxSkipped(): number | undefined {
    return this.#entry.maxSkipped;
  }

  /**
   * Begins to read a range, so that an error shows before the response does.
   *
   * @param start Offset of the first byte.
   * @param end Offset behind the last byte.
   * @throws {SourceError} If it cannot be read.
   */
  async prepare(start: number, end: number): Promise<void> {
    this.#reading = await this.#open(start, end);
  }

  /**
   * Reads a range; one at a time.
   *
   * @param start Offset of the first byte.
   * @param end Offset behind the last byte.
   * @returns The bytes, in pieces.
   * @throws {SourceError} If the source sends fewer or more bytes.
   */
  async *pieces(start: number, end: number): AsyncGenerator<Uint8Array> {
    const prepared = this.#reading;
    const isIt = prepared?.at === start && prepared.end === end;
    const reading = isIt ? prepared : await this.#open(start, end);
    this.#reading = reading;
    try {
      while (reading.at < end) yield await this.#next(reading);
    } finally {
      await this.#end();
    }
  }

  /**
   * Sets the position.
   *
   * @param offset The position.
   * @param whence 0: from the start; otherwise from the position.
   * @returns The position from the start.
   */
  seekSync(offset: number, whence: number): number {
    return this.#position = whence === 0 ? offset : this.#position + offset;
  }

  /**
   * Reads the next bytes.
   *
   * @param buffer Receives the bytes.
   * @returns The number of bytes, `null` at the end.
   * @throws {SourceError} If they cannot be read.
   */
  async read(buffer: Uint8Array): Promise<number | null> {
    const { size } = this.#entry;
    if (this.#position >= size) return null;
    let reading = this.#reading;
    if (reading?.at !== this.#position || reading.at === reading.end) {
      reading = await this.#open(this.#position, size);
      this.#reading = reading;
    }
    const piece = await this.#next(reading);
    const taken = piece.subarray(0, buffer.length);
    buffer.set(taken);
    reading.rest = piece.subarray(taken.length);
    reading.at -= reading.rest.length;
    this.#position += taken.length;
    return taken.length;
  }

  /** Ends the reading. */
  close(): void {
    this.#closed = true;
    this.#end().catch(() => {});
  }

  async #open(start: number, end: number): Promise<Reading> {
    await this.#end();
    const entry = this.#entry;
    const content = start === end
      ? new Uint8Array()
      : await this.#source.read(this.#path, { start, end, entry });
    const pieces = piecesOf(content);
    // The client has left meanwhile.
    if (this.#closed) await pieces.return?.();
    return { end, pieces, at: start, rest: new Uint8Array() };
  }

  /** Returns the next bytes, at least one. */
  async #next(reading: Reading): Promise<Uint8Array> {
    let piece = reading.rest;
    while (piece.length === 0) {
      const { value, done } = await reading.pieces.next();
      if (done) throw this.#wrongLength("few");
      piece = value;
    }
    reading.rest = new Uint8Array();
    reading.at += piece.length;
    if (reading.at > reading.end) throw this.#wrongLength("many");
    return piece;
  }

  #wrongLength(amount: string): SourceError {
    const detail = `${this.#source.label}: ${this.#path}: too ${amount} bytes`;
    return new SourceError(502, "The storage failed", detail);
  }

  async #end(): Promise<void> {
    const reading = this.#reading;
    this.#reading = undefined;
    await reading?.pieces.return?.();
  }
}

/** Returns the pieces; `return()` cancels a stream also before the first one. */
function piecesOf(
  content: Uint8Array | ReadableStream<Uint8Array>,
): AsyncIterator<Uint8Array, void> {
  return content instanceof Uint8Array
    ? onePiece(content)
    : content[Symbol.asyncIterator]();
}

async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield await Promise.resolve(bytes);
}
