// Copyright 2026 the pystd authors. MIT license.

/**
 * Requests that a page of another site makes a browser send. They reach
 * servers that only the reader's machine can reach, and have the reader's
 * credentials.
 *
 * @module
 */

import type { ShareRequest } from "./request.ts";

/**
 * Tells whether a page of another site sent a request, by `Sec-Fetch-Site`
 * (Fetch Metadata) or `Origin`. Only browsers send these fields.
 *
 * @param request The request.
 * @param origins Other origins that are allowed, `"*"` for all.
 * @returns Whether it was another site, and not an allowed one.
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
 * Tells whether a request navigates a window, as a link does. A page cannot
 * send many of these unnoticed, as it can with images and frames.
 *
 * @param request The request.
 * @returns Whether it is a navigation.
 */
export function isNavigation(request: ShareRequest): boolean {
  return request.field("sec-fetch-mode")?.toLowerCase() === "navigate" &&
    request.field("sec-fetch-dest")?.toLowerCase() === "document";
}

function hostOf(origin: string): string | undefined {
  return /^https?:\/\/([^/]+)$/i.exec(origin)?.[1];
}
