// Copyright 2026 the pystd authors. MIT license.

/**
 * What the command asks of Deno's permissions. Each part that needs one adds a
 * row to {@linkcode permissionNeeds}; from the rows the command finds out at
 * its start what is missing, says which line to type, and gives up whatever it
 * was granted beyond them.
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

const ALL_NAMES: readonly Deno.PermissionName[] = [
  "net",
  "read",
  "write",
  "run",
  "env",
  "sys",
  "ffi",
];

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
    { descriptor: { name: "read", path: unixPath }, action },
    // It is removed at the end.
    { descriptor: { name: "write", path: unixPath }, action, lasts: true },
  ];
}

function tlsNeeds({ tls }: Settings): Need[] {
  return [tls?.certfile, tls?.keyfile, tls?.passwordFile]
    .filter((path) => path !== undefined)
    .map((path) => ({
      descriptor: { name: "read", path },
      action: `read "${path}"`,
    }));
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
 * Gives up what was granted and is not needed while serving.
 *
 * @param needs What the command needs.
 */
export function giveUpOthers(needs: readonly Need[]): void {
  const kept = needs.filter(({ lasts }) => lasts)
    .map(({ descriptor }) => descriptor.name);
  for (const name of ALL_NAMES) {
    if (kept.includes(name)) continue;
    Deno.permissions.revokeSync({ name } as Deno.PermissionDescriptor);
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

/** What a permission is for: a path, a host, a program; all if empty. */
function valueOf(descriptor: Deno.PermissionDescriptor): string {
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
 * What threads need: they load the package's modules anew, and from a file
 * that is reading it. From elsewhere Deno's cache has them.
 */
function workerNeeds({ workers }: Settings): Need[] {
  const { protocol } = new URL(import.meta.url);
  if (workers === 1 || protocol !== "file:") return [];
  const path = fromFileUrl(new URL("../", import.meta.url));
  const action = "load the code of workers";
  return [{ descriptor: { name: "read", path }, action }];
}

/** How the command was called: from JSR by its short name. */
function scriptName(): string {
  const { href } = new URL("../cli.ts", import.meta.url);
  const onJsr = /^https:\/\/jsr\.io\/(@[^/]+\/[^/]+)\/([^/]+)\//.exec(href);
  if (onJsr !== null) return `jsr:${onJsr[1]}@${onJsr[2]}/cli`;
  return href.startsWith("file:") ? fromFileUrl(href) : href;
}
