// Copyright 2026 the pystd authors. MIT license.

const encoder = new TextEncoder();

/**
 * Prints a line to stdout. That nobody reads it is no reason to stop.
 *
 * @param line The line, without its end.
 */
export function print(line: string): void {
  let bytes = encoder.encode(`${line}\n`);
  try {
    while (bytes.length > 0) {
      bytes = bytes.subarray(Deno.stdout.writeSync(bytes));
    }
  } catch {
    // A closed pipe, a full disk.
  }
}
