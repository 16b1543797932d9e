// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import {
  compactScript,
  compactStyle,
} from "../../../../handlers/share/listing/compact.ts";

Deno.test("compactScript removes comments and indentation", () => {
  const script = `
/** A comment
 * of two lines. */
const url = "https://a"; // stays
  // goes
  if (a) {
    b("/** text */");
  }
`;
  assertEquals(
    compactScript(script),
    '\nconst url = "https://a"; // stays\nif (a) {\nb("/** text */");\n}\n',
  );
});

Deno.test("compactStyle removes indentation", () => {
  assertEquals(
    compactStyle("\na { b: c;\n  d: e }\n\nf { g: h }\n"),
    "\na { b: c;\nd: e }\nf { g: h }\n",
  );
});
