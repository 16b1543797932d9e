// Copyright 2026 the pystd authors. MIT license.

/**
 * Python's `%` operator for strings, for `logMessage()` and
 * `errorMessageFormat`: "printf-style String Formatting" of the Python
 * library reference.
 *
 * One function parses the format and takes values from a source: in order for a
 * tuple, by name for a mapping. `%s` and `%%`, which most log lines use, have a
 * fast path.
 *
 * Differs from CPython: an invalid format is a `TypeError`, never a
 * `ValueError`; a number without a fraction is an integer; a surrogate pair is
 * one character.
 *
 * @module
 */

import { convert, type Specifier } from "./percent_conversion.ts";
import { str } from "./text.ts";

const PERCENT = 0x25;
const LOWER_S = 0x73;

/** The values for the conversions of a format. */
interface Source {
  /** Returns the next value, for a conversion without a name. */
  next(): unknown;
  /** Returns the value for `%(key)s`. */
  get(key: string): unknown;
}

/**
 * Formats values as Python's `format % tuple` does.
 *
 * The conversions are `%s %r %a %c %d %i %u %x %X %o %e %E %f %F %g %G %%`,
 * with flags, width and precision. Width and precision may be `*`.
 *
 * @param args A value for each conversion, in order.
 * @throws {TypeError} If there are too few or too many values, a value has the
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
 * Formats named values as Python's `format % dict` does.
 *
 * @param values The values by name; unused ones are ignored.
 * @throws {TypeError} If a conversion has no name or an unknown one, a value
 * has the wrong type, or the format is malformed.
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
        "Cannot format named values: a conversion has no name",
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

/** Replaces every conversion in the format. */
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
 * Parses the specifier after a `%`, and takes its values: `(key)`, flags,
 * width, `.precision`, length modifier, conversion.
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

  // C's length modifiers are ignored.
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

/**
 * Parses a width or precision, 0 if absent. Also returns the index after it.
 */
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

/**
 * Returns the index of the `)` that closes the `(` at `start`; they can nest.
 */
function closingParenthesis(format: string, start: number): number {
  let depth = 0;
  for (let at = start; at < format.length; at++) {
    if (format[at] === "(") depth++;
    else if (format[at] === ")" && --depth === 0) return at;
  }
  throw new TypeError("Incomplete format key");
}
