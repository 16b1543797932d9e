// Copyright 2026 the pystd authors. MIT license.

/**
 * Trees of files to serve, in a temporary folder that is removed when the test
 * ends.
 *
 * @module
 */

import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { encodeLatin1 } from "./client.ts";

/** A row of a `*.tree.json`; see `tests/testdata/cpython/README.md`. */
export interface TreeEntry {
  /** Its path, relative to the root; parents are created as needed. */
  path: string;
  /** What it is. */
  type: "file" | "dir" | "symlink";
  /** The bytes of a file as latin-1. */
  content?: string;
  /** Repetitions of `content`; 1 if absent. */
  times?: number;
  /** Permission bits of a file, in octal; 644 if absent. */
  mode?: string;
  /** The target of a symbolic link. */
  target?: string;
  /** Modification time of a file or directory in ms since the epoch. */
  mtime_ms?: number;
}

/** A folder; disposing of it removes it. */
export class TemporaryTree implements AsyncDisposable {
  /** The folder's absolute path, links resolved. */
  readonly root: string;

  /**
   * Takes ownership of a folder.
   *
   * @param root The folder to remove.
   */
  constructor(root: string) {
    this.root = root;
  }

  /**
   * The path of an entry.
   *
   * @param names Its path below the root.
   * @returns Its absolute path.
   */
  path(...names: string[]): string {
    return join(this.root, ...names);
  }

  /** Removes the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.root, { recursive: true });
  }
}

/**
 * Makes a tree.
 *
 * @param entries Its content.
 * @returns The tree, to be disposed of.
 */
export async function makeTree(
  entries: readonly TreeEntry[] = [],
): Promise<TemporaryTree> {
  const root = await Deno.realPath(await Deno.makeTempDir());
  const tree = new TemporaryTree(root);
  for (const entry of entries) await makeEntry(tree.path(entry.path), entry);
  // Last, since creating an entry changes the time of its directory. `utime`
  // takes seconds; the fraction matters to `If-Modified-Since`.
  for (const { path, type, mtime_ms } of entries) {
    if (type === "symlink" || mtime_ms === undefined) continue;
    await Deno.utime(tree.path(path), mtime_ms / 1000, mtime_ms / 1000);
  }
  return tree;
}

/**
 * Makes a tree of text files.
 *
 * @param files Names and their text, which is written as UTF-8. A name that
 * ends in a slash is a directory.
 * @returns The tree, to be disposed of.
 */
export async function makeFiles(
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<TemporaryTree> {
  const tree = await makeTree();
  for (const [name, content] of Object.entries(files)) {
    const path = tree.path(name);
    const folder = name.endsWith("/") ? path : dirname(path);
    await Deno.mkdir(folder, { recursive: true });
    if (name.endsWith("/")) continue;
    if (typeof content === "string") await Deno.writeTextFile(path, content);
    else await Deno.writeFile(path, content);
  }
  return tree;
}

/**
 * Makes a folder to serve, `root`, with a link to a similar folder outside,
 * `out`.
 *
 * @param more Further entries, as for `makeFiles()`.
 * @returns The tree, to be disposed of.
 */
export async function makeTrap(
  more: Record<string, string> = {},
): Promise<TemporaryTree> {
  const tree = await makeFiles({
    "root/a/f": "public",
    "root/a/b/f": "public",
    "out/f": "secret",
    "out/b/f": "secret",
    "out/secret.txt": "secret",
    ...more,
  });
  await Deno.symlink(tree.path("out"), tree.path("root/link"));
  return tree;
}

async function makeEntry(path: string, entry: TreeEntry): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  switch (entry.type) {
    case "dir":
      return await Deno.mkdir(path, { recursive: true });
    case "symlink":
      return await Deno.symlink(entry.target!, path);
    case "file": {
      const content = (entry.content ?? "").repeat(entry.times ?? 1);
      const mode = parseInt(entry.mode ?? "644", 8);
      return await writeFile(path, encodeLatin1(content), mode);
    }
  }
}

async function writeFile(
  path: string,
  content: Uint8Array<ArrayBuffer>,
  mode: number,
): Promise<void> {
  if ((mode & 0o111) !== 0 && Deno.build.os !== "windows") {
    await writeProgram(path, content);
  } else {
    await Deno.writeFile(path, content);
  }
  await Deno.chmod(path, mode);
}

/**
 * Writes an executable file in another process. Otherwise a program that
 * another test starts would have a copy of the descriptor between fork and
 * exec, and the system would not run the file: "Text file busy".
 */
async function writeProgram(
  path: string,
  content: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const writer = new Deno.Command("sh", {
    args: ["-c", 'cat > "$0"', path],
    stdin: "piped",
  }).spawn();
  await new Blob([content]).stream().pipeTo(writer.stdin);
  const { success } = await writer.status;
  if (!success) throw new Error(`Cannot write ${path}`);
}

/**
 * Returns the open files of this process below a folder. Other tests run in
 * this process, too, so the number of all descriptors means nothing.
 *
 * @param root The folder, links resolved.
 * @returns The paths; none on systems without `/proc`.
 */
export function openBelow(root: string): string[] {
  if (Deno.build.os !== "linux") return [];
  const paths: string[] = [];
  for (const { name } of Deno.readDirSync("/proc/self/fd")) {
    try {
      const path = Deno.readLinkSync(`/proc/self/fd/${name}`);
      if (path.startsWith(`${root}/`)) paths.push(path);
    } catch {
      // Closed in the meantime.
    }
  }
  return paths;
}
