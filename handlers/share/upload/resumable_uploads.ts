// Copyright 2026 the pystd authors. MIT license.

/**
 * Resumable uploads that are not complete: who writes them now, and which are
 * kept until somebody goes on with them.
 *
 * What is known of one is on the disk, in the name and size of its hidden
 * file, so that any process that serves the directory can go on with it. Here
 * is only what this process has to do: end an older connection that still
 * waits for bytes of an upload that has moved on, and remove what nobody has
 * come back for.
 *
 * @module
 */

import { createHash } from "node:crypto";
import {
  BusyError,
  IncomingFile,
  type IncomingOptions,
} from "../../../files/incoming.ts";

/** How long one is kept: a night, and a bit. */
const KEPT_MS = 24 * 60 * 60 * 1000;
/** How many are kept; the oldest goes first. */
const MAX_KEPT = 256;

/** Which upload is meant. */
export interface ResumableUploadKey {
  /** The folder that the file is to be in, a real path. */
  readonly folder: string;
  /** How it may be written. */
  readonly writing?: IncomingOptions;
  /** The name that it is to have. */
  readonly name: string;
  /** The size that it is to have, in bytes. */
  readonly size: number;
  /** What the client calls the upload; empty if it does not. */
  readonly id: string;
  /** Who has begun it: nobody else finds it. */
  readonly owner: string;
}

/** The resumable uploads of one folder. */
export class ResumableUploads {
  #active = new Map<string, IncomingFile>();
  #kept = new Map<string, { folder: string; id: string; since: number }>();

  /**
   * Opens an upload as far as it has come, and takes it over from an older
   * connection of this process.
   *
   * @param key Which one.
   * @returns The file.
   * @throws {BusyError} If another process writes it.
   */
  async open(key: ResumableUploadKey): Promise<IncomingFile> {
    await this.#removeExpired();
    const id = fileId(key);
    const path = `${key.folder}/${id}`;
    for (;;) {
      const older = this.#active.get(path);
      if (older === undefined) break;
      await older.takeOver();
      if (this.#active.get(path) === older) this.#active.delete(path);
    }
    const file = IncomingFile.resume(key.folder, id, key.writing);
    this.#kept.delete(path);
    this.#active.set(path, file);
    return file;
  }

  /**
   * Ends what `open` began: an upload that is complete or given up is gone.
   *
   * @param key Which one.
   * @param file Its file.
   * @param keep Whether it is kept, for somebody to go on with it.
   */
  async close(
    key: ResumableUploadKey,
    file: IncomingFile,
    keep: boolean,
  ): Promise<void> {
    const id = fileId(key);
    const path = `${key.folder}/${id}`;
    // Who has taken it over decides what becomes of it.
    if (this.#active.get(path) !== file) return;
    this.#active.delete(path);
    if (!keep || file.size === 0) return await file.discard();
    await file.keep();
    this.#kept.set(path, { folder: key.folder, id, since: Date.now() });
  }

  async #removeExpired(): Promise<void> {
    const now = Date.now();
    for (const [path, { folder, id, since }] of this.#kept) {
      const goes = now - since > KEPT_MS || this.#kept.size > MAX_KEPT;
      if (!goes) break;
      this.#kept.delete(path);
      try {
        await IncomingFile.resume(folder, id).discard();
      } catch (error) {
        if (!(error instanceof BusyError || isUnreachable(error))) {
          throw error;
        }
      }
    }
  }
}

/** An upload's file is found by all that tells it from others. */
function fileId({ name, size, id, owner }: ResumableUploadKey): string {
  return createHash("sha256")
    .update(`${name}\0${size}\0${id}\0${owner}`)
    .digest("hex")
    .slice(0, 32);
}

function isUnreachable(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound ||
    error instanceof Deno.errors.PermissionDenied;
}
