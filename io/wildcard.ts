// Copyright 2026 the pystd authors. MIT license.

/**
 * Returns the wildcard addresses to try, to listen on all interfaces.
 *
 * The IPv6 wildcard accepts IPv4 connections as well, except on Windows: there
 * a socket needs an option for this, which Deno 2.9 does not set. So Windows
 * tries IPv4 first, which reaches every client.
 *
 * @param os The operating system, as in `Deno.build.os`.
 * @returns The addresses, in the order to try them.
 */
export function wildcardHosts(
  os: string,
): readonly [first: string, second: string] {
  return os === "windows" ? ["0.0.0.0", "::"] : ["::", "0.0.0.0"];
}
