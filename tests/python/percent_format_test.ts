// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { assertThrows } from "@std/assert/throws";
import { formatNamed, formatPercent } from "../../python/percent_format.ts";
// Recorded from CPython 3.11: [format, values, result, or null if it raises]
import recorded from "../testdata/python_format.json" with { type: "json" };

type Row = [format: string, args: unknown[], result: string | null];

Deno.test("formatPercent equals CPython on recorded formats", () => {
  for (const [format, args, result] of recorded as Row[]) {
    const label = JSON.stringify([format, args]);
    if (result === null) {
      assertThrows(() => formatPercent(format, args), Error, undefined, label);
    } else {
      assertEquals(formatPercent(format, args), result, label);
    }
  }
});

Deno.test("formatPercent formats values that JSON cannot hold", () => {
  const table: Row[] = [
    ["%d", [2n ** 64n], "18446744073709551616"],
    ["%x", [-(2n ** 64n)], "-10000000000000000"],
    ["%.1f", [10n], "10.0"],
    ["%d", [1e21], "1000000000000000000000"],
    ["%f %5.1f", [NaN, Infinity], "nan   inf"],
    ["%F", [-Infinity], "-INF"],
    ["%+f", [NaN], "+nan"],
    ["%05f", [Infinity], "00inf"],
    ["%c%c", [0, 0x10ffff], "\0\u{10ffff}"],
    ["%1s|%1s|", ["", "a"], " |a|"],
    // A tie: the estimate of the exponent is the next power of ten.
    ["%.20e", [1e23], "9.99999999999999916114e+22"],
    ["%s %s %s", [NaN, Infinity, -Infinity], "nan inf -inf"],
    ["%f", [-0], "-0.000000"],
    ["%s %r", [undefined, null], "None None"],
    ["%s", [new URL("http://h/")], "http://h/"],
    [
      "%.60f",
      [0.1],
      "0.1" + "000000000000000055511151231257827021181583404541015625" +
      "00000",
    ],
  ];
  for (const [format, args, result] of table) {
    assertEquals(formatPercent(format, args), result, format);
  }
});

Deno.test("formatPercent throws for invalid formats and values", () => {
  const table: [string, unknown[], string][] = [
    ["%s", [], "Not enough arguments for format string"],
    ["%*s", [3], "Not enough arguments for format string"],
    ["%s", [1, 2], "Not all arguments converted during string formatting"],
    ["%y", [1], 'Unsupported format character "y" (0x79) at index 1'],
    ["%t", [1], 'Unsupported format character "t" (0x74) at index 1'],
    ["%5%", [1], 'Unsupported format character "%" (0x25) at index 2'],
    ["%", [], "Incomplete format"],
    ["%-5", [], "Incomplete format"],
    ["%(a", [], "Incomplete format key"],
    ["%(a)s", [1], 'Cannot format "%(a)": the values have no names'],
    ["%d", ["1"], "Cannot format %d: a number is required, not string"],
    ["%d", [null], "Cannot format %d: a number is required, not null"],
    ["%x", [1.5], "Cannot format %x: an integer is required, not number"],
    ["%f", ["1"], "Cannot format %f: a number is required, not string"],
    [
      "%c",
      ["ab"],
      "Cannot format %c: an integer or a character is required, not string",
    ],
    ["%*d", ["a", 1], "Cannot format: * wants an integer"],
  ];
  for (const [format, args, message] of table) {
    assertThrows(() => formatPercent(format, args), TypeError, message);
  }
  assertThrows(
    () => formatPercent("%d", [NaN]),
    RangeError,
    "Cannot convert nan to an integer",
  );
  assertThrows(
    () => formatPercent("%c", [0x110000]),
    RangeError,
    "Cannot format %c: 1114112 is not a code point",
  );
});

Deno.test("formatNamed uses values by name, repeatedly", () => {
  const values = { code: 404, message: "Not <b>", "odd(key)": "x" };
  const table: [string, string][] = [
    ["", ""],
    ["100%%", "100%"],
    ["%(code)d|%(code)s|%(message)s", "404|404|Not <b>"],
    ["%(code)06d %(message)-9s|", "000404 Not <b>  |"],
    ["%(message)r", "'Not <b>'"],
    ["%(odd(key))s", "x"],
  ];
  for (const [format, result] of table) {
    assertEquals(formatNamed(format, values), result, format);
  }
});

Deno.test("formatNamed throws for invalid formats and names", () => {
  const table: [string, string][] = [
    ["%s", "Cannot format named values: a conversion has no name"],
    ["%(code)*d", "Cannot format named values: a conversion has no name"],
    ["%(none)s", 'Cannot format "%(none)": there is no value of that name'],
    ["%(toString)s", 'Cannot format "%(toString)": there is no value'],
    ["%(code)q", 'Unsupported format character "q" (0x71) at index 7'],
  ];
  for (const [format, message] of table) {
    assertThrows(() => formatNamed(format, { code: 1 }), TypeError, message);
  }
});
