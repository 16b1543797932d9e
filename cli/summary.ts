// Copyright 2026 the pystd authors. MIT license.

/**
 * What the command says when it starts: CPython's line, then what is served,
 * what may be written, and who can connect.
 *
 * @module
 */

import type { ServerAddress } from "../server.ts";
import { bracketed, hostAndPort, isLoopback } from "./addresses.ts";
import type { Settings } from "./settings.ts";

/**
 * The lines that tell what is served and to whom.
 *
 * @param settings What the command was told.
 * @param address The address that it listens on.
 * @returns The lines.
 */
export function summary(
  settings: Settings,
  address: ServerAddress,
): string[] {
  const protocol = settings.tls === undefined ? "HTTP" : "HTTPS";
  return [
    `Serving ${protocol} on ${whereAndUrl(protocol, address)} ...`,
    `${whatIsServed(settings)} ${whatMayBeWritten(settings)}`,
    ...whatIsRun(settings),
    whoCanConnect(address),
  ];
}

function whereAndUrl(protocol: string, address: ServerAddress): string {
  if ("transport" in address) return `${address.path} (unix:${address.path})`;
  const [hostname, port] = hostAndPort(address);
  const url = `${protocol.toLowerCase()}://${bracketed(hostname)}:${port}/`;
  return `${hostname} port ${port} (${url})`;
}

function whoCanConnect(address: ServerAddress): string {
  if ("transport" in address) {
    return "Programs that may write to the socket can connect.";
  }
  return isLoopback(hostAndPort(address)[0])
    ? "Only this machine can connect; --lan lets others on the network in."
    : "Everybody who can reach this machine can connect.";
}

function whatIsServed(
  { directory, dotfiles, followSymlinks }: Settings,
): string {
  const hidden = dotfiles ? "with its hidden files" : "without hidden files";
  const links = followSymlinks ? ", and where its links lead to" : "";
  return `Files are read from "${directory}", ${hidden}${links}.`;
}

function whatIsRun({ cgi }: Settings): string[] {
  return cgi
    ? ["Programs in cgi-bin and htbin are run, and may do all that you may."]
    : [];
}

function whatMayBeWritten(_settings: Settings): string {
  return "Nothing can be written.";
}
