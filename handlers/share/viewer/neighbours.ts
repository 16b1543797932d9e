// Copyright 2026 the pystd authors. MIT license.

/**
 * The files before and after one, in the order of the listing. The viewer steps
 * through them.
 *
 * @module
 */

import { entryOrder, type ListingEntry } from "../../../files/entries.ts";
import type { FileStore } from "../../../files/file_store.ts";
import type { MaybePromise } from "../../../files/maybe_promise.ts";
import { sortInSlices } from "../../../files/time_slices.ts";
import { viewGroup } from "../listing/kinds.ts";
import type { Choice } from "../listing/query.ts";

/** Files of one group, and which of them is viewed. */
export interface Neighbours {
  /** The names, in the order of the listing. */
  names: readonly string[];
  /** Index of the viewed file in `names`. */
  index: number;
}

/** The folder of the viewed file. */
export interface ViewedFolder {
  /** The files that are served. */
  files: FileStore;
  /** The folder's path, without a slash at its end. */
  path: string;
  /** Whether names that start with a dot are shown. */
  dotfiles: boolean;
}

/**
 * Finds the files that the viewer steps through.
 *
 * @param folder The folder.
 * @param name The viewed file.
 * @param choice The order of the listing.
 * @returns The files; none but the viewed one if the directory cannot be read.
 */
export async function neighboursOf(
  folder: ViewedFolder,
  name: string,
  { sort, descending }: Choice,
): Promise<Neighbours> {
  const alone = { names: [name], index: 0 };
  const group = viewGroup(name);
  if (group === undefined) return alone;
  const order = entryOrder(sort, descending);
  let entries: ListingEntry[];
  try {
    entries = await entriesOf(
      folder,
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
  { files, path, dotfiles }: ViewedFolder,
  isWanted: (entry: ListingEntry) => boolean,
): MaybePromise<ListingEntry[]> {
  if (!files.folderState(path).isLarge) {
    return files.readFolder(path, dotfiles).filter(isWanted);
  }
  return files.whileListing(path, async () => {
    const folder = await files.openFolder(path, dotfiles);
    return (await folder.read()).filter(isWanted);
  });
}
