// Copyright 2026 the pystd authors. MIT license.

import type { ShareRequest } from "../request.ts";
import type { ListingEntry } from "../../../files/entries.ts";

/** Most folders that are remembered. */
const MAX_FOLDERS = 1000;

const logged = new Set<string>();

/**
 * Logs that a folder has names that are not UTF-8, which Deno cannot open. Logs
 * once for each folder.
 *
 * @param request The request.
 * @param folder The folder's path.
 * @param entries The folder's entries.
 */
export function logUnreadableNames(
  request: ShareRequest,
  folder: string,
  entries: readonly ListingEntry[],
): void {
  if (logged.has(folder) || !entries.some(isUnreadable)) return;
  if (logged.size < MAX_FOLDERS) logged.add(folder);
  request.logError("Cannot open names in %s that are not UTF-8", folder);
}

function isUnreadable({ name, kind }: ListingEntry): boolean {
  return kind === "other" && name.includes("\ufffd");
}
