// Copyright 2026 the pystd authors. MIT license.

/**
 * The certificate and key for HTTPS: from files, or self-signed.
 *
 * @module
 */

import type { HTTPSServerOptions } from "../server/tls_transport.ts";
import { isWildcard, networkAddresses } from "./addresses.ts";
import { StartError } from "./errors.ts";
import type { TLSFiles } from "./settings/listen.ts";
import type { Settings } from "./settings/settings.ts";

/** The certificate and key for HTTPS. */
export interface TLSSetup {
  /** Options of the server's constructor. */
  options: HTTPSServerOptions;
  /** SHA-256 of a self-signed certificate. */
  fingerprint?: string;
}

/**
 * Prepares the certificate that the settings ask for.
 *
 * @returns The certificate; `undefined` for plain HTTP.
 * @throws {StartError} If the password file cannot be read.
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

/** Returns the host names and addresses that clients may use. */
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

/** Reads the password; like CPython, without white space at either end. */
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
