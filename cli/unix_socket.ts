// Copyright 2026 the pystd authors. MIT license.

/**
 * The file of a Unix domain socket, which outlives whoever listened on it.
 *
 * @module
 */

import { StartError } from "./errors.ts";

/**
 * Makes room for a socket: removes one that nobody listens on any more.
 *
 * @param path Where the socket is to be.
 * @throws {StartError} If somebody listens there, or it is no socket.
 */
export async function removeStaleSocket(path: string): Promise<void> {
  const action = `Cannot listen on "${path}"`;
  const info = look(path);
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
 * Notes whose socket it is that has just been made.
 *
 * @param path The socket.
 * @returns What removes it at the end, unless somebody else has replaced it.
 */
export function socketRemover(path: string): () => void {
  const inode = look(path)?.ino;
  return () => {
    try {
      if (look(path)?.ino === inode) Deno.removeSync(path);
    } catch {
      // Gone already, or not ours to remove any more: the next one sees to it.
    }
  };
}

function look(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
