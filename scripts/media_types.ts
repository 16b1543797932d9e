// Copyright 2026 the pystd authors. MIT license.

/**
 * Writes `protocol/media_type_table.ts`, the table of `@std/media-types` as one
 * text: a start takes 4 ms less with it.
 *
 * ```sh
 * deno run --allow-write scripts/media_types.ts    # once that has a new version
 * ```
 *
 * @module
 */

import { typeByExtension } from "@std/media-types/type-by-extension";
// No entry point of `@std/media-types` lists all extensions.
import db from "npm:deno-std@1.4.0/media_types/vendor/db.js";

const RECORDS: Record<string, { extensions?: readonly string[] }> = db;

/**
 * Makes the module's text.
 *
 * @returns The text.
 */
export function tableModule(): string {
  const extensions = new Map<string, string[]>();
  for (const extension of allExtensions()) {
    const type = typeByExtension(extension)!;
    extensions.set(type, [...extensions.get(type) ?? [], extension]);
  }
  const lines = [...extensions].map(([type, names]) =>
    `${type} ,${names.join(",")},`
  );
  return `// Copyright 2026 the pystd authors. MIT license.

/**
 * The media types of \`@std/media-types\`: a line for each, with its extensions.
 * Made by \`scripts/media_types.ts\`, not by hand.
 *
 * @module
 */

/** The table: each extension stands between two commas. */
export const MEDIA_TYPE_TABLE = \`
${lines.sort().join("\n")}
\`;
`;
}

/**
 * Lists the extensions that `@std/media-types` knows.
 *
 * @returns The extensions, without dots.
 */
export function allExtensions(): Set<string> {
  return new Set(
    Object.values(RECORDS).flatMap(({ extensions }) => extensions ?? []).sort(),
  );
}

if (import.meta.main) {
  const path = new URL("../protocol/media_type_table.ts", import.meta.url);
  Deno.writeTextFileSync(path, tableModule());
}
