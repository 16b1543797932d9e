// Copyright 2026 the pystd authors. MIT license.

/**
 * The `Content-Security-Policy` of pages: allows the script and the style of
 * the page, by their hashes, and pictures of and requests to this server. A
 * file name that got into the page as markup could not run anything, nor load
 * anything from elsewhere.
 *
 * @module
 */

import { encodeBase64 } from "@std/encoding/base64";
import type { Policies } from "./layout.ts";
import {
  LISTING_SCRIPT,
  MANAGING_SCRIPT,
  UPLOADING_SCRIPT,
} from "./page_script.ts";
import { MARKDOWN_STYLE, UPLOAD_STYLE } from "./page_style.ts";

/**
 * Returns the policies of a listing.
 *
 * @param style The page's style.
 * @returns The values of the field.
 */
export async function listingPolicies(style: string): Promise<Policies> {
  return {
    reading: await listingPolicy(style, LISTING_SCRIPT),
    uploading: await listingPolicy(style, UPLOADING_SCRIPT),
    managing: await listingPolicy(style, MANAGING_SCRIPT),
  };
}

/**
 * Returns the policy of a page.
 *
 * @param style The page's style. Those of Markdown and of uploads are always
 * allowed.
 * @param script The page's script.
 * @param more Further directives.
 * @returns The value of the field.
 */
export async function listingPolicy(
  style: string,
  script: string,
  more: readonly string[] = [],
): Promise<string> {
  return [
    "default-src 'none'",
    `script-src ${await source(script)}`,
    `style-src ${await source(style)} ${await source(
      MARKDOWN_STYLE,
    )} ${await source(
      UPLOAD_STYLE,
    )}`,
    "img-src 'self' data:",
    "connect-src 'self'",
    ...more,
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
