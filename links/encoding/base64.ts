// Copyright 2026 the pystd authors. MIT license.
import {
  decodeBase64 as realDecodeBase64,
  encodeBase64 as realEncodeBase64,
} from "npm:deno-std@1.4.0/encoding/base64.js";

/** Typed as `encodeBase64` of `jsr:@std/encoding/base64`. */
export const encodeBase64: (data: ArrayBuffer | Uint8Array | string) => string =
  realEncodeBase64;

/** Typed as `decodeBase64` of `jsr:@std/encoding/base64`. */
export const decodeBase64: (b64: string) => Uint8Array<ArrayBuffer> =
  realDecodeBase64;
