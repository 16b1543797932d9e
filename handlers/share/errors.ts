// Copyright 2026 the pystd authors. MIT license.

/**
 * Error responses in the form that the client prefers: an HTML page, a JSON
 * object, or a line of text.
 *
 * @module
 */

import { HeaderBlock } from "../../protocol/header_block.ts";
import { preferredType } from "../../protocol/negotiation.ts";

/** The style of the error page: that of the listing, as far as it needs it. */
const ERROR_STYLE = `
:root { color-scheme: light dark;
  --back: #fff; --text: #1b1f24; --line: #e3e7ec; --over: #f1f5fa }
@media (prefers-color-scheme: dark) { :root {
  --back: #14171b; --text: #e5e9ee; --line: #2b3138; --over: #1e242b } }
body { margin: 0 auto; max-width: 34rem; padding: 15vh 1.25rem 3rem;
  font: 1rem/1.45 system-ui, sans-serif; overflow-wrap: anywhere;
  color: var(--text); background: var(--back) }
h1 { margin: 0; font-size: 1.4rem }
a { display: inline-block; padding: .5rem .9rem; color: inherit;
  text-decoration: none; background: var(--over);
  border: 1px solid var(--line); border-radius: .5rem }
a:hover { text-decoration: underline }
a:focus-visible { outline: 2px solid; outline-offset: 2px }
`;

/** Error page, in the format of `errorMessageFormat`. */
export const ERROR_PAGE: string = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%(code)d %(message)s</title>
<style>${ERROR_STYLE.replaceAll("%", "%%")}</style>
</head>
<body>
<main>
<h1>%(code)d: %(message)s</h1>
<p>%(explain)s.</p>
<p><a href="%(home)s">All files</a></p>
</main>
</body>
</html>
`;

/**
 * The `Content-Security-Policy` of the error page, with the hash of its style.
 * Computing the hash would add 1.5 ms to the start; a test compares it.
 */
export const ERROR_POLICY: string = [
  "default-src 'none'",
  "style-src 'sha256-GN8zlwbL1hWfeZHJhmP0xvpYmAESDWJWwX44Sq9uH2Q='",
  "base-uri 'none'",
  "frame-ancestors 'self'",
].join("; ");

/** Form of an error response. */
export type ErrorForm = "html" | "json" | "text";

/**
 * Chooses the form of an error response.
 *
 * @param accept The value of `Accept`, `undefined` if there is none.
 * @returns The form.
 */
export function errorForm(accept: string | undefined): ErrorForm {
  if (accept === undefined || accept === "*/*") return "text";
  const type = preferredType(accept, [
    "text/plain",
    "text/html",
    "application/json",
  ]);
  if (type === "application/json") return "json";
  // Command-line clients send `text/*` and `*/*`.
  return type === "text/html" || accept.includes("text/html") ? "html" : "text";
}

/** An error response that is not a page. */
export interface ErrorAnswer {
  /** The header fields of the body. */
  readonly fields: HeaderBlock;
  /** The body. */
  readonly body: Uint8Array;
}

/** The latest response: most errors repeat. */
let last:
  | ErrorAnswer & { form: ErrorForm; code: number; message: string }
  | undefined;

/**
 * Returns an error response in JSON or text.
 *
 * @param form The form.
 * @param code The status code.
 * @param message The reason.
 * @returns The fields and the body.
 */
export function errorAnswer(
  form: "json" | "text",
  code: number,
  message: string,
): ErrorAnswer {
  if (
    last?.form !== form || last.code !== code || last.message !== message
  ) {
    last = { ...makeAnswer(form, code, message), form, code, message };
  }
  return last;
}

function makeAnswer(
  form: "json" | "text",
  code: number,
  message: string,
): ErrorAnswer {
  const text = form === "text"
    ? `${code} ${message}\n`
    : `${JSON.stringify({ error: { status: code, message } })}\n`;
  const body = new TextEncoder().encode(text);
  const type = form === "json" ? "application/json" : "text/plain";
  const fields = new HeaderBlock([
    ["Content-Type", `${type}; charset=utf-8`],
    ["Content-Length", `${body.length}`],
  ]);
  return { fields, body };
}
