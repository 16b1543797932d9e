// Copyright 2026 the pystd authors. MIT license.

/**
 * The files before and after one, in the order of the listing. The viewer steps
 * through them.
 *
 * @module
 */

import {
  SMALL_DIRECTORY_BYTES,
  withListingLock,
} from "../../../files/list_directory.ts";
import { sortInSlices } from "../../../files/time_slices.ts";
import {
  entryOrder,
  type EntrySource,
  openDirectory,
  readEntries,
  readEntriesInSlices,
  type ShareEntry,
} from "../listing/entries.ts";
import { viewGroup } from "../listing/kinds.ts";
import type { Choice } from "../listing/query.ts";

/** Files of one group, and which of them is viewed. */
export interface Neighbours {
  /** The names, in the order of the listing. */
  names: readonly string[];
  /** Index of the viewed file in `names`. */
  index: number;
}

/**
 * Finds the files that the viewer steps through.
 *
 * @param source The directory.
 * @param name The viewed file.
 * @param choice The order of the listing.
 * @returns The files; none but the viewed one if the directory cannot be read.
 */
export async function neighboursOf(
  source: EntrySource,
  name: string,
  { sort, descending }: Choice,
): Promise<Neighbours> {
  const alone = { names: [name], index: 0 };
  const group = viewGroup(name);
  if (group === undefined) return alone;
  const order = entryOrder(sort, descending);
  let entries: ShareEntry[];
  try {
    entries = await entriesOf(
      source,
      ({ name, kind }) => kind === "file" && viewGroup(name) === group,
    );
  } catch {
    return alone;
  }
  const sorted = await sortInSlices(entries, order);
  const names = sorted.map((entry) => entry.name);
  const index = names.indexOf(name);
  return index === -1 ? alone : { names, index };
}

function entriesOf(
  source: EntrySource,
  isWanted: (entry: ShareEntry) => boolean,
): ShareEntry[] | Promise<ShareEntry[]> {
  if (Deno.statSync(source.path).size <= SMALL_DIRECTORY_BYTES) {
    return readEntries(source).filter(isWanted);
  }
  return withListingLock(async () => {
    const opened = await openDirectory(source);
    return (await readEntriesInSlices(opened, source)).filter(isWanted);
  });
}
