// Copyright 2026 the pystd authors. MIT license.

/**
 * What the command says when it starts: CPython's line, then what is served,
 * what may be written, and who can connect.
 *
 * @module
 */

import { bracketed, isLoopback } from "./addresses.ts";
import type { Settings } from "./settings.ts";

/**
 * The lines that tell what is served and to whom.
 *
 * @param settings What the command was told.
 * @param port The port that it listens on.
 * @returns The lines.
 */
export function summary(settings: Settings, port: number): string[] {
  const { hostname } = settings;
  const url = `http://${bracketed(hostname)}:${port}/`;
  return [
    `Serving HTTP on ${hostname} port ${port} (${url}) ...`,
    `${whatIsServed(settings)} ${whatMayBeWritten(settings)}`,
    isLoopback(hostname)
      ? "Only this machine can connect; --lan lets others on the network in."
      : "Everybody who can reach this machine can connect.",
  ];
}

function whatIsServed(
  { directory, dotfiles, followSymlinks }: Settings,
): string {
  const hidden = dotfiles ? "with its hidden files" : "without hidden files";
  const links = followSymlinks ? ", and where its links lead to" : "";
  return `Files are read from "${directory}", ${hidden}${links}.`;
}

function whatMayBeWritten(_settings: Settings): string {
  return "Nothing can be written.";
}
