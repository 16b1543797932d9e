// Copyright 2026 the pystd authors. MIT license.

/**
 * The host names that the command answers to (against DNS rebinding).
 *
 * @module
 */

import { HostList } from "../protocol/host.ts";
import { isIPAddress } from "../protocol/ip_address.ts";
import { isLoopback, LOOPBACK_NETWORKS } from "./addresses.ts";
import type { Settings } from "./settings/settings.ts";

/** An address in `Host` is safe: DNS rebinding needs a name. */
const ALL_ADDRESSES = ["0.0.0.0/0", "::/0"];

/**
 * Returns the hosts that the command answers to.
 *
 * - On loopback: `localhost`, its subdomains, and loopback addresses.
 * - On other addresses: any address, `localhost`, multicast DNS names
 *   (`.local`), the machine's own name (with `--allow-sys=hostname`), and the
 *   name in `--bind`.
 * - The names in the certificate of `--tls-cert`.
 * - On a Unix domain socket: any name, since browsers cannot connect to it.
 *
 * `--allow-host` adds names; for a Unix socket it replaces "any".
 *
 * @returns Patterns for a `HostList`; `null` for any host.
 */
export async function hostsToAllow(
  settings: Settings,
): Promise<readonly string[] | null> {
  const { allowHosts, hostname, unixPath } = settings;
  if (allowHosts.includes("*")) return null;
  if (unixPath !== undefined) return allowHosts.length > 0 ? allowHosts : null;
  const own = isLoopback(hostname)
    ? LOOPBACK_NETWORKS
    : [...ALL_ADDRESSES, ".local", ...machineNames()];
  const bound = hostname === "" || isIPAddress(hostname) ? [] : [hostname];
  const names = [...own, ...bound, ...await certified(settings)];
  return [".localhost", ...names, ...allowHosts];
}

async function certified({ tls }: Settings): Promise<string[]> {
  if (tls === undefined) return [];
  const { certifiedNames } = await import("../io/tls_identity.ts");
  let cert = "";
  try {
    cert = Deno.readTextFileSync(tls.certfile);
  } catch {
    // The server reports this when it reads the file.
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

/** Certificates and systems can contain names that are not valid in DNS. */
function isPattern(text: string): boolean {
  try {
    new HostList([text]);
    return text !== "*";
  } catch {
    return false;
  }
}
