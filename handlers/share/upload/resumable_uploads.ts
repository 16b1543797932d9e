// Copyright 2026 the pystd authors. MIT license.

/**
 * Incomplete resumable uploads.
 *
 * The state of an upload is on the disk, in the name and size of its hidden
 * file, so that any process that serves the directory can resume it. This
 * process only ends an older connection that still waits for bytes of an upload
 * that another one has resumed, and removes abandoned uploads.
 *
 * @module
 */

import { BusyError } from "../../../files/busy_error.ts";
import { createHash } from "node:crypto";
import { IncomingFile, type IncomingOptions } from "../../../files/incoming.ts";

/** How long an incomplete upload is kept. */
const KEPT_MS = 24 * 60 * 60 * 1000;
/** Most incomplete uploads that are kept; the oldest is removed first. */
const MAX_KEPT = 256;

/** Identifies an upload. */
export interface ResumableUploadKey {
  /** The folder of the file, a real path. */
  readonly folder: string;
  /** Limits of the upload. */
  readonly writing?: IncomingOptions;
  /** The file's name. */
  readonly name: string;
  /** The size of the complete file, in bytes. */
  readonly size: number;
  /** The client's `Upload-Id`; empty if there is none. */
  readonly id: string;
  /** The user or address that began the upload; nobody else can resume it. */
  readonly owner: string;
}

/** The resumable uploads of one folder. */
export class ResumableUploads {
  #active = new Map<string, IncomingFile>();
  #kept = new Map<string, { folder: string; id: string; since: number }>();

  /**
   * Opens an upload to resume it, and takes it over from an older connection of
   * this process.
   *
   * @param key The upload.
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
   * Closes an upload that `open` returned.
   *
   * @param key The upload.
   * @param file Its file.
   * @param keep Whether it is kept, so that it can be resumed.
   */
  async close(
    key: ResumableUploadKey,
    file: IncomingFile,
    keep: boolean,
  ): Promise<void> {
    const id = fileId(key);
    const path = `${key.folder}/${id}`;
    // Another connection has taken it over.
    if (this.#active.get(path) !== file) return;
    await file.written().catch(() => {});
    const keeps = keep && file.size > 0;
    // Until the file is closed, the next part finds it here and waits for it.
    if (keeps) await file.keep();
    else await file.discard();
    if (this.#active.get(path) !== file) return;
    this.#active.delete(path);
    if (keeps) {
      this.#kept.set(path, { folder: key.folder, id, since: Date.now() });
    }
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

/** Returns the name part of the upload's hidden file. */
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
