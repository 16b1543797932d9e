// Copyright 2026 the pystd authors. MIT license.

import { type SourceEntry, SourceError } from "./source.ts";

/** Most entries of a page of a list. */
const PAGE = 1000;

/** A folder: its files and folders by name. */
type Folder<File> = Map<string, File | Folder<File>>;

/** A tree of files in memory, for sources that know all of their files. */
export class Tree<File> {
  #top: Folder<File> = new Map();
  #describe: (name: string, file: File) => SourceEntry;

  /**
   * Creates an empty tree.
   *
   * @param describe Returns the entry of a file.
   */
  constructor(describe: (name: string, file: File) => SourceEntry) {
    this.#describe = describe;
  }

  /**
   * Finds a file or a folder.
   *
   * @param path The path.
   * @param kind The only kind that is wanted.
   * @returns The entry; `undefined` if there is none.
   */
  find(path: string, kind?: "directory"): SourceEntry | undefined {
    const names = path.split("/");
    const node = this.#node(names);
    if (node === undefined) return undefined;
    const entry = this.#entryOf(names.at(-1)!, node);
    return kind === undefined || entry.kind === kind ? entry : undefined;
  }

  /**
   * Lists a folder.
   *
   * @param path The folder.
   * @returns Its entries, in pages of 1,000.
   * @throws {SourceError} 404 if there is no such folder.
   */
  async *list(path: string): AsyncGenerator<SourceEntry[]> {
    const folder = path === "" ? this.#top : this.#node(path.split("/"));
    if (!(folder instanceof Map)) throw missing();
    let page: SourceEntry[] = [];
    for (const [name, node] of folder) {
      if (page.push(this.#entryOf(name, node)) < PAGE) continue;
      yield page;
      page = [];
    }
    yield await Promise.resolve(page);
  }

  /**
   * Returns a file.
   *
   * @param path The path.
   * @returns The file.
   * @throws {SourceError} 404 if there is no such file.
   */
  file(path: string): File {
    const node = this.#node(path.split("/"));
    if (node === undefined || node instanceof Map) throw missing();
    return node;
  }

  /**
   * Adds a file, or replaces one.
   *
   * @param names The names of its path.
   * @param file The file.
   * @param folders Whether a folder takes the place of a file of its name.
   * @returns Whether it was added: its place is not that of a folder, and does
   * not lead through a file.
   */
  put(names: readonly string[], file: File, folders = false): boolean {
    const folder = this.#folder(names.slice(0, -1), folders);
    const name = names.at(-1)!;
    if (folder === undefined || folder.get(name) instanceof Map) return false;
    folder.set(name, file);
    return true;
  }

  /**
   * Adds a folder, and its parents if they are missing.
   *
   * @param names The names of its path.
   * @param folders Whether a folder takes the place of a file of its name.
   * @returns Whether it is there now: its path does not lead through a file.
   */
  makeFolder(names: readonly string[], folders = false): boolean {
    return this.#folder(names, folders) !== undefined;
  }

  /**
   * Removes a file, or a folder with its content.
   *
   * @param path The path.
   * @param kind The kind.
   * @throws {SourceError} 404 if there is none of this kind.
   */
  remove(path: string, kind: SourceEntry["kind"]): void {
    this.#take(path, kind);
  }

  /**
   * Moves a file, or a folder with its content. It replaces what is at the new
   * path.
   *
   * @param from The path.
   * @param to The new path, neither in `from` nor above it.
   * @param kind The kind.
   * @param renew Returns what each file becomes.
   * @returns Whether it was moved: its new path does not lead through a file.
   * @throws {SourceError} 404 if there is none of this kind.
   */
  move(
    from: string,
    to: string,
    kind: SourceEntry["kind"],
    renew: (file: File) => File,
  ): boolean {
    const names = to.split("/");
    const folder = this.#folder(names.slice(0, -1), false);
    if (folder === undefined) return false;
    folder.set(names.at(-1)!, renewed(this.#take(from, kind), renew));
    return true;
  }

  #take(path: string, kind: SourceEntry["kind"]): File | Folder<File> {
    const names = path.split("/");
    const name = names.pop()!;
    const folder = names.length === 0 ? this.#top : this.#node(names);
    const node = folder instanceof Map ? folder.get(name) : undefined;
    if (node === undefined || this.#entryOf(name, node).kind !== kind) {
      throw missing();
    }
    (folder as Folder<File>).delete(name);
    return node;
  }

  #entryOf(name: string, node: File | Folder<File>): SourceEntry {
    return node instanceof Map
      ? { name, kind: "directory", size: 0 }
      : this.#describe(name, node);
  }

  #node(names: readonly string[]): File | Folder<File> | undefined {
    let node: File | Folder<File> | undefined = this.#top;
    for (const name of names) {
      if (!(node instanceof Map)) return undefined;
      node = node.get(name);
    }
    return node;
  }

  #folder(
    names: readonly string[],
    folders: boolean,
  ): Folder<File> | undefined {
    let folder = this.#top;
    for (const name of names) {
      let next = folder.get(name);
      if (!(next instanceof Map)) {
        if (next !== undefined && !folders) return undefined;
        folder.set(name, next = new Map());
      }
      folder = next;
    }
    return folder;
  }
}

function renewed<File>(
  node: File | Folder<File>,
  renew: (file: File) => File,
): File | Folder<File> {
  if (!(node instanceof Map)) return renew(node);
  return new Map(
    [...node].map(([name, child]) => [name, renewed(child, renew)]),
  );
}

function missing(): SourceError {
  return new SourceError(404, "File not found");
}
