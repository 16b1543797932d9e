// Copyright 2026 the pystd authors. MIT license.

/**
 * A file that is open for reading.
 *
 * `Deno.openSync` waits for a writer when somebody has put a FIFO in the place
 * of the file, and the whole process waits with it. `node:fs` takes
 * `O_NONBLOCK`, with which opening never waits. It is loaded when the first
 * file is opened, since it takes some 15 ms.
 *
 * @module
 */

/** What `sendPart` reads from: an open file, a `Deno.FsFile` too. */
export interface SeekableFile {
  /**
   * Goes to a position.
   *
   * @param offset The position.
   * @param whence What it is relative to.
   * @returns The position from the start.
   */
  seekSync(offset: number, whence: Deno.SeekMode): number;
  /**
   * Reads some of what comes next.
   *
   * @param buffer Where to.
   * @returns How many bytes it read, `null` at the end.
   */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Closes the file. */
  close(): void;
}

type NodeFs = typeof import("node:fs");

let fs: NodeFs | undefined;
let flags = 0;

function loadFs(): NodeFs {
  const { process } = globalThis as unknown as {
    process: { getBuiltinModule(id: "node:fs"): NodeFs };
  };
  fs = process.getBuiltinModule("node:fs");
  // Windows has neither of the two. Deno heeds `O_NOFOLLOW` under
  // `--allow-all` only: it looks links up itself when it checks a permission.
  const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = fs.constants;
  flags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW;
  return fs;
}

/**
 * Whether something may be at a path: links are followed. Whatever Deno's own
 * calls throw for what is not there takes 7 µs to make, this 1.5.
 *
 * @param path The path.
 * @returns `false` only if there is nothing, or nothing that may be read.
 */
export function mayExist(path: string): boolean {
  return fs === undefined || fs.existsSync(path);
}

/**
 * A regular file that is open for reading.
 *
 * @example What a handler is given to send
 * ```ts
 * import {
 *   type ReadyFile,
 *   SimpleHTTPRequestHandler,
 * } from "@pystd/http-server/handlers/simple";
 *
 * class NoVideos extends SimpleHTTPRequestHandler {
 *   protected override sendFile(path: string, file: ReadyFile) {
 *     if (!file.type.startsWith("video/")) return super.sendFile(path, file);
 *     if ("file" in file) file.file.close(); // small ones are in memory
 *     return this.sendNotFound(path);
 *   }
 * }
 * ```
 */
export class OpenFile implements SeekableFile {
  /** Its device. */
  readonly dev: number;
  /** Its inode. */
  readonly ino: number;
  #fs: NodeFs;
  #fd: number;
  #position = 0;
  #reading = false;
  #closed = false;

  /**
   * Opens a file without ever waiting for it.
   *
   * @param path The path.
   * @throws {Error} If it cannot be opened, or is no regular file.
   */
  constructor(path: string) {
    this.#fs = fs ?? loadFs();
    this.#fd = this.#fs.openSync(path, flags);
    try {
      const stats = this.#fs.fstatSync(this.#fd);
      if (!stats.isFile()) throw new Error("Cannot open: not a regular file");
      this.dev = stats.dev;
      this.ino = stats.ino;
    } catch (error) {
      this.#fs.closeSync(this.#fd);
      throw error;
    }
  }

  /**
   * Goes to a position.
   *
   * @param offset The position.
   * @param whence `Deno.SeekMode.Start` or `Deno.SeekMode.Current`.
   * @returns The position from the start.
   */
  seekSync(offset: number, whence: Deno.SeekMode): number {
    this.#position = whence === Deno.SeekMode.Start
      ? offset
      : this.#position + offset;
    return this.#position;
  }

  /**
   * Reads some of what comes next; one read at a time.
   *
   * @param buffer Where to.
   * @returns How many bytes it read, `null` at the end.
   * @throws {Error} If it cannot be read.
   */
  read(buffer: Uint8Array): Promise<number | null> {
    const { promise, resolve, reject } = Promise.withResolvers<number | null>();
    this.#reading = true;
    this.#fs.read(
      this.#fd,
      buffer,
      0,
      buffer.length,
      this.#position,
      (error, count) => {
        this.#reading = false;
        if (this.#closed) this.#fs.closeSync(this.#fd);
        if (error) reject(error);
        else resolve(this.#advance(count));
      },
    );
    return promise;
  }

  /**
   * Reads some of what comes next.
   *
   * @param buffer Where to.
   * @returns How many bytes it read, `null` at the end.
   * @throws {Error} If it cannot be read.
   */
  readSync(buffer: Uint8Array): number | null {
    return this.#advance(
      this.#fs.readSync(this.#fd, buffer, 0, buffer.length, this.#position),
    );
  }

  /** Closes the file: once a read that is under way has ended. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    // Its number may be another file's as soon as it is closed.
    if (!this.#reading) this.#fs.closeSync(this.#fd);
  }

  #advance(count: number): number | null {
    this.#position += count;
    return count === 0 ? null : count;
  }
}
