// Copyright 2026 the pystd authors. MIT license.

/**
 * What the command asks of Deno's permissions. Each part that needs one adds a
 * row to {@linkcode permissionNeeds}; from the rows the command finds out at
 * its start what is missing, and says which line to type.
 *
 * @module
 */

import { fromFileUrl, PLATFORM } from "../files/paths.ts";
import { wildcardHosts } from "../io/wildcard.ts";
import { bracketed } from "./addresses.ts";
import { browserOpener } from "./browser.ts";
import type { Settings } from "./settings.ts";
import { sharingNeeds } from "./sharing.ts";
import { shellWord } from "./shell_word.ts";

/** Something that cannot be done as things are; told in one line. */
export class StartError extends Error {
  override name = "StartError";
}

/** A permission that something on the command line needs. */
export interface Need {
  /** The permission. */
  descriptor: Deno.PermissionDescriptor;
  /** What it is needed for, as in "Cannot <action>". */
  action: string;
  /** Whether it is needed while serving, and not at the start alone. */
  lasts?: boolean;
}

/**
 * What the command needs to do as it is told.
 *
 * @param settings What it is told.
 * @returns The permissions, in the order of the `deno run` line.
 */
export function permissionNeeds(settings: Settings): Need[] {
  const { directory } = settings;
  return [
    ...networkNeeds(settings),
    {
      descriptor: { name: "read", path: directory },
      action: `serve "${directory}"`,
      lasts: true,
    },
    ...tlsNeeds(settings),
    ...browserNeeds(settings),
    ...sharingNeeds(settings),
    ...workerNeeds(settings),
  ];
}

function networkNeeds(
  { hostname, port, unixPath, workers }: Settings,
): Need[] {
  if (unixPath === undefined) {
    // The empty name stands for all addresses.
    const [everywhere] = wildcardHosts(Deno.build.os);
    const name = bracketed(hostname || everywhere);
    // Workers listen on the port that was free, which nobody knows before.
    const host = workers > 1 && port === 0 ? name : `${name}:${port}`;
    const where = hostname === "" ? "every address" : hostname;
    const action = `listen on ${where} port ${port}`;
    return [{ descriptor: { name: "net", host }, action, lasts: workers > 1 }];
  }
  const action = `listen on "${unixPath}"`;
  return [
    { descriptor: { name: "net", host: `unix:${unixPath}` }, action },
    // It is looked at and removed at the end.
    { descriptor: { name: "read", path: unixPath }, action, lasts: true },
    { descriptor: { name: "write", path: unixPath }, action, lasts: true },
  ];
}

function tlsNeeds({ tls, workers }: Settings): Need[] {
  if (tls === undefined) return [];
  // A worker that replaces another one reads the certificate and the key again.
  const files: [path: string | undefined, lasts: boolean][] = [
    [tls.certfile, workers > 1],
    [tls.keyfile, workers > 1],
    [tls.passwordFile, false],
  ];
  return files.flatMap(([path, lasts]): Need[] =>
    path === undefined ? [] : [{
      descriptor: { name: "read", path },
      action: `read "${path}"`,
      lasts,
    }]
  );
}

function browserNeeds({ open }: Settings): Need[] {
  if (!open) return [];
  const command = browserOpener();
  return [{ descriptor: { name: "run", command }, action: "open the browser" }];
}

/**
 * Makes sure that all permissions were granted, without asking for them.
 *
 * @param needs The permissions.
 * @param args The command's arguments, for the line to type instead.
 * @param unstable The flags of Deno that are needed besides.
 * @throws {StartError} If one was not granted.
 */
export function requirePermissions(
  needs: readonly Need[],
  args: readonly string[],
  unstable: readonly string[] = [],
): void {
  for (const { descriptor, action } of needs) {
    if (Deno.permissions.querySync(descriptor).state === "granted") continue;
    throw new StartError(
      `Cannot ${action} without ${shellWord(flagOf(descriptor), PLATFORM)}; ` +
        `type: ${commandLine(needs, args, unstable)}`,
    );
  }
}

/**
 * The line that grants everything, ready to be pasted into a shell.
 *
 * @param needs The permissions.
 * @param args The command's arguments.
 * @param unstable The flags of Deno that are needed besides.
 * @returns The line.
 */
export function commandLine(
  needs: readonly Need[],
  args: readonly string[],
  unstable: readonly string[],
): string {
  const grants = new Map<string, Set<string>>();
  for (const { descriptor } of needs) {
    const values = grants.get(descriptor.name) ?? new Set();
    values.add(valueOf(descriptor));
    grants.set(descriptor.name, values);
  }
  const flags = [...grants].map(([name, values]) => grant(name, values));
  return ["deno", "run", ...unstable, ...flags, scriptName(), ...args]
    .map((word) => shellWord(word, PLATFORM)).join(" ");
}

function flagOf(descriptor: Deno.PermissionDescriptor): string {
  return grant(descriptor.name, new Set([valueOf(descriptor)]));
}

function grant(name: string, values: Set<string>): string {
  // An empty value is the whole permission; a comma would end a value.
  const all = [...values].some((value) => value === "" || value.includes(","));
  return all ? `--allow-${name}` : `--allow-${name}=${[...values].join(",")}`;
}

/**
 * What a permission is for: a path, a host, a program.
 *
 * @param descriptor The permission.
 * @returns The value, which is empty if it is for all of them.
 */
export function valueOf(descriptor: Deno.PermissionDescriptor): string {
  const value = "path" in descriptor
    ? descriptor.path
    : "host" in descriptor
    ? descriptor.host
    : "command" in descriptor
    ? descriptor.command
    : "variable" in descriptor
    ? descriptor.variable
    : "kind" in descriptor
    ? descriptor.kind
    : undefined;
  return String(value ?? "");
}

/**
 * What threads need: they load the package's modules anew, those that replace
 * others too. From a file that is reading it, from elsewhere importing it.
 */
function workerNeeds({ workers }: Settings): Need[] {
  if (workers === 1) return [];
  const action = "load the code of workers";
  const { protocol, hostname, port } = new URL(import.meta.url);
  if (protocol === "file:") {
    const path = fromFileUrl(new URL("../", import.meta.url));
    return [{ descriptor: { name: "read", path }, action, lasts: true }];
  }
  const host = `${hostname}:${port || (protocol === "http:" ? 80 : 443)}`;
  const descriptor = { name: "import", host } as Deno.PermissionDescriptor;
  return [{ descriptor, action, lasts: true }];
}

/** How the command was called: from JSR by its short name. */
function scriptName(): string {
  const { href } = new URL("../cli.ts", import.meta.url);
  const onJsr = /^https:\/\/jsr\.io\/(@[^/]+\/[^/]+)\/([^/]+)\//.exec(href);
  if (onJsr !== null) return `jsr:${onJsr[1]}@${onJsr[2]}/cli`;
  return href.startsWith("file:") ? fromFileUrl(href) : href;
}
