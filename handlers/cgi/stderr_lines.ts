// Copyright 2026 the pystd authors. MIT license.

/** A line of the log is cut here: nobody reads more of it. */
const MAX_LINE_CHARS = 4096;

/**
 * Calls back for each line of a text that comes in pieces, until it ends or
 * its reader is cancelled.
 *
 * @param reader Where the bytes of the text come from.
 * @param onLine What takes a line, without its end; a line that is very long
 * comes in several.
 */
export async function forEachLine(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  onLine: (line: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { value } = await reader.read();
    rest += decoder.decode(value, { stream: value !== undefined });
    const lines = rest.split(/\r?\n/);
    rest = lines.pop()!;
    lines.forEach(pass);
    if (rest.length > MAX_LINE_CHARS || value === undefined) {
      if (rest !== "") pass(rest);
      rest = "";
    }
    if (value === undefined) return;
  }

  function pass(line: string): void {
    for (let i = 0; i === 0 || i < line.length; i += MAX_LINE_CHARS) {
      onLine(line.slice(i, i + MAX_LINE_CHARS));
    }
  }
}
