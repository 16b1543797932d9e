// Copyright 2026 the pystd authors. MIT license.

import type { ShareRequest } from "../request.ts";
import type { ShareEntry } from "./entries.ts";

/** The most folders that are remembered. */
const MAX_FOLDERS = 1000;

const logged = new Set<string>();

/**
 * Logs once for each folder that it has names that are not UTF-8: Deno cannot
 * open them.
 *
 * @param request The request.
 * @param folder The folder's path.
 * @param entries What is in it.
 */
export function logUnreadableNames(
  request: ShareRequest,
  folder: string,
  entries: readonly ShareEntry[],
): void {
  if (logged.has(folder) || !entries.some(isUnreadable)) return;
  if (logged.size < MAX_FOLDERS) logged.add(folder);
  request.logError("Cannot open names in %s that are not UTF-8", folder);
}

function isUnreadable({ name, kind }: ShareEntry): boolean {
  return kind === "other" && name.includes("\ufffd");
}
