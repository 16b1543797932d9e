// Copyright 2026 the pystd authors. MIT license.

/** The address of a client: its host and port. */
export type ClientAddress = [host: string, port: number];

/**
 * Where a server listens: a host and port as in Python, where an empty host
 * means every interface, or the same by name, or a Unix domain socket.
 */
export type ServerAddress =
  | readonly [host: string, port: number]
  | { readonly hostname: string; readonly port: number }
  | { readonly transport: "unix"; readonly path: string };

/** What an address looks like, for a person who has given something else. */
const FORMS = `an address is ["127.0.0.1", 8000], ` +
  `{ hostname: "127.0.0.1", port: 8000 } or { transport: "unix", path: "x.sock" }`;

/**
 * The host and port of an address.
 *
 * @param address The address.
 * @returns Them; of a Unix domain socket its path, and 0.
 * @throws {TypeError} If it is no address, or has a property that is not known.
 * What is missing is never taken for every interface.
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
 * An address in words.
 *
 * @param address The address.
 * @returns It, as `127.0.0.1 port 8000`.
 */
export function formatAddress(address: ServerAddress): string {
  const [host, port] = hostAndPort(address);
  if ("transport" in address) return host;
  return `${host === "" ? "every address" : host} port ${port}`;
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
  if (unknown !== undefined) return `the property "${unknown}" is not known`;
  if (!isUnix) return hostProblem(hostname) ?? portProblem(port);
  const isPath = typeof path === "string" && path !== "";
  return isPath ? undefined : "its path is not a text";
}

function hostProblem(host: unknown): string | undefined {
  return typeof host === "string"
    ? undefined
    : `its host is not a text ("" is every interface)`;
}

function portProblem(port: unknown): string | undefined {
  const isPort = Number.isInteger(port) && Number(port) >= 0 &&
    Number(port) <= 65535;
  return isPort ? undefined : "its port is not an integer from 0 to 65535";
}
