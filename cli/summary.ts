// Copyright 2026 the pystd authors. MIT license.

/**
 * What the command says when it starts: CPython's line, then what is served,
 * what may be written, and who can connect.
 *
 * @module
 */

import { join, resolve } from "../files/paths.ts";
import { ServedDirectory } from "../files/served_directory.ts";
import type { ServerAddress } from "../server/address.ts";
import {
  bracketIPv6,
  hostAndPort,
  isLoopback,
  isWildcard,
  networkAddresses,
} from "./addresses.ts";
import type { Settings } from "./settings/settings.ts";
import { asksForPasswords } from "./settings/sharing.ts";

/** What the command has set up, as far as it is to be told. */
export interface Setup {
  /** Where the server listens. */
  address: ServerAddress;
  /** The URLs to type, the one for others first; none for a Unix socket. */
  urls: readonly string[];
  /** The SHA-256 of a certificate that nobody vouches for. */
  fingerprint?: string;
}

/**
 * The URLs that a person can type.
 *
 * @param settings What the command was told.
 * @param address Where the server listens.
 * @returns The URLs.
 */
export function urlsToType(
  settings: Settings,
  address: ServerAddress,
): string[] {
  if ("transport" in address) return [];
  const [hostname, port] = hostAndPort(address);
  const hosts = isWildcard(hostname)
    ? [...networkAddresses(hostname) ?? [], "localhost"]
    : [hostname];
  return hosts.map((host) => urlOf(settings, host, port));
}

/**
 * The lines that tell what is served and to whom.
 *
 * @param settings What the command was told.
 * @param setup What has become of it.
 * @returns The lines.
 */
export function summary(settings: Settings, setup: Setup): string[] {
  const { fingerprint } = setup;
  return [
    `Serving ${protocolOf(settings)} on ${where(settings, setup.address)} ...`,
    `${whatIsServed(settings)} ${whatMayBeWritten(settings)}`,
    ...whatIsRun(settings),
    ...whoMayRead(settings),
    ...whatSitesSee(settings),
    ...whoCanConnect(setup),
    ...whichNames(settings, setup.address),
    ...whoIsBelieved(settings),
    ...whatCanBeOverheard(settings, setup.address),
    ...(fingerprint === undefined ? [] : [
      "Browsers will warn about the self-signed certificate. Its SHA-256 is",
      `  ${fingerprint}`,
    ]),
  ];
}

function protocolOf({ tls, selfSigned }: Settings): string {
  return tls !== undefined || selfSigned ? "HTTPS" : "HTTP";
}

function urlOf(settings: Settings, hostname: string, port: number): string {
  const scheme = protocolOf(settings).toLowerCase();
  return `${scheme}://${bracketIPv6(hostname)}:${port}${settings.prefix}/`;
}

function where(settings: Settings, address: ServerAddress): string {
  if ("transport" in address) return `${address.path} (unix:${address.path})`;
  const [hostname, port] = hostAndPort(address);
  return `${hostname} port ${port} (${urlOf(settings, hostname, port)})`;
}

function whoCanConnect({ address, urls }: Setup): string[] {
  if ("transport" in address) {
    return ["Programs with write access to the socket can connect."];
  }
  const [hostname] = hostAndPort(address);
  if (isLoopback(hostname)) {
    return [
      "Only this machine can connect; --lan opens it to the network.",
    ];
  }
  const everybody = "Everyone who can reach this machine can connect";
  if (!isWildcard(hostname)) return [`${everybody}.`];
  const others = urls.slice(0, -1);
  return others.length > 0
    ? [`${everybody}, at`, ...others.map((url) => `  ${url}`)]
    : [`${everybody}; --allow-sys=networkInterfaces shows the addresses.`];
}

function whoIsBelieved({ trustedProxies }: Settings): string[] {
  return trustedProxies === null
    ? []
    : [`Trusted proxies: ${trustedProxies.join(", ")}.`];
}

