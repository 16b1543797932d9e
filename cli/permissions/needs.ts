// Copyright 2026 the pystd authors. MIT license.

/**
 * The permissions that the settings need. To add a flag that needs one, add a
 * row to {@linkcode permissionNeeds}.
 *
 * @module
 */

import { fromFileUrl, join } from "../../files/paths.ts";
import { wildcardHosts } from "../../io/wildcard.ts";
import { bracketIPv6, isWildcard } from "../addresses.ts";
import { browserOpener } from "../browser.ts";
import type { Settings } from "../settings/settings.ts";
import { isStorage } from "../served.ts";
import type { PermissionNeed } from "./permissions.ts";

/**
 * Returns the permissions that the settings need.
 *
 * @returns The permissions, in the order of the `deno run` line.
 */
export function permissionNeeds(settings: Settings): PermissionNeed[] {
  return [
    ...networkNeeds(settings),
    ...fileNeeds(settings),
    ...configNeeds(settings),
    ...tlsNeeds(settings),
    ...browserNeeds(settings),
    ...qrCodeNeeds(settings),
    ...sharingNeeds(settings),
    ...logNeeds(settings),
    ...workerNeeds(settings),
  ];
}

function fileNeeds({ directory }: Settings): PermissionNeed[] {
  if (isStorage(directory)) return [];
  const descriptor = { name: "read", path: directory } as const;
  return [{ descriptor, action: `serve "${directory}"`, lasts: true }];
}

/** Returns the unstable flags of Deno that the settings need. */
export function unstableFlags({ workers }: Settings): readonly string[] {
  // Deno shares ports only with this flag.
  return workers > 1 ? ["--unstable-net"] : [];
}

function networkNeeds(
  { hostname, port, unixPath, workers }: Settings,
): PermissionNeed[] {
  if (unixPath === undefined) {
    // The empty name means all addresses.
    const [everywhere] = wildcardHosts(Deno.build.os);
    const name = bracketIPv6(hostname || everywhere);
    // With port 0, the port that the workers share is not known yet.
    const host = workers > 1 && port === 0 ? name : `${name}:${port}`;
    const where = hostname === "" ? "every address" : hostname;
    const action = `listen on ${where} port ${port}`;
    return [{ descriptor: { name: "net", host }, action, lasts: workers > 1 }];
  }
  const action = `listen on "${unixPath}"`;
  return [
    { descriptor: { name: "net", host: `unix:${unixPath}` }, action },
    // The socket file is checked and removed at the end.
    { descriptor: { name: "read", path: unixPath }, action, lasts: true },
    { descriptor: { name: "write", path: unixPath }, action, lasts: true },
  ];
}

function configNeeds({ config }: Settings): PermissionNeed[] {
  if (config === undefined) return [];
  const descriptor = { name: "read", path: config } as const;
  return [{ descriptor, action: `read "${config}"` }];
}

function tlsNeeds({ tls, workers }: Settings): PermissionNeed[] {
  if (tls === undefined) return [];
  // A worker that replaces a dead one reads the certificate and key again.
  const files: [path: string | undefined, lasts: boolean][] = [
    [tls.certfile, workers > 1],
    [tls.keyfile, workers > 1],
    [tls.passwordFile, false],
  ];
  return files.flatMap(([path, lasts]): PermissionNeed[] =>
    path === undefined ? [] : [{
      descriptor: { name: "read", path },
      action: `read "${path}"`,
      lasts,
    }]
  );
}

function browserNeeds({ open }: Settings): PermissionNeed[] {
  if (!open) return [];
  const command = browserOpener();
  return [{ descriptor: { name: "run", command }, action: "open the browser" }];
}

/** Another machine's `localhost` is itself: the code must hold an address. */
function qrCodeNeeds({ qr, hostname }: Settings): PermissionNeed[] {
  if (!qr || !isWildcard(hostname)) return [];
  const descriptor = { name: "sys", kind: "networkInterfaces" } as const;
  return [{ descriptor, action: "show the address as a QR code" }];
}

function sharingNeeds(settings: Settings): PermissionNeed[] {
  const { directory, upload, authFile, allowFile, linkKey } = settings;
  const needs: PermissionNeed[] = [];
  if (upload !== undefined && !isStorage(directory)) {
    const path = join(directory, upload);
    needs.push({
      descriptor: { name: "write", path },
      action: `accept uploads in "${path}"`,
      lasts: true,
    });
    needs.push(...freeSpaceNeeds());
  }
  for (const path of [authFile, allowFile, linkKey]) {
    if (path === undefined) continue;
    needs.push({
      descriptor: { name: "read", path },
      action: `read "${path}"`,
    });
  }
  return needs;
}

/** The permission to check free disk space is optional: kept if granted. */
function freeSpaceNeeds(): PermissionNeed[] {
  const descriptor = { name: "sys", kind: "statfs" } as const;
  const { state } = Deno.permissions.querySync(descriptor);
  return state === "granted"
    ? [{ descriptor, action: "check the free disk space", lasts: true }]
    : [];
}

function logNeeds({ logFile }: Settings): PermissionNeed[] {
  if (logFile === undefined) return [];
  const descriptor = { name: "write", path: logFile } as const;
  // SIGHUP reopens the file.
  return [{ descriptor, action: `write the log "${logFile}"`, lasts: true }];
}

/** Workers load the package's modules again, from files or over the network. */
function workerNeeds({ workers }: Settings): PermissionNeed[] {
  if (workers === 1) return [];
  const action = "load the workers' code";
  const { protocol, hostname, port } = new URL(import.meta.url);
  if (protocol === "file:") {
    const path = fromFileUrl(new URL("../../", import.meta.url));
    return [{ descriptor: { name: "read", path }, action, lasts: true }];
  }
  const host = `${hostname}:${port || (protocol === "http:" ? 80 : 443)}`;
  const descriptor = { name: "import", host } as Deno.PermissionDescriptor;
  return [{ descriptor, action, lasts: true }];
}
