// Copyright 2026 the pystd authors. MIT license.

const encoder = new TextEncoder();

/**
 * Prints a line to stdout. Errors are ignored: the server goes on.
 *
 * @param line The line, without a line feed.
 */
export function print(line: string): void {
  let bytes = encoder.encode(`${line}\n`);
  try {
    while (bytes.length > 0) {
      bytes = bytes.subarray(Deno.stdout.writeSync(bytes));
    }
  } catch {
    // A closed pipe or a full disk.
  }
}
