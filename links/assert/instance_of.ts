// Copyright 2026 the pystd authors. MIT license.
import { assertInstanceOf as real } from "npm:deno-std@1.4.0/assert/instance_of.js";

/** Typed as `assertInstanceOf` of `jsr:@std/assert/instance-of`. */
export const assertInstanceOf: <
  T extends abstract new (...args: never[]) => unknown,
>(
  actual: unknown,
  expectedType: T,
  msg?: string,
) => asserts actual is InstanceType<T> = real;
