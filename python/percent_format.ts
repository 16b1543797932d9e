// Copyright 2026 the pystd authors. MIT license.

/**
 * Python's `%` operator for strings, for `logMessage()` and
 * `errorMessageFormat`: "printf-style String Formatting" of the Python
 * library reference.
 *
 * One engine reads the format and asks a source for the values, by turn for a
 * tuple and by name for a mapping. `%s` and `%%`, all that the log lines need,
 * are done before anything is parsed.
 *
 * Differs from CPython: what is wrong with a format is a `TypeError` here,
 * never a `ValueError`; a number without a fraction is an integer; a surrogate
 * pair is one character.
 *
 * @module
 */

import { convert, type Specifier } from "./percent_conversion.ts";
import { str } from "./text.ts";

const PERCENT = 0x25;
const LOWER_S = 0x73;

/** Where the conversions of a format take their values from. */
interface Source {
  /** The value of the next conversion that names none. */
  next(): unknown;
  /** The value of a conversion `%(key)s`. */
  get(key: string): unknown;
}

/**
 * Formats values as Python's `format % tuple`.
 *
 * The conversions are `%s %r %a %c %d %i %u %x %X %o %e %E %f %F %g %G %%`,
 * with flags, width and precision; the latter two may be `*`.
 *
 * @param format The format.
 * @param args A value for each conversion, in order.
 * @returns The formatted text.
 * @throws {TypeError} If there are too few or too many values, one is of the
 * wrong type, or the format is malformed.
 * @throws {RangeError} If a value is out of range for `%d` or `%c`.
 *
 * @example
 * ```ts
 * import { formatPercent } from "./percent_format.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(formatPercent("code %d, %r", [404, "x"]), "code 404, 'x'");
 * assertEquals(formatPercent("%-4s|%06.2f%%", ["a", 99.5]), "a   |099.50%");
 * ```
 */
export function formatPercent(
  format: string,
  args: readonly unknown[],
): string {
  let used = 0;
  const text = expand(format, {
    next() {
      if (used === args.length) {
        throw new TypeError("Not enough arguments for format string");
      }
      return args[used++];
    },
    get(key) {
      throw new TypeError(
        `Cannot format "%(${key})": the values have no names`,
      );
    },
  });
  if (used < args.length) {
    throw new TypeError("Not all arguments converted during string formatting");
  }
  return text;
}

/**
 * Formats named values as Python's `format % dict`: `%(code)d %(message)s %%`.
 *
 * @param format The format.
 * @param values The values by name; not all need to be used.
 * @returns The formatted text.
 * @throws {TypeError} If a conversion names no value or an unknown one, a value
 * is of the wrong type, or the format is malformed.
 * @throws {RangeError} If a value is out of range for `%d` or `%c`.
 *
 * @example
 * ```ts
 * import { formatNamed } from "./percent_format.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(
 *   formatNamed("%(code)d: %(message)s, 100%%", { code: 404, message: "no" }),
 *   "404: no, 100%",
 * );
 * ```
 */
export function formatNamed(
  format: string,
  values: Readonly<Record<string, string | number>>,
): string {
  return expand(format, {
    next() {
      throw new TypeError(
        "Cannot format named values: a conversion names none",
      );
    },
    get(key) {
      if (Object.hasOwn(values, key)) return values[key];
      throw new TypeError(
        `Cannot format "%(${key})": there is no value of that name`,
      );
    },
  });
}

/** Replaces every conversion of the format. */
function expand(format: string, source: Source): string {
  let text = "";
  let at = 0;
  for (;;) {
    const percent = format.indexOf("%", at);
    if (percent === -1) return text + format.slice(at);
    text += format.slice(at, percent);
    const code = format.charCodeAt(percent + 1);
    if (code === LOWER_S) {
      text += str(source.next());
      at = percent + 2;
    } else if (code === PERCENT) {
      text += "%";
      at = percent + 2;
    } else {
      const specifier = readSpecifier(format, percent + 1, source);
      text += convert(specifier);
      at = specifier.index + 1;
    }
  }
}

/**
 * Reads the specifier that starts after a `%`, and the values it takes:
 * `(key)`, flags, width, `.precision`, length modifier, conversion.
 */
function readSpecifier(
  format: string,
  start: number,
  source: Source,
): Specifier {
  let at = start;
  let key: string | undefined;
  if (format[at] === "(") {
    const end = closingParenthesis(format, at);
    key = format.slice(at + 1, end);
    at = end + 1;
  }

  let flags = "";
  while (at < format.length && "-+ #0".includes(format[at])) {
    flags += format[at++];
  }

  let width: number;
  [width, at] = readNumber(format, at, source);
  if (width < 0) {
    flags += "-";
    width = -width;
  }

  let precision: number | undefined;
  if (format[at] === ".") {
    [precision, at] = readNumber(format, at + 1, source);
    precision = Math.max(0, precision);
  }

  // C's length modifiers are allowed and mean nothing.
  if (format[at] === "h" || format[at] === "l" || format[at] === "L") at++;
  if (at >= format.length) throw new TypeError("Incomplete format");
  const value = key === undefined ? source.next() : source.get(key);
  return {
    value,
    flags,
    width,
    precision,
    conversion: format[at],
    index: at,
  };
}

/** Reads a width or precision, and the index after it; 0 if there is none. */
function readNumber(
  format: string,
  start: number,
  source: Source,
): [number, number] {
  if (format[start] === "*") {
    const value = source.next();
    if (Number.isSafeInteger(value)) return [value as number, start + 1];
    throw new TypeError("Cannot format: * wants an integer");
  }
  let at = start;
  while (format[at] >= "0" && format[at] <= "9") at++;
  return [Number(format.slice(start, at)), at];
}

/** The index of the `)` that closes the `(` at `start`; keys may nest them. */
function closingParenthesis(format: string, start: number): number {
  let depth = 0;
  for (let at = start; at < format.length; at++) {
    if (format[at] === "(") depth++;
    else if (format[at] === ")" && --depth === 0) return at;
  }
  throw new TypeError("Incomplete format key");
}
