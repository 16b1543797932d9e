// Copyright 2026 the pystd authors. MIT license.

/**
 * Servers of a test's own CGI scripts.
 *
 * @module
 */

import {
  CGIHTTPRequestHandler,
  type CGIHTTPRequestHandlerOptions,
} from "../../handlers/cgi.ts";
import { TestServer } from "./server.ts";
import { makeTree, type TemporaryTree } from "./tree.ts";

/** Whether scripts for /bin/sh can run. */
export const HAS_SH: boolean = Deno.build.os !== "windows";

/** The header block of a script's response. */
export const PLAIN = "printf 'Content-Type: text/plain\\n\\n'";

/** A tree of scripts and the server that runs them. */
export interface ScriptServer extends AsyncDisposable {
  /** The tree. */
  tree: TemporaryTree;
  /** The server. */
  server: TestServer;
  /** The server's port. */
  port: number;
}

/**
 * Serves scripts.
 *
 * @param scripts The scripts by path: for sh, unless they start with `#!`.
 * @param Handler The handler class.
 * @param options Its options without the directory.
 * @returns The server, to be disposed of.
 */
export async function serveScripts(
  scripts: Record<string, string>,
  Handler: typeof CGIHTTPRequestHandler = CGIHTTPRequestHandler,
  options: CGIHTTPRequestHandlerOptions = {},
): Promise<ScriptServer> {
  const tree = await makeTree(
    Object.entries(scripts).map(([path, text]) => ({
      path,
      type: "file",
      content: text.startsWith("#!") ? text : `#!/bin/sh\n${text}\n`,
      mode: "755",
    })),
  );
  const server = new TestServer(
    Handler.with({ directory: tree.root, ...options }),
  );
  return {
    tree,
    server,
    port: server.port,
    async [Symbol.asyncDispose](): Promise<void> {
      await server[Symbol.asyncDispose]();
      await tree[Symbol.asyncDispose]();
    },
  };
}

/**
 * Returns a request head in HTTP/1.1.
 *
 * @param target The request target.
 * @param fields Header lines besides `Host`.
 * @param method The method.
 * @returns The head, with its empty line.
 */
export function head(
  target: string,
  fields: readonly string[] = [],
  method = "GET",
): string {
  return [`${method} ${target} HTTP/1.1`, "Host: localhost", ...fields, "", ""]
    .join("\r\n");
}
