// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { typeByExtension as original } from "@std/media-types/type-by-extension";
import { typeByExtension } from "../../protocol/media_types.ts";
import { allExtensions, tableModule } from "../../scripts/media_types.ts";

const TABLE = new URL("../../protocol/media_type_table.ts", import.meta.url);

Deno.test("media_type_table.ts is what scripts/media_types.ts makes", () => {
  assertEquals(Deno.readTextFileSync(TABLE), tableModule());
});

Deno.test("typeByExtension equals that of @std/media-types", () => {
  const names = [...allExtensions()];
  assert(names.length > 1000);
  const odd = [
    "",
    ".",
    "txt.html",
    "..txt",
    "txt,text",
    "html,\ntext/html ,htm",
  ];
  const unknown = Array.from({ length: 1500 }, (_, index) => `x${index}`);
  for (const name of [...names, ...odd, ...unknown, ...names]) {
    for (const extension of [name, `.${name}`, name.toUpperCase()]) {
      assertEquals(typeByExtension(extension), original(extension), extension);
    }
  }
});
