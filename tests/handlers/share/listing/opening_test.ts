// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { openInTurn } from "../../../../handlers/share/listing/opening.ts";

Deno.test("openInTurn opens 16 at once, lets 1,024 wait, also after failures, and no more", async () => {
  const gate = Promise.withResolvers<void>();
  let begun = 0;
  const open = async (): Promise<string> => {
    const place = begun++;
    await gate.promise;
    if (place % 2 === 1) throw new Error("It fails");
    return "opened";
  };
  const all = Array.from({ length: 16 + 1024 }, () =>
    openInTurn(open)
      .catch(() => "failed"));
  assertEquals(begun, 16);
  assertEquals(await openInTurn(open), undefined);
  gate.resolve();
  const results = await Promise.all(all);
  assertEquals(results.filter((result) => result === "opened").length, 520);
  assertEquals(results.filter((result) => result === "failed").length, 520);
  assertEquals(await openInTurn(() => Promise.resolve("again")), "again");
});
