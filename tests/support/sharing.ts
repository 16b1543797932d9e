// Copyright 2026 the pystd authors. MIT license.

/**
 * Serves a temporary folder with uploads, archives or passwords.
 *
 * @module
 */

import {
  ShareHTTPRequestHandler,
  type ShareOptions,
} from "../../handlers/share.ts";
import {
  Uploads,
  type UploadsOptions,
} from "../../handlers/share/upload/uploads.ts";
import { req } from "./rfc.ts";
import { TestServer } from "./server.ts";
import {
  makeFiles,
  makeTree,
  type TemporaryTree,
  type TreeEntry,
} from "./tree.ts";

/** A server, and its folder, which is removed with it. */
export class Sharing implements AsyncDisposable {
  /** The folder. */
  readonly tree: TemporaryTree;
  /** The server. */
  readonly server: TestServer;

  /**
   * Takes ownership of both.
   *
   * @param tree The folder.
   * @param server The server.
   */
  constructor(tree: TemporaryTree, server: TestServer) {
    this.tree = tree;
    this.server = server;
  }

  /** The server's port. */
  get port(): number {
    return this.server.port;
  }

  /**
   * Sends a request.
   *
   * @param path The target.
   * @param init As for `fetch`; redirects are not followed.
   * @returns The response with its body.
   */
  async fetch(
    path: string,
    init: RequestInit = {},
  ): Promise<{ status: number; text: string; headers: Headers }> {
    const url = `http://127.0.0.1:${this.port}${path}`;
    const response = await fetch(url, { redirect: "manual", ...init });
    const text = await response.text();
    return { status: response.status, text, headers: response.headers };
  }

  /**
   * Reads a file of the folder.
   *
   * @param path Its path.
   * @returns Its text; `undefined` if it does not exist.
   */
  async read(path: string): Promise<string | undefined> {
    try {
      return await Deno.readTextFile(this.tree.path(path));
    } catch {
      return undefined;
    }
  }

  /**
   * Lists the folder recursively.
   *
   * @returns The paths, sorted; those of folders with a slash.
   */
  list(): string[] {
    return [...walk(this.tree.root, "")].sort();
  }

  /** Stops the server and removes the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await this.tree[Symbol.asyncDispose]();
  }
}

function* walk(folder: string, prefix: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    yield prefix + name + (isDirectory ? "/" : "");
    if (isDirectory) yield* walk(`${folder}/${name}`, `${prefix}${name}/`);
  }
}

/**
 * Serves a folder with uploads.
 *
 * @param options Options of the uploads.
 * @param entries The content of the folder.
 * @param maxBodyBytes Largest request body, in bytes.
 * @returns The server, to be disposed of.
 */
export async function serveUploads(
  options: UploadsOptions = {},
  entries: readonly TreeEntry[] = [],
  maxBodyBytes = 2 ** 30,
): Promise<Sharing> {
  const tree = await makeTree(entries);
  const { dotfiles = false, followSymlinks } = options;
  return serveTree(tree, {
    dotfiles,
    followSymlinks,
    uploads: new Uploads(tree.root, options),
  }, maxBodyBytes);
}

/**
 * Serves a folder.
 *
 * @param tree The folder, which is removed with the server.
 * @param options Options of the handler.
 * @param maxBodyBytes Largest request body, in bytes.
 * @returns The server, to be disposed of.
 */
export function serveTree(
  tree: TemporaryTree,
  options: ShareOptions,
  maxBodyBytes = 2 ** 30,
): Sharing {
  class Handler extends ShareHTTPRequestHandler {
    static override maxBodyBytes = maxBodyBytes;
  }
  const handler = Handler.with({ directory: tree.root, ...options });
  return new Sharing(tree, new TestServer(handler));
}

/**
 * Serves files in a new folder.
 *
 * @param files Their text by path.
 * @param options Options of the handler.
 * @returns The server, to be disposed of.
 */
export async function serveFiles(
  files: Readonly<Record<string, string>>,
  options: ShareOptions = {},
): Promise<Sharing> {
  return serveTree(await makeFiles(files), options);
}

/**
 * Returns a request for a path.
 *
 * @param path The target.
 * @param fields Its field lines without `Host`.
 * @returns A GET that keeps the connection open.
 */
export function get(path: string, ...fields: string[]): string {
  return req(`GET ${path}`, ...fields);
}
