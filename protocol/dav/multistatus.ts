// Copyright 2026 the pystd authors. MIT license.

/**
 * The body of a 207 (RFC 4918 section 13).
 *
 * @module
 */

import { RESPONSES } from "../status.ts";

/** `Content-Type` of XML bodies. */
export const XML_TYPE = "application/xml; charset=utf-8";

/** The start of an XML body. */
export const XML_START = '<?xml version="1.0" encoding="utf-8"?>\n';

/** The start of a 207's body. */
export const MULTISTATUS_START = `${XML_START}<D:multistatus xmlns:D="DAV:">\n`;

/** The end of a 207's body. */
export const MULTISTATUS_END = "</D:multistatus>\n";

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};

/**
 * Escapes text for XML 1.0, in an element or in an attribute. Characters that XML
 * does not have become U+FFFD.
 *
 * @param text The text.
 * @returns The escaped text.
 *
 * @example
 * ```ts
 * import { escapeXml } from "./multistatus.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(escapeXml("a<b\u0001"), "a&lt;b\ufffd");
 * ```
 */
export function escapeXml(text: string): string {
  return text.toWellFormed()
    .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"\t\n\r]/g, (character) => ESCAPES[character]);
}

/**
 * Returns the element `status`.
 *
 * @param code The status code.
 * @returns The element.
 */
export function statusElement(code: number): string {
  return `<D:status>HTTP/1.1 ${code} ${RESPONSES[code]?.[0] ?? ""}</D:status>`;
}

/**
 * Returns a whole body that reports failures.
 *
 * @param failures The escaped paths and the status of each.
 * @returns The body.
 *
 * @example
 * ```ts
 * import { multistatus } from "./multistatus.ts";
 * import { assertMatch } from "@std/assert/match";
 *
 * assertMatch(multistatus([["/a", 403]]), /<D:href>\/a<\/D:href>/);
 * ```
 */
export function multistatus(
  failures: Iterable<readonly [href: string, status: number]>,
): string {
  let body = MULTISTATUS_START;
  for (const [href, status] of failures) {
    body += `<D:response><D:href>${escapeXml(href)}</D:href>` +
      `${statusElement(status)}</D:response>\n`;
  }
  return body + MULTISTATUS_END;
}
