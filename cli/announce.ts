// Copyright 2026 the pystd authors. MIT license.

import type { ServerAddress } from "../server/address.ts";
import { openBrowser } from "./browser.ts";
import { print } from "./output.ts";
import type { Settings } from "./settings/settings.ts";
import { browserUrls, summary } from "./summary.ts";

/**
 * Prints the start-up summary. With `--qr`, also prints a QR code; with `--open`,
 * opens the browser.
 *
 * @param address The address on which the server listens.
 * @param fingerprint The SHA-256 of a self-signed certificate.
 */
export async function announce(
  settings: Settings,
  address: ServerAddress,
  fingerprint?: string,
): Promise<void> {
  const urls = browserUrls(settings, address);
  const server = { address, urls, fingerprint };
  for (const line of summary(settings, server)) print(line);
  if (settings.link.length > 0) {
    const { linkLines } = await import("./links.ts");
    for (const line of await linkLines(settings, urls[0])) print(line);
  }
  if (settings.qr) {
    const { qrLines } = await import("./qr.ts");
    const coloured = Deno.stdout.isTerminal() && !Deno.noColor;
    for (const line of qrLines(urls[0], coloured)) print(line);
  }
  if (settings.open) {
    const problem = openBrowser(urls.at(-1)!);
    if (problem !== undefined) print(`Cannot open the browser: ${problem}`);
  }
}
