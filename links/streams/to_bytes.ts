// Copyright 2026 the pystd authors. MIT license.
import { toBytes as real } from "npm:deno-std@1.4.0/streams/to_bytes.js";

/** Typed as `toBytes` of `jsr:@std/streams/to-bytes`. */
export const toBytes: (
  stream: ReadableStream<Uint8Array>,
) => Promise<Uint8Array> = real;
