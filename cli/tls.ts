// Copyright 2026 the pystd authors. MIT license.

/**
 * What the command serves HTTPS with: files, or a certificate made for the
 * occasion.
 *
 * @module
 */

import type { HTTPSServerOptions } from "../server/tls_transport.ts";
import { isWildcard, networkAddresses } from "./addresses.ts";
import { StartError } from "./errors.ts";
import type { TLSFiles } from "./settings/listen.ts";
import type { Settings } from "./settings/settings.ts";

/** What to serve HTTPS with. */
export interface TLSSetup {
  /** What the server's constructor takes. */
  options: HTTPSServerOptions;
  /** The SHA-256 of a certificate that nobody vouches for. */
  fingerprint?: string;
}

/**
 * Gets the certificate ready that the settings ask for.
 *
 * @param settings The settings.
 * @returns It, or `undefined` if they ask for none.
 * @throws {StartError} If the file of the password cannot be read.
 */
export async function prepareTLS(
  settings: Settings,
): Promise<TLSSetup | undefined> {
  const { tls, selfSigned, hostname } = settings;
  if (tls !== undefined) return { options: optionsOf(tls) };
  if (!selfSigned) return undefined;
  const { makeSelfSignedCertificate } = await import("./self_signed.ts");
  const { fingerprint, ...options } = await makeSelfSignedCertificate(
    namesOf(hostname),
  );
  return { options, fingerprint };
}

/** What clients may type to get here. */
function namesOf(hostname: string): string[] {
  const others = isWildcard(hostname)
    ? networkAddresses(hostname) ?? []
    : [hostname];
  return [...new Set(["localhost", "127.0.0.1", "::1", ...others])];
}

function optionsOf(files: TLSFiles): HTTPSServerOptions {
  const { certfile, keyfile, passwordFile } = files;
  return { certfile, keyfile, password: readPassword(passwordFile) };
}

/** The password is what stands in the file, as in CPython without its ends. */
function readPassword(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return Deno.readTextFileSync(path).trim();
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound
      ? "there is no such file"
      : "it cannot be read";
    throw new StartError(`Cannot read the password file "${path}": ${reason}`);
  }
}