/** What to type where people come by a name that the command cannot know. */
function whichNames(
  { allowHosts, trustedProxies }: Settings,
  address: ServerAddress,
): string[] {
  const isTold = allowHosts.length > 0 || trustedProxies !== null;
  if (allowHosts.includes("*")) {
    return [
      "It answers to any host name, so web pages can read it by DNS rebinding.",
    ];
  }
  if ("transport" in address) {
    return allowHosts.length > 0
      ? [`It answers to ${allowHosts.join(", ")}.`]
      : [];
  }
  const [hostname] = hostAndPort(address);
  if (isLoopback(hostname) && !isTold) return [];
  const others = allowHosts.map((host) => `, ${host}`).join("");
  return [
    `It answers to its addresses${others}; --allow-host adds names.`,
  ];
}

/** RFC 7617 section 4: the password is sent as it is, each time. */
function whatCanBeOverheard(
  settings: Settings,
  address: ServerAddress,
): string[] {
  const isSafe = "transport" in address || protocolOf(settings) === "HTTPS";
  if (!asksForPasswords(settings) || isSafe) return [];
  if (isLoopback(hostAndPort(address)[0])) return [];
  return [
    "Warning: passwords are sent unencrypted; use --tls-cert or --tls-self-signed.",
  ];
}

function whatIsServed(
  { directory, dotfiles, followSymlinks }: Settings,
): string {
  const hidden = dotfiles ? "with hidden files" : "without hidden files";
  const links = followSymlinks ? ", following links out of it" : "";
  return `Files come from "${directory}", ${hidden}${links}.`;
}

function whatIsRun({ cgi }: Settings): string[] {
  return cgi
    ? ["Programs in cgi-bin and htbin run with all of your rights."]
    : [];
}

/**
 * The line that says what may be written, and by whom.
 *
 * @param settings What the command was told.
 * @returns The line.
 */
export function whatMayBeWritten(settings: Settings): string {
  const { directory, upload, overwrite, authUpload } = settings;
  if (upload === undefined) return "Uploads are off.";
  const where = `"${join(directory, upload)}"`;
  const password = authUpload.length > 0 ? " (password required)" : "";
  const existing = overwrite ? "can be replaced" : "are kept";
  return `Uploads go to ${where}${password}; existing files ${existing}.`;
}

/**
 * The line that says whether a password is asked for.
 *
 * @param settings What the command was told.
 * @returns The line, or none.
 */
export function whoMayRead({ auth, authFile }: Settings): string[] {
  const asks = auth.length > 0 || authFile !== undefined;
  return asks ? ["A password is required."] : [];
}

/**
 * The lines that say who may read what is served, and what is not there yet.
 *
 * @param settings What the command was told.
 * @returns The lines.
 */
export function whatSitesSee(settings: Settings): string[] {
  const { cors, spa } = settings;
  const lines: string[] = [];
  if (cors !== false) {
    const whose = cors === true ? "any site" : cors;
    lines.push(`Web pages of ${whose} may read what is served.`);
  }
  if (spa !== false) {
    const file = spa === true ? "index.html" : spa;
    const { followSymlinks, dotfiles } = settings;
    const directory = resolve(settings.directory);
    const servedDirectory = new ServedDirectory(directory, {
      followSymlinks,
      dotfiles,
    });
    if (servedDirectory.locate(join(directory, file)).kind !== "file") {
      lines.push(
        `Warning: there is no file "${file}" for --spa; missing pages get a 404.`,
      );
    } else if (isForStrangers(join(directory, file), directory, settings)) {
      lines.push(
        `Warning: --spa does not send "${file}" from a folder for uploads; ` +
          "use --upload=SUBDIR or --overwrite.",
      );
    }
  }
  return lines;
}

/** Whether a file lies where uploads go, which do not change other pages. */
function isForStrangers(
  file: string,
  directory: string,
  { upload, overwrite }: Settings,
): boolean {
  return upload !== undefined && !overwrite &&
    file.startsWith(join(directory, upload, "/"));
}
