// Copyright 2026 the pystd authors. MIT license.

/**
 * Requests that a page of another site makes a browser send. They reach
 * servers that only the reader's machine can reach, with what the reader may do.
 *
 * @module
 */

import type { ShareHTTPRequestHandler } from "../share.ts";

/**
 * Whether a page of another site sent a request: by `Sec-Fetch-Site` (Fetch
 * Metadata), else by `Origin`. Programs that are no browsers send neither.
 *
 * @param handler The request's handler.
 * @param origins The origins that count as this one, `"*"` for all.
 * @returns Whether one did.
 */
export function isCrossSite(
  handler: ShareHTTPRequestHandler,
  origins: readonly string[],
): boolean {
  const origin = handler.field("origin");
  if (origins.includes("*")) return false;
  if (origin !== undefined && origins.includes(origin)) return false;
  const site = handler.field("sec-fetch-site")?.toLowerCase();
  return site === undefined
    ? origin !== undefined && hostOf(origin) !== handler.field("host")
    : site !== "same-origin" && site !== "none";
}

/**
 * Whether a request opens a page or a download in a window, as a link does. A
 * page cannot send many of those unseen, as it can with pictures and frames.
 *
 * @param handler The request's handler.
 * @returns Whether it does.
 */
export function isNavigation(handler: ShareHTTPRequestHandler): boolean {
  return handler.field("sec-fetch-mode")?.toLowerCase() === "navigate" &&
    handler.field("sec-fetch-dest")?.toLowerCase() === "document";
}

function hostOf(origin: string): string | undefined {
  return /^https?:\/\/([^/]+)$/i.exec(origin)?.[1];
}
