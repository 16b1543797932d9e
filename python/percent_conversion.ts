// Copyright 2026 the pystd authors. MIT license.

/**
 * A single conversion of Python's `%` operator.
 *
 * @module
 */

import { formatFloat } from "./float_format.ts";
import { ascii, repr, str } from "./text.ts";

/** Default precision of `%e`, `%f` and `%g`. */
const DEFAULT_FLOAT_PRECISION = 6;

/** A conversion specifier, `%(key)#0- +width.precisions`, and its value. */
export interface Specifier {
  /** The value to convert. */
  readonly value: unknown;
  /** Flags, any of `-+ #0`. */
  readonly flags: string;
  /** Minimum width, in characters. */
  readonly width: number;
  /** Precision, `undefined` if absent. */
  readonly precision: number | undefined;
  /** Conversion, one character. */
  readonly conversion: string;
  /** Index in the format, for error messages. */
  readonly index: number;
}

/**
 * Converts one value as Python's `%` operator does.
 *
 * @param specifier The specifier and its value.
 * @returns The text, padded to the width.
 * @throws {TypeError} If the value has the wrong type for the conversion, or
 * the conversion is unknown.
 * @throws {RangeError} If the value is out of range for `%d` or `%c`.
 *
 * @example
 * ```ts
 * import { convert } from "./percent_conversion.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(
 *   convert({
 *     value: 255,
 *     flags: "#0",
 *     width: 6,
 *     precision: undefined,
 *     conversion: "x",
 *     index: 5,
 *   }),
 *   "0x00ff",
 * );
 * ```
 */
export function convert(specifier: Specifier): string {
  const { value, conversion, index } = specifier;
  switch (conversion) {
    case "s":
      return padText(truncate(str(value), specifier), specifier);
    case "r":
      return padText(truncate(quoted(value, repr), specifier), specifier);
    case "a":
      return padText(truncate(quoted(value, ascii), specifier), specifier);
    case "c":
      return padText(toCharacter(value), specifier);
    case "d":
    case "i":
    case "u":
    case "x":
    case "X":
    case "o":
      return convertInteger(specifier);
    case "e":
    case "E":
    case "f":
    case "F":
    case "g":
    case "G":
      return convertFloat(specifier);
  }
  const code = conversion.charCodeAt(0).toString(16);
  throw new TypeError(
    `Unsupported format character "${conversion}" (0x${code}) at index ${index}`,
  );
}

/** Converts `%d`, `%i`, `%u`, `%x`, `%X`, `%o`. */
function convertInteger(specifier: Specifier): string {
  const { value, conversion, flags, precision = 0 } = specifier;
  let radix = 10;
  let prefix = "";
  if (conversion === "o" || conversion === "x" || conversion === "X") {
    radix = conversion === "o" ? 8 : 16;
    if (flags.includes("#")) prefix = "0" + conversion;
  }
  const integer = radix === 10
    ? toInteger(value, conversion)
    : toExactInteger(value, conversion);
  const magnitude = integer < 0n ? -integer : integer;
  const digits = magnitude.toString(radix).padStart(precision, "0");
  return padNumber(
    integer < 0n,
    prefix,
    conversion === "X" ? digits.toUpperCase() : digits,
    specifier,
  );
}

/** Converts `%e`, `%f`, `%g`, `%E`, `%F`, `%G`. */
function convertFloat(specifier: Specifier): string {
  const { value, conversion, flags } = specifier;
  const number = toFloat(value, conversion);
  const style = conversion.toLowerCase();
  const text = formatFloat(
    Math.abs(number),
    style as "e" | "f" | "g",
    specifier.precision ?? DEFAULT_FLOAT_PRECISION,
    flags.includes("#"),
  );
  return padNumber(
    number < 0 || Object.is(number, -0),
    "",
    conversion === style ? text : text.toUpperCase(),
    specifier,
  );
}

/** Returns `repr()` or `ascii()` of a value; only strings get quotes. */
function quoted(value: unknown, quote: (text: string) => string): string {
  return typeof value === "string" ? quote(value) : str(value);
}

function truncate(text: string, specifier: Specifier): string {
  const { precision } = specifier;
  if (precision === undefined) return text;
  return [...text].slice(0, precision).join("");
}

function padText(text: string, specifier: Specifier): string {
  const { flags, width } = specifier;
  if (width === 0) return text;
  const missing = Math.max(0, width - [...text].length);
  const padding = " ".repeat(missing);
  return flags.includes("-") ? text + padding : padding + text;
}

/** Joins sign, prefix and digits. The flag `0` puts zeros after the prefix. */
function padNumber(
  negative: boolean,
  prefix: string,
  digits: string,
  specifier: Specifier,
): string {
  const { flags, width } = specifier;
  let head = prefix;
  if (negative) head = "-" + prefix;
  else if (flags.includes("+")) head = "+" + prefix;
  else if (flags.includes(" ")) head = " " + prefix;
  if (flags.includes("-")) return (head + digits).padEnd(width);
  if (!flags.includes("0")) return (head + digits).padStart(width);
  return head + digits.padStart(width - head.length, "0");
}

/** Returns the integer for `%d`, without its fraction. */
function toInteger(value: unknown, conversion: string): bigint {
  if (typeof value === "bigint") return value;
  const number = toFloat(value, conversion);
  if (Number.isFinite(number)) return BigInt(Math.trunc(number));
  throw new RangeError(`Cannot convert ${str(number)} to an integer`);
}

/** Returns the integer for `%x` and `%o`; a fraction is an error. */
function toExactInteger(value: unknown, conversion: string): bigint {
  if (typeof value === "bigint") return value;
  if (typeof value === "boolean" || Number.isInteger(value)) {
    return BigInt(value as boolean | number);
  }
  throw wrongType(value, conversion, "an integer");
}

function toFloat(value: unknown, conversion: string): number {
  if (typeof value === "number") return value;
  if (typeof value === "bigint" || typeof value === "boolean") {
    return Number(value);
  }
  throw wrongType(value, conversion, "a number");
}

/** Returns the character for `%c`, from a code point or a string. */
function toCharacter(value: unknown): string {
  if (typeof value === "string" && [...value].length === 1) return value;
  if (!Number.isInteger(value)) {
    throw wrongType(value, "c", "an integer or a character");
  }
  const code = value as number;
  if (code >= 0 && code <= 0x10ffff) return String.fromCodePoint(code);
  throw new RangeError(`Cannot format %c: ${code} is not a code point`);
}

function wrongType(
  value: unknown,
  conversion: string,
  wanted: string,
): TypeError {
  const type = value === null ? "null" : typeof value;
  return new TypeError(
    `Cannot format %${conversion}: ${wanted} is required, not ${type}`,
  );
}
