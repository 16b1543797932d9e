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

/** A permission that a setting needs. */
export interface PermissionNeed {
  /** The permission. */
  descriptor: Deno.PermissionDescriptor;
  /** The purpose, as in "Cannot <action>". */
  action: string;
  /** Whether it is needed while serving, not only at the start. */
  lasts?: boolean;
}

/**
 * Checks that all permissions are granted, without a prompt.
 *
 * @param args The command's arguments, for the error message.
 * @param unstable Unstable flags of Deno that are needed too.
 * @throws {StartError} If one is not granted.
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
 * Returns the `deno run` line that grants all permissions, quoted for a shell.
 *
 * @param unstable Unstable flags of Deno that are needed too.
 */
export function denoRunCommand(
  needs: readonly PermissionNeed[],
  args: readonly string[],
  unstable: readonly string[],
): string {
  const grants = new Map<string, Set<string>>();
  for (const { descriptor } of needs) {
    const values = grants.get(descriptor.name) ?? new Set();
    values.add(permissionValue(descriptor));
    grants.set(descriptor.name, values);
  }
  const flags = [...grants].map(([name, values]) => grant(name, values));
  return ["deno", "run", ...unstable, ...flags, scriptName(), ...args]
    .map((word) => quoteForShell(word, PLATFORM)).join(" ");
}

function flagOf(descriptor: Deno.PermissionDescriptor): string {
  return grant(descriptor.name, new Set([permissionValue(descriptor)]));
}

function grant(name: string, values: Set<string>): string {
  // An empty value means the whole permission; a comma would end a value.
  const all = [...values].some((value) => value === "" || value.includes(","));
  return all ? `--allow-${name}` : `--allow-${name}=${[...values].join(",")}`;
}

/**
 * Returns what a permission is limited to: a path, a host, a program.
 *
 * @param descriptor The permission.
 * @returns The value, "" for the whole permission.
 */
export function permissionValue(descriptor: Deno.PermissionDescriptor): string {
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

/** Returns the script as the user types it; from JSR, the short name. */
function scriptName(): string {
  const { href } = new URL("../../cli.ts", import.meta.url);
  const onJsr = /^https:\/\/jsr\.io\/(@[^/]+\/[^/]+)\/([^/]+)\//.exec(href);
  if (onJsr !== null) return `jsr:${onJsr[1]}@${onJsr[2]}/cli`;
  return href.startsWith("file:") ? fromFileUrl(href) : href;
}
