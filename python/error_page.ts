// Copyright 2026 the pystd authors. MIT license.

import { escapeHtml } from "./html_escape.ts";
import { formatNamed } from "./percent_format.ts";

/** CPython's error page. */
export const DEFAULT_ERROR_MESSAGE: string = `<!DOCTYPE HTML>
<html lang="en">
    <head>
        <meta charset="utf-8">
        <style type="text/css">
            :root {
                color-scheme: light dark;
            }
        </style>
        <title>Error response</title>
    </head>
    <body>
        <h1>Error response</h1>
        <p>Error code: %(code)d</p>
        <p>Message: %(message)s.</p>
        <p>Error code explanation: %(code)s - %(explain)s.</p>
    </body>
</html>
`;

/**
 * Formats an error page.
 *
 * @param format The template, with `%(code)d`, `%(message)s` and `%(explain)s`
 * as in CPython, and `%(home)s`.
 * @param code The status code.
 * @param message The reason.
 * @param explain The explanation.
 * @param home The URL of the server's root.
 * @returns The page, with its values escaped for HTML.
 */
export function errorPage(
  format: string,
  code: number,
  message: string,
  explain: string,
  home = "/",
): string {
  return formatNamed(format, {
    code,
    message: escapeHtml(message),
    explain: escapeHtml(explain),
    home: escapeHtml(home),
  });
}
