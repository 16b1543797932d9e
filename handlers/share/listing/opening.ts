// Copyright 2026 the pystd authors. MIT license.

import { ISOLATES_REQUESTS } from "../../../files/isolated_requests.ts";

/**
 * Most folders of sources that are opened at once: a page of a list takes some 3 MiB
 * while it is read.
 */
const MAX_OPENING = 16;
/** Most requests that wait for that; a store that hangs must not gather all of them. */
const MAX_WAITING = 1024;

let opening = 0;
const waiting: (() => void)[] = [];

/**
 * Opens a folder of a source, after those that came before if there are many.
 *
 * @param open Opens it.
 * @returns What it returns; `undefined` if too many wait.
 */
export async function openInTurn<T>(
  open: () => Promise<T>,
): Promise<T | undefined> {
  if (ISOLATES_REQUESTS) return await open();
  if (opening < MAX_OPENING) opening++;
  else if (waiting.length >= MAX_WAITING) return undefined;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    return await open();
  } finally {
    const next = waiting.shift();
    if (next === undefined) opening--;
    else next();
  }
}
