// Copyright 2026 the pystd authors. MIT license.

/**
 * What the command asks of Deno's permissions: it looks at the start whether
 * it has what it needs, and then gives up what it does not.
 *
 * @module
 */

/** Something that cannot be done as things are; told in one line. */
export class StartError extends Error {
  override name = "StartError";
}

/**
 * Makes sure that a permission was granted, without asking for it.
 *
 * @param descriptor The permission.
 * @param action What it is needed for, as in "Cannot <action>".
 * @param flag The flag that grants it.
 * @throws {StartError} If it was not granted.
 */
export function requirePermission(
  descriptor: Deno.PermissionDescriptor,
  action: string,
  flag: string,
): void {
  if (Deno.permissions.querySync(descriptor).state === "granted") return;
  throw new StartError(`Cannot ${action}: run again with ${flag}`);
}

/**
 * Gives up permissions, whether they were granted or not.
 *
 * @param names What is not needed any more.
 */
export function giveUp(names: readonly Deno.PermissionName[]): void {
  for (const name of names) {
    Deno.permissions.revokeSync({ name } as Deno.PermissionDescriptor);
  }
}
