// Copyright 2026 the pystd authors. MIT license.

/**
 * The `Content-Security-Policy` of listings: allows the script and the style of
 * the page, by their hashes, and requests to this server. A file name that got
 * into the page as markup could not run or load anything.
 *
 * @module
 */

import { encodeBase64 } from "@std/encoding/base64";
import { LISTING_SCRIPT, UPLOADING_SCRIPT } from "./page_script.ts";
import { LISTING_STYLE } from "./page_style.ts";

/** The `Content-Security-Policy` of a listing. */
export const LISTING_POLICY: string = await listingPolicy(LISTING_SCRIPT);

/** The `Content-Security-Policy` of a listing with a form for uploads. */
export const UPLOADING_POLICY: string = await listingPolicy(UPLOADING_SCRIPT);

async function listingPolicy(script: string): Promise<string> {
  return [
    "default-src 'none'",
    `script-src ${await source(script)}`,
    `style-src ${await source(LISTING_STYLE)}`,
    "img-src data:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'self'",
  ].join("; ");
}

async function source(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  const hash = await crypto.subtle.digest("SHA-256", bytes);
  return `'sha256-${encodeBase64(hash)}'`;
}
