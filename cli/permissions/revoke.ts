// Copyright 2026 the pystd authors. MIT license.

/**
 * Revokes the permissions that the command no longer needs once it serves. Deno
 * revokes a grant as a whole: a grant for every file cannot be narrowed to a
 * directory. A note names such grants, with the `deno run` line that grants
 * less.
 *
 * @module
 */

import { join, resolve, SEPARATOR } from "../../files/paths.ts";
import {
  denoRunCommand,
  type PermissionNeed,
  permissionValue,
} from "./permissions.ts";

/** Deno's types do not know `import` yet. */
type Name = Deno.PermissionName | "import";

/** Deno's permissions, and what one without a value allows. */
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

/** Revokes the permissions that are not needed while serving. */
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
 * Returns a note on the grants that remain and are broader than needed.
 *
 * @param unstable Unstable flags of Deno that are needed too.
 * @returns One line, or none.
 */
export function broadGrantNotes(
  needs: readonly PermissionNeed[],
  args: readonly string[],
  unstable: readonly string[] = [],
): string[] {
  // The permissions of a compiled program are fixed: advice would not help.
  if (Deno.build.standalone) return [];
  const wide = NAMES.filter((name) => {
    const kept = needs.filter(({ descriptor, lasts }) =>
      lasts && descriptor.name === name
    );
    return kept.length > 0 &&
      isGranted({ name } as Deno.PermissionDescriptor) &&
      kept.every(({ descriptor }) => permissionValue(descriptor) !== "");
  }).map((name) => GRANTS[name]);
  if (wide.length === 0) return [];
  const line = denoRunCommand(needs, args, unstable);
  return [
    `Deno lets this program ${wide.join(" and ")}. To grant less, run: ${line}`,
  ];
}

/**
 * Returns whether one grant covers both this file and one that is still needed.
 * Deno would revoke that grant as a whole.
 */
function sharesGrant(
  file: string | URL | undefined,
  kept: readonly PermissionNeed[],
): boolean {
  const paths = kept.filter(({ descriptor }) => descriptor.name === "read")
    .map(({ descriptor }) => resolve(permissionValue(descriptor)));
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
