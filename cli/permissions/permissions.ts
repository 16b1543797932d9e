// Copyright 2026 the pystd authors. MIT license.

/**
 * Checks Deno's permissions when the command starts, without prompts. If one
 * is missing, the error shows the `deno run` line that grants all of them.
 *
 * @module
 */

import { fromFileUrl, PLATFORM } from "../../files/paths.ts";
import { StartError } from "../errors.ts";
import { quoteForShell } from "./shell_quote.ts";

/** A permission that something on the command line needs. */
export interface PermissionNeed {
  /** The permission. */
  descriptor: Deno.PermissionDescriptor;
  /** What it is needed for, as in "Cannot <action>". */
  action: string;
  /** Whether it is needed while serving, and not at the start alone. */
  lasts?: boolean;
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
  needs: readonly PermissionNeed[],
  args: readonly string[],
  unstable: readonly string[] = [],
): void {
  for (const { descriptor, action } of needs) {
    if (Deno.permissions.querySync(descriptor).state === "granted") continue;
    const flag = quoteForShell(flagOf(descriptor), PLATFORM);
    const line = denoRunCommand(needs, args, unstable);
    throw new StartError(`Cannot ${action} without ${flag}; run: ${line}`);
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
export function denoRunCommand(
  needs: readonly PermissionNeed[],
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
    .map((word) => quoteForShell(word, PLATFORM)).join(" ");
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

/** How the command was called: from JSR by its short name. */
function scriptName(): string {
  const { href } = new URL("../../cli.ts", import.meta.url);
  const onJsr = /^https:\/\/jsr\.io\/(@[^/]+\/[^/]+)\/([^/]+)\//.exec(href);
  if (onJsr !== null) return `jsr:${onJsr[1]}@${onJsr[2]}/cli`;
  return href.startsWith("file:") ? fromFileUrl(href) : href;
}
