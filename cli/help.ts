// Copyright 2026 the pystd authors. MIT license.

import { type Flag, FLAG_GROUPS } from "./flags.ts";

/** Column in which the descriptions start. */
const COLUMN = 32;

/**
 * Returns the help text.
 *
 * @returns The text, which ends with a line feed.
 */
export function helpText(): string {
  const groups = FLAG_GROUPS.map(({ title, flags }) =>
    `${title}:\n${flags.map(flagLine).join("")}`
  );
  return `Serve a directory over HTTP, by default to this machine only.

Usage: deno run -NR jsr:@pystd/http-server/cli [OPTIONS] [DIR] [PORT]
DIR (default .) may be a file, a .zip (its content), or s3://BUCKET/PREFIX.

${groups.join("\n")}
Example: deno run -NR -S=networkInterfaces jsr:@pystd/http-server/cli --lan --qr
`;
}

function flagLine({ name, short, value, optionalValue, help }: Flag): string {
  const shortName = short === undefined ? "    " : `-${short}, `;
  const shownValue = value === undefined
    ? ""
    : optionalValue
    ? `[=${value}]`
    : ` ${value}`;
  const left = `  ${shortName}--${name}${shownValue}`;
  return `${left.padEnd(COLUMN)}${help}\n`;
}
