// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { parseXml } from "../../sources/s3/xml.ts";
import { stub } from "../support/stub.ts";

const COUNT = 2000;

/** A list whose pieces end at all places of an element. */
function list(): string {
  const rows = Array.from(
    { length: COUNT },
    (_, i) =>
      `<Contents><Key>\u{1f600}${i}&amp;</Key><Size>${i}</Size></Contents>`,
  );
  return `<List><IsTruncated>false</IsTruncated>${rows.join("")}</List>`;
}

Deno.test("parseXml reads a list in pieces, and lets others work between them", async () => {
  let turns = 0;
  const others = setInterval(() => turns++, 0);
  // Each check of the clock finds that the slice is over.
  let now = 0;
  using _ = stub(Date, "now", () => () => now += 10);
  const root = await parseXml(list());
  clearInterval(others);
  assert(turns > 4, `${turns} turns`);
  assertEquals(root?.texts.get("IsTruncated"), "false");
  const keys = root!.children.slice(1).map(({ texts }) => texts.get("Key"));
  assertEquals(keys, Array.from({ length: COUNT }, (_, i) => `\u{1f600}${i}&`));
});

for (
  const text of ["", "<a>", "<a></b>", "<!DOCTYPE a><a/>", "a", "<a/><b/>"]
) {
  Deno.test(`parseXml refuses ${JSON.stringify(text)}`, async () => {
    assertEquals(await parseXml(text), undefined);
  });
}
