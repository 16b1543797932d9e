// Copyright 2026 the pystd authors. MIT license.

/**
 * `%e`, `%f` and `%g` of a floating-point number, digit for digit as C and
 * Python print it.
 *
 * People see these digits: `logMessage("took %.2f s", seconds)` is a call that
 * handlers ported from Python make, and their log lines stay the same.
 *
 * `toFixed()`, `toExponential()` and `toPrecision()` round ties up and stop at
 * 1e21 and 100 digits. C rounds the exact binary value half to even, so the
 * digits are computed from that value as a fraction of integers.
 *
 * @module
 */

const MANTISSA_BITS = 52n;
const MANTISSA_MASK = (1n << MANTISSA_BITS) - 1n;
const EXPONENT_MASK = 0x7ffn;
/** The exponent's bias, and the mantissa's bits beyond the binary point. */
const EXPONENT_OFFSET = 1023n + MANTISSA_BITS;

/**
 * Formats a non-negative number as C's `%.*e`, `%.*f` or `%.*g`.
 *
 * @param value The number; the caller adds the sign.
 * @param style The conversion.
 * @param precision Digits after the point; for `g`, significant digits.
 * @param keepPoint The flag `#`: keep the point, and for `g` trailing zeros.
 *
 * @example
 * ```ts
 * import { formatFloat } from "./float_format.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(formatFloat(2.5, "f", 0, false), "2");
 * assertEquals(formatFloat(0.00001, "g", 6, false), "1e-05");
 * ```
 */
export function formatFloat(
  value: number,
  style: "e" | "f" | "g",
  precision: number,
  keepPoint: boolean,
): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : "inf";
  if (style === "f") {
    const digits = scale(value, precision).toString();
    return placePoint(digits, precision, keepPoint);
  }
  if (style === "e") {
    const { digits, exponent } = scientific(value, precision);
    return withExponent(placePoint(digits, precision, keepPoint), exponent);
  }
  const significant = Math.max(1, precision);
  const { digits, exponent } = scientific(value, significant - 1);
  if (exponent < -4 || exponent >= significant) {
    const text = placePoint(digits, significant - 1, keepPoint);
    return withExponent(keepPoint ? text : stripZeros(text), exponent);
  }
  const text = placePoint(digits, significant - 1 - exponent, keepPoint);
  return keepPoint ? text : stripZeros(text);
}

/** Returns `value` × 10^`places` as an integer, with ties to even. */
function scale(value: number, places: number): bigint {
  const bits = new BigUint64Array(new Float64Array([value]).buffer)[0];
  const biased = (bits >> MANTISSA_BITS) & EXPONENT_MASK;
  const fraction = bits & MANTISSA_MASK;
  // A biased exponent of zero means subnormal: no implicit leading one.
  let numerator = biased === 0n ? fraction : fraction | (1n << MANTISSA_BITS);
  let denominator = 1n;
  const exponent = (biased === 0n ? 1n : biased) - EXPONENT_OFFSET;
  if (exponent >= 0n) numerator <<= exponent;
  else denominator <<= -exponent;
  if (places >= 0) numerator *= 10n ** BigInt(places);
  else denominator *= 10n ** BigInt(-places);
  const quotient = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  const up = twice > denominator ||
    (twice === denominator && (quotient & 1n) === 1n);
  return up ? quotient + 1n : quotient;
}

/** Returns `places` + 1 significant digits of a number, and its exponent. */
function scientific(
  value: number,
  places: number,
): { digits: string; exponent: number } {
  if (value === 0) return { digits: "0".repeat(places + 1), exponent: 0 };
  // An estimate: rounding can reach the next power of ten.
  let exponent = Number(value.toExponential().split("e")[1]);
  for (;;) {
    const digits = scale(value, places - exponent).toString();
    if (digits.length === places + 1) return { digits, exponent };
    exponent += digits.length - (places + 1);
  }
}

/** Puts the decimal point before the last `places` digits. */
function placePoint(
  digits: string,
  places: number,
  keepPoint: boolean,
): string {
  const padded = digits.padStart(places + 1, "0");
  const whole = padded.slice(0, padded.length - places);
  if (places === 0) return keepPoint ? whole + "." : whole;
  return whole + "." + padded.slice(padded.length - places);
}

/** Appends the exponent, with at least two digits as in C. */
function withExponent(text: string, exponent: number): string {
  const sign = exponent < 0 ? "-" : "+";
  return text + "e" + sign + String(Math.abs(exponent)).padStart(2, "0");
}

function stripZeros(text: string): string {
  if (!text.includes(".")) return text;
  let end = text.length;
  while (text[end - 1] === "0") end--;
  if (text[end - 1] === ".") end--;
  return text.slice(0, end);
}
