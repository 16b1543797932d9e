// Copyright 2026 the pystd authors. MIT license.

/**
 * `Content-Disposition`: of a form part, as browsers and curl write it (RFC
 * 7578 section 4.2), and of a download (RFC 6266).
 *
 * @module
 */

/** The names in the field of a form part. */
export interface PartNames {
  /** Name of the form field. */
  readonly name: string;
  /** Name of the file, with its folders; `undefined` if it is not a file. */
  readonly filename: string | undefined;
}

/** A parameter: a token, or a quoted string that may contain `\"`. */
const PARAMETER =
  /;[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\"|\\)*)"|([^\s";]+))[ \t]*/y;

/**
 * Parses the field of a form part.
 *
 * In a quoted string, browsers and curl write a quote as `%22`, CR and LF as
 * `%0D` and `%0A` (the HTML standard). Other clients write `\"`. Any other
 * backslash is literal.
 *
 * @param value The value of the part's `Content-Disposition`.
 * @returns The names; `undefined` if the field is not one of a form part.
 *
 * @example
 * ```ts
 * import { parsePartNames } from "./content_disposition.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(parsePartNames('form-data; name="f"; filename="d/a %22.txt"'), {
 *   name: "f",
 *   filename: 'd/a ".txt',
 * });
 * ```
 */
export function parsePartNames(
  value: string | undefined,
): PartNames | undefined {
  const type = /^form-data[ \t]*/i.exec(value ?? "");
  if (value === undefined || type === null) return undefined;
  const parameters = new Map<string, string>();
  PARAMETER.lastIndex = type[0].length;
  let end = PARAMETER.lastIndex;
  for (;;) {
    const match = PARAMETER.exec(value);
    if (match === null) break;
    end = PARAMETER.lastIndex;
    const key = match[1].toLowerCase();
    if (parameters.has(key)) return undefined;
    parameters.set(key, match[3] ?? unescapeQuoted(match[2]));
  }
  if (value.slice(end).replace(/^;/, "").trim() !== "") return undefined;
  const extended = decodeExtended(parameters.get("filename*"));
  return {
    name: parameters.get("name") ?? "",
    filename: extended ?? parameters.get("filename"),
  };
}

function unescapeQuoted(text: string): string {
  return text.replaceAll('\\"', '"').replaceAll(
    /%(22|0D|0A)/gi,
    (escape) => decodeURIComponent(escape),
  );
}

/** RFC 8187: `UTF-8''na%C3%AFve`. RFC 7578 forbids it; some clients send it. */
function decodeExtended(text: string | undefined): string | undefined {
  const match = /^utf-8'[^']*'(.*)$/is.exec(text ?? "");
  if (match === null) return undefined;
  try {
    return decodeURIComponent(match[1]);
  } catch {
    return undefined;
  }
}

/**
 * Formats the field of a download: the name in ASCII for old clients, and in
 * UTF-8 for all others (RFC 6266 appendix D).
 *
 * @param filename The suggested file name.
 * @returns The value of `Content-Disposition`.
 *
 * @example
 * ```ts
 * import { formatAttachment } from "./content_disposition.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(formatAttachment("a.zip"), 'attachment; filename="a.zip"');
 * assertEquals(
 *   formatAttachment("\u00fc.zip"),
 *   "attachment; filename=\"_.zip\"; filename*=UTF-8''%C3%BC.zip",
 * );
 * ```
 */
export function formatAttachment(filename: string): string {
  const ascii = filename.replaceAll(/[^\x20-\x7e]|["\\%/]/gu, "_");
  const plain = `attachment; filename="${ascii}"`;
  if (ascii === filename) return plain;
  const encoded = encodeURIComponent(filename.toWellFormed())
    .replaceAll(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
  return `${plain}; filename*=UTF-8''${encoded}`;
}
