// Copyright 2026 the pystd authors. MIT license.

/**
 * Requests that a page of another site makes a browser send. They reach
 * servers that only the reader's machine can reach, with what the reader may do.
 *
 * @module
 */

import type { ShareRequest } from "./request.ts";

/**
 * Whether a page of another site sent a request: by `Sec-Fetch-Site` (Fetch
 * Metadata), else by `Origin`. Programs that are no browsers send neither.
 *
 * @param request The request.
 * @param origins The origins that count as this one, `"*"` for all.
 * @returns Whether one did.
 */
export function isCrossSite(
  request: ShareRequest,
  origins: readonly string[],
): boolean {
  const origin = request.field("origin");
  if (origins.includes("*")) return false;
  if (origin !== undefined && origins.includes(origin)) return false;
  const site = request.field("sec-fetch-site")?.toLowerCase();
  return site === undefined
    ? origin !== undefined && hostOf(origin) !== request.field("host")
    : site !== "same-origin" && site !== "none";
}

/**
 * Whether a request opens a page or a download in a window, as a link does. A
 * page cannot send many of those unseen, as it can with pictures and frames.
 *
 * @param request The request.
 * @returns Whether it does.
 */
export function isNavigation(request: ShareRequest): boolean {
  return request.field("sec-fetch-mode")?.toLowerCase() === "navigate" &&
    request.field("sec-fetch-dest")?.toLowerCase() === "document";
}

function hostOf(origin: string): string | undefined {
  return /^https?:\/\/([^/]+)$/i.exec(origin)?.[1];
}
