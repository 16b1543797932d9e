// Copyright 2026 the pystd authors. MIT license.

/**
 * The start-up summary: CPython's first line, then the files, the uploads, and
 * who can connect.
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
import { servesDirectory } from "./served.ts";
import type { Settings } from "./settings/settings.ts";
import { asksForPasswords } from "./settings/sharing.ts";

/** The running server, for the summary. */
export interface ServerInfo {
  /** The address on which the server listens. */
  address: ServerAddress;
  /** The URLs for a browser; the last one is for this machine. */
  urls: readonly string[];
  /** SHA-256 of a self-signed certificate. */
  fingerprint?: string;
}

/**
 * Returns the URLs to open in a browser.
 *
 * @param address The address on which the server listens.
 * @returns The URLs, the one for this machine last; none for a Unix socket.
 */
export function browserUrls(
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

/** Returns the lines of the start-up summary. */
export function summary(settings: Settings, server: ServerInfo): string[] {
  const { address, fingerprint } = server;
  return [
    `Serving ${protocolOf(settings)} on ${addressText(settings, address)} ...`,
    `${filesSentence(settings)} ${uploadsSentence(settings)}`,
    ...cgiLines(settings),
    ...davLines(settings),
    ...passwordLines(settings),
    ...corsLines(settings),
    ...metricsLines(settings),
    ...spaWarnings(settings),
    ...hiddenFileWarnings(settings),
    ...connectionLines(server),
    ...hostLines(settings, address),
    ...proxyLines(settings),
    ...passwordWarnings(settings, address),
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

function addressText(settings: Settings, address: ServerAddress): string {
  if ("transport" in address) return `${address.path} (unix:${address.path})`;
  const [hostname, port] = hostAndPort(address);
  return `${hostname} port ${port} (${urlOf(settings, hostname, port)})`;
}

function connectionLines({ address, urls }: ServerInfo): string[] {
  if ("transport" in address) {
    return ["Programs with write access to the socket can connect."];
  }
  const [hostname] = hostAndPort(address);
  if (isLoopback(hostname)) {
    return [
      "Only this machine can connect; --lan opens it to the network.",
    ];
  }
  const everyone = "Everyone who can reach this machine can connect";
  if (!isWildcard(hostname)) return [`${everyone}.`];
  const others = urls.slice(0, -1);
  return others.length > 0
    ? [`${everyone}, at`, ...others.map((url) => `  ${url}`)]
    : [`${everyone}; --allow-sys=networkInterfaces shows the addresses.`];
}

function proxyLines({ trustedProxies }: Settings): string[] {
  return trustedProxies === null
    ? []
    : [`Trusted proxies: ${trustedProxies.join(", ")}.`];
}

/** The host names that the server answers to, unless only loopback ones. */
function hostLines(
  { allowHosts, trustedProxies }: Settings,
  address: ServerAddress,
): string[] {
  const mayHaveNames = allowHosts.length > 0 || trustedProxies !== null;
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
  if (isLoopback(hostname) && !mayHaveNames) return [];
  const others = allowHosts.map((host) => `, ${host}`).join("");
  return [
    `It answers to localhost and addresses${others}; --allow-host adds names.`,
  ];
}

/** RFC 7617 section 4: every request has the password, unencrypted. */
function passwordWarnings(
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

function filesSentence(
  { directory, file, dotfiles, hide, followSymlinks }: Settings,
): string {
  if (file !== undefined) return `The only file is "${join(directory, file)}".`;
  const hidden = dotfiles ? "with hidden files" : "without hidden files";
  const names = hide.length > 0 ? `, without ${hide.join(" or ")}` : "";
  const links = followSymlinks ? ", following links out of it" : "";
  return `Files come from "${directory}", ${hidden}${names}${links}.`;
}

function cgiLines({ cgi }: Settings): string[] {
  return cgi
    ? ["Programs in cgi-bin and htbin run with all of your rights."]
    : [];
}

function davLines({ dav, upload }: Settings): string[] {
  if (!dav) return [];
  return upload === undefined
    ? ["WebDAV clients can mount it for reading."]
    : ["WebDAV clients can mount it."];
}

function uploadsSentence(settings: Settings): string {
  const { directory, upload, overwrite, manage, authUpload, storage } =
    settings;
  if (upload === undefined) return "Uploads are off.";
  const where = storage === undefined
    ? `"${join(directory, upload)}"`
    : `"${directory}"`;
  const password = authUpload.length > 0 ? " (password required)" : "";
  const existing = manage
    ? "can be replaced, moved and deleted"
    : overwrite
    ? "can be replaced"
    : "are kept";
  return `Uploads go to ${where}${password}; existing files ${existing}.`;
}

function passwordLines({ auth, authFile, rules }: Settings): string[] {
  if (rules !== undefined) {
    const some = rules.length === 1
      ? "One rule says"
      : `${rules.length} rules say`;
    return [`${some} who may read and change what.`];
  }
  const asks = auth.length > 0 || authFile !== undefined;
  return asks ? ["A password is required."] : [];
}

function corsLines({ cors }: Settings): string[] {
  if (cors === false) return [];
  const whose = cors === true ? "any site" : cors;
  return [`Web pages of ${whose} may read what is served.`];
}

function metricsLines({ metrics, prefix }: Settings): string[] {
  return metrics === undefined
    ? []
    : [`Metrics for Prometheus are at ${prefix}${metrics}.`];
}

/** The files that requests do not reach, because a flag answers their paths. */
function hiddenFileWarnings(settings: Settings): string[] {
  if (!servesDirectory(settings)) return [];
  return (["health", "metrics"] as const).flatMap((flag) => {
    const path = settings[flag];
    const { directory, file: only } = settings;
    if (path === undefined) return [];
    if (only !== undefined && path !== `/${only}`) return [];
    const file = join(directory, path.slice(1));
    return exists(file)
      ? [`Warning: --${flag} answers ${path}, and hides the file "${file}".`]
      : [];
  });
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function spaWarnings(settings: Settings): string[] {
  const { spa, followSymlinks, dotfiles } = settings;
  if (spa === false || !servesDirectory(settings)) return [];
  const file = spa === true ? "index.html" : spa;
  const directory = resolve(settings.directory);
  const servedDirectory = new ServedDirectory(directory, {
    followSymlinks,
    dotfiles,
    file: settings.file,
  });
  if (servedDirectory.locate(join(directory, file)).kind !== "file") {
    return [
      `Warning: there is no file "${file}" for --spa; missing pages get a 404.`,
    ];
  }
  if (isInUploadFolder(join(directory, file), directory, settings)) {
    return [
      `Warning: --spa does not send "${file}" from a folder for uploads; ` +
      "use --upload=SUBDIR or --overwrite.",
    ];
  }
  return [];
}

/**
 * Without `--overwrite`, uploads must not change the answer for other paths.
 */
function isInUploadFolder(
  file: string,
  directory: string,
  { upload, overwrite }: Settings,
): boolean {
  return upload !== undefined && !overwrite &&
    file.startsWith(join(directory, upload, "/"));
}
