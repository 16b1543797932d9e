// Copyright 2026 the pystd authors. MIT license.

import type { ServerAddress } from "../server/address.ts";
import { openBrowser } from "./browser.ts";
import { print } from "./output.ts";
import type { Settings } from "./settings/settings.ts";
import { summary, urlsToType } from "./summary.ts";

/**
 * Tells what is served and where, in all the ways that were asked for.
 *
 * @param settings What the command was told.
 * @param address Where the server listens.
 * @param fingerprint The SHA-256 of a certificate that nobody vouches for.
 */
export async function announce(
  settings: Settings,
  address: ServerAddress,
  fingerprint?: string,
): Promise<void> {
  const urls = urlsToType(settings, address);
  const setup = { address, urls, fingerprint };
  for (const line of summary(settings, setup)) print(line);
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
