// Copyright 2026 the pystd authors. MIT license.

import type { OpenFile, SeekableFile } from "./open_file.ts";

/** A read of a piece that takes longer had to wait for the disk, in ms. */
const DISK_READ_MS = 1;
/** Number of reads in another thread after such a read. */
const DISK_READS = 256;

/**
 * Tells whether a read had to wait for the disk.
 *
 * @param ms How long it took, in ms.
 * @returns Whether it had.
 */
export function isDiskRead(ms: number): boolean {
  return ms > DISK_READ_MS;
}

/**
 * Tells whether a file is one of this machine that is opened here. Does not load
 * what opens files.
 *
 * @param file A file, or its content.
 * @returns Whether it is.
 */
export function isOpenFile(file: SeekableFile | Uint8Array): file is OpenFile {
  return "readFullySync" in file;
}

/**
 * Reads pieces of files one after the other: in this thread, which takes a
 * quarter of the time if the system has them in memory; after a read that had to
 * wait for the disk, the next 256 pieces in another thread.
 */
export class PieceReader {
  /** Number of reads left for another thread. */
  #onDisk = 0;

  /**
   * Reads the next bytes of a file.
   *
   * @param file The file.
   * @param buffer Receives the bytes.
   * @returns Their number, `null` at the end of the file; a promise if another
   * thread reads them.
   */
  read(
    file: SeekableFile,
    buffer: Uint8Array,
  ): number | null | Promise<number | null> {
    if (this.#onDisk > 0 || !isOpenFile(file)) {
      this.#onDisk--;
      return file.read(buffer);
    }
    const began = performance.now();
    const count = file.readSync(buffer);
    if (isDiskRead(performance.now() - began)) this.#onDisk = DISK_READS;
    return count;
  }
}
