// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { storeOf } from "../../handlers/simple/options.ts";

Deno.test("storeOf gives the same store for the same class and options, whatever was asked between", () => {
  const one = { cacheBytes: 0, freshFor: 0 };
  const other = { cacheBytes: 0, freshFor: 0 };
  const asked = [
    [one, { directory: "/a" }],
    [one, { directory: "/b" }],
    [other, { directory: "/a" }],
    [one, { directory: "/a", dotfiles: false }],
    [one, { directory: "/a", followSymlinks: true }],
    [one, {}],
  ] as const;
  const stores = asked.map(([cls, options]) => storeOf(cls, options));
  assert(new Set(stores).size === asked.length);
  for (const turn of [1, 2]) {
    for (const [i, [cls, options]] of asked.entries()) {
      for (let again = 0; again < turn; again++) {
        assert(storeOf(cls, options) === stores[i]);
      }
    }
  }
  // Written in another way it is the same directory.
  assert(storeOf(one, { directory: "/a/../b/" }) === stores[1]);
});
