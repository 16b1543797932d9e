// Copyright 2026 the pystd authors. MIT license.

/**
 * What to listen on to be reached at every address of the machine, the first
 * one that can be had.
 *
 * The IPv6 wildcard takes IPv4 connections too, but on Windows, where such a
 * socket is for IPv6 alone unless it is told otherwise, which Deno 2.9 does
 * not do. There IPv4, by which everybody can be reached, comes first.
 *
 * @param os The operating system, as in `Deno.build.os`.
 * @returns The addresses.
 */
export function wildcardHosts(
  os: string,
): readonly [first: string, second: string] {
  return os === "windows" ? ["0.0.0.0", "::"] : ["::", "0.0.0.0"];
}
