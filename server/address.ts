// Copyright 2026 the pystd authors. MIT license.

/** The address of a client: its host and port. */
export type ClientAddress = [host: string, port: number];

/**
 * Where a server listens: a host and port as in Python, where an empty host
 * means every interface, or the same by name, or a Unix domain socket.
 */
export type ServerAddress =
  | readonly [host: string, port: number]
  | { readonly hostname?: string; readonly port: number }
  | { readonly transport: "unix"; readonly path: string };
