// Copyright 2026 the pystd authors. MIT license.

import { SourceError } from "./source.ts";
import type {
  ReservedPart,
  UploadLimits,
  UploadMemory,
} from "./upload_memory.ts";

/** Most parts of an upload: a limit of S3 and of R2. */
const MAX_PARTS = 10_000;

/** How content is divided into parts. */
export interface PartOptions {
  /** Size of a part in bytes, by its index; larger if there would be too many. */
  readonly sizeOf: (index: number) => number;
  /** Most bytes of the content, if that is known; more of them fail. */
  readonly size: number | undefined;
  /** The memory of the parts. */
  readonly memory: UploadMemory;
  /** The limits of that memory. */
  readonly limits: UploadLimits;
}

/** A part of an upload. */
export interface Part {
  /** Its bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether no part follows. */
  readonly isLast: boolean;
}

/**
 * Gathers content in parts; all but the last one are full. There is one part at
 * least. The memory of a part is given back when the next one is asked for.
 *
 * @param content The content.
 * @param options See {@linkcode PartOptions}.
 * @returns The parts.
 * @throws {SourceError} 503 if there are too many uploads, 413 if the content has
 * more bytes than `size`.
 */
export async function* inParts(
  content: AsyncIterable<Uint8Array>,
  { sizeOf, size = Infinity, memory, limits }: PartOptions,
): AsyncGenerator<Part> {
  const least = size === Infinity ? 0 : Math.ceil(size / MAX_PARTS);
  let left = size;
  let count = 0;
  let held: ReservedPart | undefined;
  const begin = async (): Promise<Uint8Array<ArrayBuffer>> => {
    held?.[Symbol.dispose]();
    const wanted = Math.min(Math.max(sizeOf(count), least), left);
    held = await memory.reserve(wanted, count > 0, limits);
    left -= wanted;
    count++;
    return new Uint8Array(wanted);
  };
  try {
    let part = await begin();
    let length = 0;
    for await (let rest of content) {
      held!.received(rest.length);
      while (rest.length > 0) {
        if (length === part.length) {
          if (left === 0) throw new SourceError(413, "Content Too Large");
          yield { bytes: part, isLast: false };
          // Not needed while the next one waits for its memory.
          part = new Uint8Array();
          part = await begin();
          length = 0;
        }
        const taken = rest.subarray(0, part.length - length);
        part.set(taken, length);
        length += taken.length;
        rest = rest.subarray(taken.length);
      }
    }
    yield { bytes: part.subarray(0, length), isLast: true };
  } finally {
    held?.[Symbol.dispose]();
  }
}
