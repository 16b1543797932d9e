// Copyright 2026 the pystd authors. MIT license.

/**
 * Errors, in the form that the client reads: a page for who asks for HTML, an
 * object for who would rather have JSON, else a line of text.
 *
 * @module
 */

import { HeaderBlock } from "../../protocol/header_block.ts";
import { preferredType } from "../../protocol/negotiation.ts";
import { ERROR_STYLE } from "./listing/page_style.ts";

/** The page of an error, in the form of `errorMessageFormat`. */
export const ERROR_PAGE: string = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%(code)d %(message)s</title>
<style>${ERROR_STYLE.replaceAll("%", "%%")}</style>
</head>
<body>
<h1>%(code)d: %(message)s</h1>
<p>%(explain)s.</p>
<p><a href="%(home)s">To the start</a></p>
</body>
</html>
`;

/**
 * The `Content-Security-Policy` of that page: its one style is known by its
 * hash. It is not computed, which takes a start 1.5 ms; a test compares it.
 */
export const ERROR_POLICY: string = [
  "default-src 'none'",
  "style-src 'sha256-bHY5P8TRurUgvS/Eb94bc18IpCoT/XrY+rQayAwfF2I='",
  "base-uri 'none'",
  "frame-ancestors 'self'",
].join("; ");

/** The form of an error. */
export type ErrorForm = "html" | "json" | "text";

/**
 * Chooses the form of an error.
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
  // `text/*` and `*/*` are what commands and scripts send.
  return type === "text/html" || accept.includes("text/html") ? "html" : "text";
}

/** What is sent to who wants no page. */
export interface ErrorAnswer {
  /** The fields that are about the body. */
  readonly fields: HeaderBlock;
  /** The body. */
  readonly body: Uint8Array;
}

/** The answer that was made last: most errors are the same one again. */
let last:
  | ErrorAnswer & { form: ErrorForm; code: number; message: string }
  | undefined;

/**
 * An error for who wants no page.
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
