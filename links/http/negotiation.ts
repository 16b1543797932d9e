// Copyright 2026 the pystd authors. MIT license.
import {
  accepts as realAccepts,
  acceptsEncodings as realAcceptsEncodings,
  acceptsLanguages as realAcceptsLanguages,
} from "npm:deno-std@1.4.0/http/negotiation.js";

/** Typed as `accepts` of `jsr:@std/http/negotiation`. */
export const accepts: {
  (request: Pick<Request, "headers">): string[];
  <T extends string = string>(
    request: Pick<Request, "headers">,
    ...types: T[]
  ): T | undefined;
} = realAccepts;

/** Typed as `acceptsEncodings` of `jsr:@std/http/negotiation`. */
export const acceptsEncodings: {
  (request: Pick<Request, "headers">): string[];
  <T extends string = string>(
    request: Pick<Request, "headers">,
    ...encodings: T[]
  ): T | undefined;
} = realAcceptsEncodings;

/** Typed as `acceptsLanguages` of `jsr:@std/http/negotiation`. */
export const acceptsLanguages: {
  (request: Pick<Request, "headers">): string[];
  <T extends string = string>(
    request: Pick<Request, "headers">,
    ...langs: T[]
  ): T | undefined;
} = realAcceptsLanguages;
