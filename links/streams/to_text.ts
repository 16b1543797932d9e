// Copyright 2026 the pystd authors. MIT license.
import { toText as real } from "npm:deno-std@1.4.0/streams/to_text.js";

/** Typed as `toText` of `jsr:@std/streams/to-text`. */
export const toText: (
  stream: ReadableStream<string> | ReadableStream<Uint8Array>,
) => Promise<string> = real;
