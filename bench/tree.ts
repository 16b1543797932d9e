// Copyright 2026 the pystd authors. MIT license.

/**
 * The files that all servers of the benchmark serve. They are created once, in the
 * system's folder for temporary files.
 *
 * @module
 */

/** The folder of the benchmark, with the peers' configurations. */
export const WORKPLACE = "/tmp/pystd-bench";
/** The served directory. */
export const TREE = `${WORKPLACE}/tree`;
/** Number of files of 4 KiB below `random/`. */
export const RANDOM_FILES = 5000;
/** Number of entries of the directory `list/`. */
export const LIST_ENTRIES = 1000;

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

/** Files with random content, by name and size in bytes. */
const FILES: readonly (readonly [name: string, size: number])[] = [
  ["small.txt", KIB],
  ["64k.bin", 64 * KIB],
  ["100m.bin", 100 * MIB],
  ["growth/1k.bin", KIB],
  ["growth/16k.bin", 16 * KIB],
  ["growth/64k.bin", 64 * KIB],
  ["growth/65k.bin", 65 * KIB],
  ["growth/256k.bin", 256 * KIB],
  ["growth/1m.bin", MIB],
  ["growth/16m.bin", 16 * MIB],
];

/** Sparse files. */
const SPARSE_FILES: readonly (readonly [name: string, size: number])[] = [
  ["growth/256m.bin", 256 * MIB],
  ["growth/1g.bin", GIB],
  ["growth/4g.bin", 4 * GIB],
  ["growth/10g.bin", 10 * GIB],
];

/** Sizes of the directories below `lists/`. */
export const LIST_SIZES: readonly number[] = [100, 1000, 10_000, 100_000];

/** Creates the files, unless they exist. */
export async function makeTree(): Promise<void> {
  const done = `${WORKPLACE}/tree-4.done`;
  try {
    Deno.statSync(done);
    return;
  } catch {
    // The files do not exist, or only some of them.
  }
  for (const directory of ["random", "list", "growth", "lists"]) {
    await Deno.mkdir(`${TREE}/${directory}`, { recursive: true });
  }
  for (const [name, size] of FILES) await writeRandom(name, size);
  for (const [name, size] of SPARSE_FILES) {
    using file = await Deno.create(`${TREE}/${name}`);
    await file.truncate(size);
  }
  for (let i = 0; i < RANDOM_FILES; i++) {
    await writeRandom(`random/${i}.txt`, 4 * KIB);
  }
  await fillDirectory("list", LIST_ENTRIES);
  for (const size of LIST_SIZES) await fillDirectory(`lists/${size}`, size);
  await Deno.writeTextFile(done, "");
}

/** Realistic names: most need no escaping, some do. */
async function fillDirectory(name: string, entries: number): Promise<void> {
  await Deno.mkdir(`${TREE}/${name}`, { recursive: true });
  for (let i = 0; i < entries; i++) {
    const path = `${TREE}/${name}/${entryName(i)}`;
    if (i % 20 === 19) await Deno.mkdir(path, { recursive: true });
    else await Deno.writeTextFile(path, "");
  }
}

function entryName(i: number): string {
  if (i % 20 === 19) return `folder-${i}`;
  if (i % 10 === 3) return `Holiday photo ${i} (1).jpeg`;
  return `document-${i}.pdf`;
}

async function writeRandom(name: string, size: number): Promise<void> {
  using file = await Deno.create(`${TREE}/${name}`);
  const piece = crypto.getRandomValues(new Uint8Array(Math.min(size, 65536)));
  for (let left = size; left > 0; left -= piece.length) {
    const bytes = piece.subarray(0, Math.min(left, piece.length));
    let at = 0;
    while (at < bytes.length) at += await file.write(bytes.subarray(at));
  }
}
