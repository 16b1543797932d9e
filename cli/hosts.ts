// Copyright 2026 the pystd authors. MIT license.

/**
 * Which hosts the command answers to: those that lead to where it listens.
 *
 * @module
 */

import { certifiedNames } from "../io/tls_identity.ts";
import { HostList } from "../protocol/host.ts";
import { isIPAddress } from "../protocol/ip_address.ts";
import { isLoopback, LOOPBACK_NETWORKS } from "./addresses.ts";
import type { Settings } from "./settings/settings.ts";

/** Addresses cannot be re-pointed. */
const ALL_ADDRESSES = ["0.0.0.0/0", "::/0"];

/**
 * The hosts that the command answers to.
 *
 * - On loopback: `localhost`, the names below it, and loopback addresses.
 * - On other addresses: any address, `localhost`, the names of multicast DNS
 *   (`.local`), the machine's own name, where `--allow-sys=hostname` lets it be
 *   known, and the name to listen on.
 * - Those that a certificate of `--tls-cert` is for.
 * - On a Unix domain socket: any, for no browser connects to it.
 *
 * `--allow-host` adds to these; for a socket it names all.
 *
 * @param settings What the command was told.
 * @returns The hosts, as patterns of a `HostList`; `null` for any.
 */
export function hostsToAllow(settings: Settings): readonly string[] | null {
  const { allowHosts, hostname, unixPath } = settings;
  if (allowHosts.includes("*")) return null;
  if (unixPath !== undefined) return allowHosts.length > 0 ? allowHosts : null;
  const own = isLoopback(hostname)
    ? LOOPBACK_NETWORKS
    : [...ALL_ADDRESSES, ".local", ...machineNames()];
  const bound = hostname === "" || isIPAddress(hostname) ? [] : [hostname];
  const names = [...own, ...bound, ...certified(settings)];
  return [".localhost", ...names, ...allowHosts];
}

function certified({ tls }: Settings): string[] {
  if (tls === undefined) return [];
  let cert = "";
  try {
    cert = Deno.readTextFileSync(tls.certfile);
  } catch {
    // The server says so when it reads the file.
  }
  return certifiedNames(cert)
    .map((name) => name.replace(/^\*(?=\.)/, ""))
    .filter(isPattern);
}

function machineNames(): string[] {
  const permission = { name: "sys", kind: "hostname" } as const;
  if (Deno.permissions.querySync(permission).state !== "granted") return [];
  const name = Deno.hostname();
  return [name, name.split(".")[0]].filter(isPattern);
}

/** Neither a certificate nor the system is bound to give names of DNS. */
function isPattern(text: string): boolean {
  try {
    new HostList([text]);
    return text !== "*";
  } catch {
    return false;
  }
}
