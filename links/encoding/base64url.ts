// Copyright 2026 the pystd authors. MIT license.
import {
  decodeBase64Url as realDecodeBase64Url,
  encodeBase64Url as realEncodeBase64Url,
} from "npm:deno-std@1.4.0/encoding/base64url.js";

/** Typed as `encodeBase64Url` of `jsr:@std/encoding/base64url`. */
export const encodeBase64Url: (
  data: ArrayBuffer | Uint8Array | string,
) => string = realEncodeBase64Url;

/** Typed as `decodeBase64Url` of `jsr:@std/encoding/base64url`. */
export const decodeBase64Url: (b64url: string) => Uint8Array<ArrayBuffer> =
  realDecodeBase64Url;
