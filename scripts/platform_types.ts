// Copyright 2026 the pystd authors. MIT license.

/**
 * The types of Deno and Node that the types of the npm package mention, for
 * programs that have neither of them. `scripts/npm.ts` copies this module.
 *
 * @module
 */

/** An address of a connection, as `Deno.Addr`. */
export type Addr =
  | { transport: "tcp" | "udp"; hostname: string; port: number }
  | { transport: "unix" | "unixpacket"; path: string }
  | { transport: "vsock"; cid: number; port: number };

/** What an offset is relative to, as `Deno.SeekMode`: start, position, end. */
export type SeekMode = 0 | 1 | 2;

/** An entry of a folder, as `Deno.DirEntry`. */
export interface DirEntry {
  /** Its name. */
  name: string;
  /** Whether it is a file. */
  isFile: boolean;
  /** Whether it is a folder. */
  isDirectory: boolean;
  /** Whether it is a symbolic link. */
  isSymlink: boolean;
}

/** The metadata of a file, as `Deno.FileInfo`; `null` for what is unknown. */
export interface FileInfo {
  /** Whether it is a file. */
  isFile: boolean;
  /** Whether it is a folder. */
  isDirectory: boolean;
  /** Whether it is a symbolic link. */
  isSymlink: boolean;
  /** Its size, in bytes. */
  size: number;
  /** When its content was last modified. */
  mtime: Date | null;
  /** When it was last read. */
  atime: Date | null;
  /** When it was created. */
  birthtime: Date | null;
  /** When its metadata was last modified. */
  ctime: Date | null;
  /** The device that contains it. */
  dev: number;
  /** Its number on that device. */
  ino: number | null;
  /** Its kind and permissions. */
  mode: number | null;
  /** How many names it has. */
  nlink: number | null;
  /** Its user. */
  uid: number | null;
  /** Its group. */
  gid: number | null;
  /** The device that it stands for. */
  rdev: number | null;
  /** The size of a block, in bytes. */
  blksize: number | null;
  /** How many blocks it takes. */
  blocks: number | null;
  /** Whether it is a block device. */
  isBlockDevice: boolean | null;
  /** Whether it is a character device. */
  isCharDevice: boolean | null;
  /** Whether it is a named pipe. */
  isFifo: boolean | null;
  /** Whether it is a socket. */
  isSocket: boolean | null;
}

/** Bytes, as Node's `Buffer`. */
export type Buffer = Uint8Array<ArrayBuffer>;
