// Copyright 2026 the pystd authors. MIT license.

/**
 * What the command gives up once it serves: each permission that it no longer
 * needs. Deno takes back a grant, or leaves it whole: a grant for every file
 * cannot be narrowed to a directory. What is left of that kind is told, with
 * the line that grants less.
 *
 * @module
 */

import { join, resolve, SEPARATOR } from "../../files/paths.ts";
import { denoRunCommand, type PermissionNeed, valueOf } from "./permissions.ts";

/** Deno's types do not know `import` yet. */
type Name = Deno.PermissionName | "import";

/** All that Deno grants, and what a grant without a value lets a program do. */
const GRANTS: Readonly<Record<Name, string>> = {
  read: "read every file",
  write: "write every file",
  net: "connect to every address",
  run: "run every program",
  env: "read every environment variable",
  sys: "read all system information",
  ffi: "load every library",
  import: "import code from every host",
};

const NAMES = Object.keys(GRANTS) as Name[];

/**
 * Gives up what was granted and is not needed while serving.
 *
 * @param needs What the command needs.
 */
export function revokeUnneeded(needs: readonly PermissionNeed[]): void {
  const kept = needs.filter(({ lasts }) => lasts);
  for (const name of NAMES) {
    if (kept.some(({ descriptor }) => descriptor.name === name)) continue;
    Deno.permissions.revokeSync({ name } as Deno.PermissionDescriptor);
  }
  for (const { descriptor, lasts } of needs) {
    const isRead = descriptor.name === "read";
    if (lasts || !isRead || sharesGrant(descriptor.path, kept)) continue;
    Deno.permissions.revokeSync(descriptor);
  }
}

/**
 * The line that tells what Deno still grants beyond what is needed.
 *
 * @param needs What the command needs.
 * @param args The command's arguments.
 * @param unstable The flags of Deno that are needed besides.
 * @returns The line, or none.
 */
export function broadGrantNotes(
  needs: readonly PermissionNeed[],
  args: readonly string[],
  unstable: readonly string[] = [],
): string[] {
  // The permissions of a compiled program are not given by who starts it.
  if (Deno.build.standalone) return [];
  const wide = NAMES.filter((name) => {
    const kept = needs.filter(({ descriptor, lasts }) =>
      lasts && descriptor.name === name
    );
    return kept.length > 0 &&
      isGranted({ name } as Deno.PermissionDescriptor) &&
      kept.every(({ descriptor }) => valueOf(descriptor) !== "");
  }).map((name) => GRANTS[name]);
  if (wide.length === 0) return [];
  const line = denoRunCommand(needs, args, unstable);
  return [
    `Deno lets this program ${wide.join(" and ")}. To grant less, run: ${line}`,
  ];
}

/**
 * Whether one grant is for a file that was needed and for one that still is:
 * Deno takes back the whole grant that a file falls under.
 */
function sharesGrant(
  file: string | URL | undefined,
  kept: readonly PermissionNeed[],
): boolean {
  const paths = kept.filter(({ descriptor }) => descriptor.name === "read")
    .map(({ descriptor }) => resolve(valueOf(descriptor)));
  let folder = resolve(String(file ?? ""));
  for (;;) {
    const above = folder;
    if (
      paths.some((path) => isWithin(path, above)) &&
      isGranted({ name: "read", path: above })
    ) return true;
    folder = join(above, "..");
    if (folder === above) return false;
  }
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(
    folder.endsWith(SEPARATOR) ? folder : folder + SEPARATOR,
  );
}

function isGranted(descriptor: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(descriptor).state === "granted";
}
