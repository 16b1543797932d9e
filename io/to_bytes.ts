// Copyright 2026 the pystd authors. MIT license.

const encoder = new TextEncoder();

/**
 * Converts what a handler writes to bytes.
 *
 * @param chunk Text, which is encoded as UTF-8, or bytes.
 * @returns The bytes; those of a buffer or view are not copied.
 * @throws {TypeError} If it is neither: a number, or `undefined`, say. Types
 * cannot rule this out, since a value that was parsed from JSON is `any`.
 */
export function toBytes(
  chunk: string | ArrayBufferView | ArrayBufferLike,
): Uint8Array {
  if (typeof chunk === "string") return encoder.encode(chunk);
  if (chunk instanceof Uint8Array) return chunk;
  if (ArrayBuffer.isView(chunk)) {
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  if (isArrayBuffer(chunk)) return new Uint8Array(chunk);
  throw new TypeError(
    `Cannot write ${typeName(chunk)}: only text and bytes can be written`,
  );
}

function isArrayBuffer(chunk: unknown): chunk is ArrayBufferLike {
  // Not `instanceof`: a buffer may come from another realm.
  const tag = Object.prototype.toString.call(chunk);
  return tag === "[object ArrayBuffer]" || tag === "[object SharedArrayBuffer]";
}

function typeName(value: unknown): string {
  if (value === null || value === undefined) return `${value}`;
  if (typeof value !== "object") return `a ${typeof value}`;
  return `an object (${value.constructor?.name ?? "without a class"})`;
}
