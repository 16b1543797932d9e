// Copyright 2026 the pystd authors. MIT license.

/**
 * The settings of the network: address, TLS, proxies, connections.
 *
 * @module
 */

import { resolve } from "../../files/paths.ts";
import { HostList } from "../../protocol/host.ts";
import { Networks } from "../../protocol/ip_address.ts";
import { UsageError } from "../errors.ts";
import type { CommandLine } from "../flags.ts";

/** The files for HTTPS, as given. */
export interface TLSFiles {
  /** The certificate. */
  certfile: string;
  /** The private key, if it is not in `certfile`. */
  keyfile: string | undefined;
  /** The file with the key's password. */
  passwordFile: string | undefined;
}

/** The address to listen on, and related settings. */
export interface ListenSettings {
  /** The address to listen on; empty for all addresses. */
  hostname: string;
  /** The port to listen on; 0 for a free one. */
  port: number;
  /** The path of the Unix domain socket to listen on instead. */
  unixPath: string | undefined;
  /** More hosts to answer to, from `--allow-host`. */
  allowHosts: readonly string[];
  /** All hosts to answer to, set at the start; `null` for any. */
  allowedHosts?: readonly string[] | null;
  /** The trusted proxies; `null` for none. */
  trustedProxies: readonly string[] | null;
  /** The files for HTTPS. */
  tls: TLSFiles | undefined;
  /** Whether to serve HTTPS with a self-signed certificate. */
  selfSigned: boolean;
  /** Whether to show the address as a QR code. */
  qr: boolean;
  /** Whether to open the address in the browser. */
  open: boolean;
  /** Most connections at once. */
  maxConnections: number | undefined;
  /** Number of threads. */
  workers: number;
}

const DEFAULT_PORT = 8000;
const LOOPBACK = "127.0.0.1";
const EVERYWHERE = "";

/** Flags that cannot be combined. */
const EXCLUDED: readonly (readonly string[])[] = [
  ["lan", "bind"],
  ["unix", "bind"],
  ["unix", "lan"],
  ["unix", "port"],
  ["unix", "tls-cert"],
  ["unix", "tls-self-signed"],
  ["unix", "qr"],
  ["unix", "open"],
  ["unix", "workers"],
  ["tls-cert", "tls-self-signed"],
];

/** Flags that require another flag. */
const REQUIRED: readonly (readonly [flag: string, needed: string])[] = [
  ["tls-key", "tls-cert"],
  ["tls-password-file", "tls-cert"],
];

/**
 * Reads the network settings.
 *
 * @param port The port, from a flag or an argument.
 * @throws {UsageError} If a value is invalid, or flags contradict each other.
 */
export function readListenSettings(
  line: CommandLine,
  port: string | undefined,
): ListenSettings {
  const { values, lists, switches } = line;
  const isGiven = (flag: string): boolean =>
    switches.has(flag) || values[flag] !== undefined ||
    (flag === "port" && port !== undefined);
  for (const pair of EXCLUDED) {
    if (!pair.every(isGiven)) continue;
    const [one, other] = pair;
    throw new UsageError(
      `Options "--${one}" and "--${other}" cannot be combined`,
    );
  }
  for (const [flag, needed] of REQUIRED) {
    if (!isGiven(flag) || isGiven(needed)) continue;
    throw new UsageError(`Option "--${flag}" requires "--${needed}"`);
  }
  const { unix } = values;
  return {
    hostname: switches.has("lan") ? EVERYWHERE : readAddress(values.bind),
    port: readPort(port),
    unixPath: unix === undefined ? undefined : resolve(unix),
    allowHosts: readHosts(lists["allow-host"] ?? []),
    trustedProxies: readProxies(lists["trusted-proxy"]),
    tls: readTLSFiles(values),
    selfSigned: switches.has("tls-self-signed"),
    qr: switches.has("qr"),
    open: switches.has("open"),
    ...readNumbers(values),
  };
}

function readHosts(hosts: readonly string[]): readonly string[] {
  for (const host of hosts) {
    try {
      new HostList([host]);
    } catch {
      throw new UsageError(
        `Invalid host "${host}": expected NAME, .NAME or *, without a port`,
      );
    }
  }
  return hosts;
}

function readProxies(
  proxies: readonly string[] | undefined,
): readonly string[] | null {
  if (proxies === undefined) return null;
  for (const proxy of proxies) {
    try {
      if (proxy !== "unix") new Networks([proxy]);
    } catch {
      throw new UsageError(
        `Invalid proxy "${proxy}": expected ADDRESS, ADDRESS/BITS or unix`,
      );
    }
  }
  return proxies;
}

/** A name, an IPv4 address, or an IPv6 address with an optional zone. */
const ADDRESS =
  /^(?:[\p{L}\p{N}._-]+|[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*(?:%[\w.-]+)?)$/iu;

function readAddress(text = LOOPBACK): string {
  const address = text.replace(/^\[(.*)\]$/, "$1");
  if (ADDRESS.test(address)) return address;
  const [, before, port] = /^([^:]*|\[.*\]):([0-9]+)$/.exec(text) ?? [];
  const more = port === undefined
    ? "expected a name, or an address such as 127.0.0.1 or ::1"
    : `the port is a separate option; use --bind ${
      before || "0.0.0.0"
    } --port ${port}`;
  throw new UsageError(`Invalid address "${text}": ${more}`);
}

function readTLSFiles(values: CommandLine["values"]): TLSFiles | undefined {
  const certfile = values["tls-cert"];
  if (certfile === undefined) return undefined;
  const keyfile = values["tls-key"];
  const passwordFile = values["tls-password-file"];
  return { certfile, keyfile, passwordFile };
}

function readNumbers(
  values: CommandLine["values"],
): Pick<ListenSettings, "maxConnections" | "workers"> {
  const maxConnections = readCount("max-connections", values);
  const workers = readCount("workers", values) ?? 1;
  if (maxConnections !== undefined && maxConnections < workers) {
    throw new UsageError(
      'Option "--max-connections" must be at least the number of "--workers"',
    );
  }
  return { maxConnections, workers };
}

function readCount(
  flag: string,
  values: CommandLine["values"],
): number | undefined {
  const text = values[flag];
  if (text === undefined || /^[1-9][0-9]{0,8}$/.test(text)) {
    return text === undefined ? undefined : Number(text);
  }
  throw new UsageError(
    `Invalid value for "--${flag}": expected a number above 0`,
  );
}

function readPort(text: string | undefined): number {
  if (text === undefined) return DEFAULT_PORT;
  const port = Number(text);
  if (/^[0-9]+$/.test(text) && port <= 65535) return port;
  throw new UsageError(
    `Invalid port "${text}": expected a number from 0 to 65535`,
  );
}
