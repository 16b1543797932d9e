// Copyright 2026 the pystd authors. MIT license.

/**
 * Where the files of a form go in a directory of this machine.
 *
 * @module
 */

import {
  IncomingFile,
  type IncomingOptions,
  lstatIfExists,
} from "../../../files/incoming.ts";
import { pathOf } from "../../../files/holding_folder.ts";
import { queueShortWork } from "../../../files/time_slices.ts";
import type { UploadFolder } from "../../../files/upload_folder.ts";
import type { FormFile, FormTarget } from "./form.ts";
import { nameInUse } from "./upload_result.ts";

/** The folder of a form, and how its files are written. */
export interface LocalFormOptions {
  /** Finds the folders. */
  folder: UploadFolder;
  /** Names in the path of the folder of the request. */
  names: readonly string[];
  /**
   * Tells whether an existing file may be replaced.
   *
   * @param names The names of its path.
   * @returns Whether it may.
   */
  mayReplace(names: readonly string[]): boolean;
  /** Largest file, in bytes. */
  maxBytes: number;
  /** Limits of the upload. */
  writing: IncomingOptions;
}

/** A folder of a directory, with what a form puts into it. */
export class LocalForm implements FormTarget {
  /** Whether names may start with a dot. */
  readonly dotfiles: boolean;
  /** Largest file, in bytes. */
  readonly maxBytes: number;
  #options: LocalFormOptions;

  /**
   * Stores its options.
   *
   * @param options See {@linkcode LocalFormOptions}.
   */
  constructor(options: LocalFormOptions) {
    this.dotfiles = options.folder.dotfiles;
    this.maxBytes = options.maxBytes;
    this.#options = options;
  }

  /**
   * Begins a file.
   *
   * @param path The names of its path below the folder of the request.
   * @returns The file.
   * @throws {RequestError} If it cannot be saved there.
   */
  open(path: readonly string[]): Promise<FormFile> {
    return queueShortWork(() => this.#open(path));
  }

  #open(path: readonly string[]): FormFile {
    const { folder, names, mayReplace, writing } = this.#options;
    writing.quota?.check(folder.path, 0);
    const all = [...names, ...path];
    const place = folder.place(all, path.length > 1);
    const overwrite = mayReplace(all);
    const present = lstatIfExists(pathOf(place));
    if (present?.isDirectory || (present !== undefined && !overwrite)) {
      throw nameInUse(present.isDirectory ? "folder" : "file");
    }
    const { name } = place;
    const file = IncomingFile.create(place.folder, writing);
    return {
      shown: `/${[...all.slice(0, -1), name].join("/")}`,
      write: (bytes) => file.write(bytes),
      async commit(modified): Promise<void> {
        await file.written();
        const placement = await file.commit(name, { overwrite, modified });
        if (placement === "exists") throw nameInUse("file");
      },
      discard: () => file.discard(),
    };
  }

  /**
   * Makes a folder, and its parents if they are missing.
   *
   * @param path The names of its path below the folder of the request.
   * @returns Its path in URLs, unescaped.
   * @throws {RequestError} If it cannot be made.
   */
  makeFolder(path: readonly string[]): string {
    const { folder, names } = this.#options;
    const all = [...names, ...path];
    for (const name of path) folder.checkName(name);
    if (folder.has(all)) throw nameInUse("folder");
    folder.find(all, true);
    return `/${all.join("/")}/`;
  }
}
