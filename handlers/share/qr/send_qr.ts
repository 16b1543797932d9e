// Copyright 2026 the pystd authors. MIT license.

/**
 * The QR code of a page's address: `FILE?qr` and `FOLDER/?qr`, as SVG.
 *
 * Only the browser knows under which scheme, name and prefix it reached the
 * server, and says so in the `Referer` of the picture. An address that another
 * page gives is refused, so that nobody gets a code of theirs from this server.
 *
 * Loaded with the first request for a code.
 *
 * @module
 */

import { renderSVG } from "uqr";
import { unquotePath } from "../../../protocol/percent_encoding.ts";
import { splitTarget } from "../../../protocol/request_target.ts";
import type { ShareRequest } from "../request.ts";

/** The code is dark on white, which readers expect, with a white border. */
const OPTIONS = { border: 3, whiteColor: "#fff", blackColor: "#000" };

/**
 * Sends a QR code.
 *
 * @param request The request.
 * @returns The body to send; `null` if an error was sent.
 */
export function sendQr(request: ShareRequest): Uint8Array | null {
  const address = addressOf(request);
  if (address === undefined) {
    request.sendError(400, "Not requested by the page of this address");
    return null;
  }
  let svg: string;
  try {
    svg = renderSVG(address, OPTIONS);
  } catch {
    request.sendError(400, "The address is too long for a QR code");
    return null;
  }
  const body = new TextEncoder().encode(svg);
  request.sendResponse(200);
  request.sendHeader("Content-Type", "image/svg+xml");
  request.sendHeader("Cache-Control", "no-store");
  request.sendHeader("Content-Security-Policy", "default-src 'none'");
  request.sendHeader("Content-Length", body.length);
  request.endHeaders();
  return body;
}

/** Returns the address of the page that shows the code, without its query. */
function addressOf(request: ShareRequest): string | undefined {
  const referer = request.field("referer");
  const parts = referer === undefined
    ? null
    : /^https?:\/\/([^/?#]+)(\/[^?#]*)/i.exec(referer);
  if (parts === null) return undefined;
  const [address, host, path] = parts;
  const isOwn = request.field("sec-fetch-site") === "same-origin" ||
    host === request.field("host");
  // A proxy may add a prefix to the path; browsers escape less than links do.
  const isItem = unquotePath(path)
    .endsWith(unquotePath(splitTarget(request.path).path));
  if (!isOwn || !isItem) return undefined;
  const token = /(?:^|&)(link=[^&]*)/.exec(splitTarget(request.path).query);
  return token === null ? address : `${address}?${token[1]}`;
}
