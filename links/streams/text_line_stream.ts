// Copyright 2026 the pystd authors. MIT license.
import { TextLineStream as real } from "npm:deno-std@1.4.0/streams/text_line_stream.js";

/** Options of {@linkcode TextLineStream}. */
export interface TextLineStreamOptions {
  /** Whether a lone CR ends a line too. */
  allowCR?: boolean;
}

const Real: new (
  options?: TextLineStreamOptions,
) => TransformStream<string, string> = real;

/** Typed as `TextLineStream` of `jsr:@std/streams/text-line-stream`. */
export class TextLineStream extends Real {
  /** No other stream is one, as there. */
  #own = true;
}
