// Copyright 2026 the pystd authors. MIT license.

/**
 * The length of request bodies (RFC 9112 section 6).
 *
 * @module
 */

import { assertEquals } from "@std/assert/equals";
import { Fields } from "../../protocol/fields.ts";
import { bodyFraming, connectionOption } from "../../protocol/framing.ts";
import { RequestError } from "../../protocol/request_error.ts";

type Field = [name: string, value: string];

const length = (value: string): Field => ["Content-Length", value];
const coding = (value: string): Field => ["Transfer-Encoding", value];

/** Reason, fields, version, and the framing or the status. */
const CASES: [
  why: string,
  fields: Field[],
  atLeast11: boolean,
  wanted: number | "chunked" | { status: number },
][] = [
  ["6.3 rule 8: neither field", [], true, 0],
  ["6.3 rule 6: a length", [length("5")], true, 5],
  ["a length in HTTP/1.0", [length("5")], false, 5],
  ["no bytes", [length("0")], true, 0],
  ["leading zeros are digits", [length("005")], true, 5],
  ["6.3 rule 5: the same in a list", [length("5, 5")], true, 5],
  ["6.3 rule 5: the same twice", [length("5"), length("5")], true, 5],
  ["6.3 rule 5: two lengths", [length("5"), length("6")], true, {
    status: 400,
  }],
  ["6.3 rule 5: two in a list", [length("5,6")], true, { status: 400 }],
  ["a length and nothing", [length("5,")], true, { status: 400 }],
  ["an empty length", [length("")], true, { status: 400 }],
  ["a sign", [length("+5")], true, { status: 400 }],
  ["a negative length", [length("-1")], true, { status: 400 }],
  ["a fraction", [length("5.0")], true, { status: 400 }],
  ["an exponent", [length("5e1")], true, { status: 400 }],
  ["hexadecimal digits", [length("0x5")], true, { status: 400 }],
  ["an underscore, as Python's int() takes", [length("1_0")], true, {
    status: 400,
  }],
  ["white space within", [length("1 0")], true, { status: 400 }],
  ["0xa0 is no white space", [length("5\xa0")], true, { status: 400 }],
  ["digits that are not ASCII", [length("\xb2")], true, { status: 400 }],
  ["beyond 2^53", [length("9007199254740993")], true, { status: 413 }],
  ["beyond 2^64", [length("18446744073709551621")], true, { status: 413 }],
  ["6.3 rule 4: chunked", [coding("chunked")], true, "chunked"],
  ["7: codings have no case", [coding("CHUNKED")], true, "chunked"],
  ["6.3 rule 3: both fields", [coding("chunked"), length("5")], true, {
    status: 400,
  }],
  ["6.1: a coding in HTTP/1.0", [coding("chunked")], false, { status: 400 }],
  ["6.1: chunked twice", [coding("chunked, chunked")], true, { status: 400 }],
  [
    "chunked twice in two fields",
    [coding("chunked"), coding("chunked")],
    true,
    {
      status: 400,
    },
  ],
  ["6.3 rule 4: chunked is not the last", [coding("chunked, gzip")], true, {
    status: 400,
  }],
  ["6.3 rule 4: no chunked", [coding("gzip")], true, { status: 400 }],
  ["identity is no more", [coding("identity")], true, { status: 400 }],
  ["an empty coding", [coding("")], true, { status: 400 }],
  ["6.1: unknown codings", [coding("gzip, chunked")], true, { status: 501 }],
  ["a parameter of chunked", [coding("chunked;q=1")], true, { status: 400 }],
  ["a name that starts so", [coding("chunkedfoo")], true, { status: 400 }],
  ["in quotes", [coding('"chunked"')], true, { status: 400 }],
  ["0xa0 around it", [coding("\xa0chunked")], true, { status: 400 }],
  ["a vertical tab around it", [coding("\x0bchunked")], true, { status: 400 }],
];

for (const [why, fields, atLeast11, wanted] of CASES) {
  Deno.test(`bodyFraming: ${why}`, () => {
    const framing = bodyFraming(Fields.from(fields), atLeast11);
    const got = framing instanceof RequestError
      ? { status: framing.status }
      : framing;
    assertEquals(got, wanted);
  });
}

Deno.test("connectionOption reads Connection as a list (RFC 9110 7.6.1)", () => {
  const cases: [string[], "close" | "keep-alive" | undefined][] = [
    [[], undefined],
    [["close"], "close"],
    [["Close"], "close"],
    [["keep-alive"], "keep-alive"],
    [["TE, close"], "close"],
    [["TE", "close"], "close"],
    [["keep-alive, close"], "close"],
    [["close ,\tx"], "close"],
    [["closed"], undefined],
    [["close\xa0"], undefined],
    [["upgrade"], undefined],
    [[""], undefined],
  ];
  for (const [values, wanted] of cases) {
    const fields = Fields.from(values.map((value) => ["Connection", value]));
    assertEquals(connectionOption(fields), wanted, values.join("|"));
  }
});
