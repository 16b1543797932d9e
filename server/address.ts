// Copyright 2026 the pystd authors. MIT license.

/** The address of a client: its host and port. */
export type ClientAddress = [host: string, port: number];

/**
 * Where a server listens: a host and port as in Python, the same as an object, or
 * a Unix domain socket. An empty host means all interfaces.
 */
export type ServerAddress =
  | readonly [host: string, port: number]
  | { readonly hostname: string; readonly port: number }
  | { readonly transport: "unix"; readonly path: string };

/** The valid forms, for error messages. */
const FORMS = `an address is ["127.0.0.1", 8000], ` +
  `{ hostname: "127.0.0.1", port: 8000 } or { transport: "unix", path: "x.sock" }`;

/**
 * Returns the host and port of an address.
 *
 * @param address The address.
 * @returns The host and port; the path and 0 for a Unix domain socket.
 * @throws {TypeError} If it is no valid address, or has an unknown property. A
 * missing host never means all interfaces.
 */
export function hostAndPort(
  address: ServerAddress,
): readonly [host: string, port: number] {
  const problem = problemOf(address);
  if (problem !== undefined) {
    const given = JSON.stringify(address) ?? String(address);
    throw new TypeError(`Cannot listen on ${given}: ${problem}; ${FORMS}`);
  }
  if ("transport" in address) return [address.path, 0];
  return "port" in address ? [address.hostname, address.port] : address;
}

/**
 * Formats an address for a message.
 *
 * @param address The address.
 * @returns A text like `127.0.0.1 port 8000`.
 */
export function formatAddress(address: ServerAddress): string {
  const [host, port] = hostAndPort(address);
  if ("transport" in address) return host;
  return `${host === "" ? "all addresses" : host} port ${port}`;
}

function problemOf(address: unknown): string | undefined {
  if (typeof address !== "object" || address === null) {
    return "it is not an address";
  }
  if (Array.isArray(address)) {
    if (address.length !== 2) return "it is not a host and a port";
    return hostProblem(address[0]) ?? portProblem(address[1]);
  }
  const { transport, path, hostname, port } = address as Record<
    string,
    unknown
  >;
  const isUnix = "transport" in address;
  if (isUnix && transport !== "unix") return `its transport is not "unix"`;
  const known = isUnix ? ["transport", "path"] : ["hostname", "port"];
  const unknown = Object.keys(address).find((key) => !known.includes(key));
  if (unknown !== undefined) return `the property "${unknown}" is unknown`;
  if (!isUnix) return hostProblem(hostname) ?? portProblem(port);
  const isPath = typeof path === "string" && path !== "";
  return isPath ? undefined : "its path is not a string, or empty";
}

function hostProblem(host: unknown): string | undefined {
  return typeof host === "string"
    ? undefined
    : `its host is not a string ("" means all interfaces)`;
}

function portProblem(port: unknown): string | undefined {
  const isPort = Number.isInteger(port) && Number(port) >= 0 &&
    Number(port) <= 65535;
  return isPort ? undefined : "its port is not an integer from 0 to 65535";
}
