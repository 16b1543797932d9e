// Copyright 2026 the pystd authors. MIT license.

/** Longest log line; longer ones are split. */
const MAX_LINE_CHARS = 4096;

/**
 * Reads lines of text, until the stream ends or its reader is cancelled.
 *
 * @param reader The reader of the stream.
 * @param onLine Called with each line, without its end; several times for a very
 * long line.
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
