// Copyright 2026 the pystd authors. MIT license.

/**
 * Makes a checkout resolve `@std` from JSR, as users of the package do, so that
 * checks and tests show what they get. `deno task release:real` runs this first,
 * in CI; `git checkout .` and `git clean` restore the checkout.
 *
 * @module
 */

/** Files that are about the wrappers and the lock of a clone. */
const GONE = [
  "deno.lock",
  "tests/links_test.ts",
  "tests/locks_test.ts",
  "tests/std_types_test.ts",
];

/**
 * Removes `links` from a configuration.
 *
 * @param text The text of `deno.json`.
 * @returns The new text.
 */
export function withoutLinks(text: string): string {
  const { links: _, ...config } = JSON.parse(text);
  return `${JSON.stringify(config, null, 2)}\n`;
}

if (import.meta.main) {
  const root = new URL("../", import.meta.url);
  const config = new URL("deno.json", root);
  Deno.writeTextFileSync(config, withoutLinks(Deno.readTextFileSync(config)));
  for (const path of GONE) Deno.removeSync(new URL(path, root));
  console.log("deno.json has no links: @std comes from JSR.");
}
