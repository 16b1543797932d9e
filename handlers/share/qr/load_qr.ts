// Copyright 2026 the pystd authors. MIT license.

type SendQr = typeof import("./send_qr.ts");

let loading: Promise<SendQr> | undefined;

/**
 * Loads what makes QR codes, with the first request for one.
 *
 * @returns The module.
 */
export function loadQr(): Promise<SendQr> {
  return loading ??= import("./send_qr.ts");
}
