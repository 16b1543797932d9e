// Copyright 2026 the pystd authors. MIT license.
import {
  decodeHex as realDecodeHex,
  encodeHex as realEncodeHex,
} from "npm:deno-std@1.4.0/encoding/hex.js";

/** Typed as `encodeHex` of `jsr:@std/encoding/hex`. */
export const encodeHex: (src: string | Uint8Array | ArrayBuffer) => string =
  realEncodeHex;

/** Typed as `decodeHex` of `jsr:@std/encoding/hex`. */
export const decodeHex: (src: string) => Uint8Array<ArrayBuffer> =
  realDecodeHex;
