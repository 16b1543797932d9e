// Copyright 2026 the pystd authors. MIT license.
import { concatReadableStreams as real } from "npm:deno-std@1.4.0/streams/concat_readable_streams.js";

/** Typed as `concatReadableStreams` of `jsr:@std/streams/concat-readable-streams`. */
export const concatReadableStreams: <T>(
  ...streams: ReadableStream<T>[]
) => ReadableStream<T> = real;
