// Copyright 2026 the pystd authors. MIT license.

/**
 * The file of a Unix domain socket. It stays behind when its process ends.
 *
 * @module
 */

import { StartError } from "./errors.ts";

/**
 * Removes a socket file that no process listens on.
 *
 * @throws {StartError} If a process listens there, or the file is not a socket.
 */
export async function removeStaleSocket(path: string): Promise<void> {
  const action = `Cannot listen on "${path}"`;
  const info = lstat(path);
  if (info === undefined) return;
  if (!info.isSocket) {
    throw new StartError(`${action}: a file with this name already exists`);
  }
  try {
    const connection = await Deno.connect({ transport: "unix", path });
    connection.close();
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) {
      return Deno.removeSync(path);
    }
    throw new StartError(`${action}: ${(error as Error).message}`);
  }
  throw new StartError(`${action}: another program is listening there`);
}

/**
 * Remembers a socket file that the server has just made.
 *
 * @returns A function that removes the file, unless it was replaced since.
 */
export function socketRemover(path: string): () => void {
  const inode = lstat(path)?.ino;
  return () => {
    try {
      if (lstat(path)?.ino === inode) Deno.removeSync(path);
    } catch {
      // Removed already, or not removable: the next start handles it.
    }
  };
}

function lstat(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
