// Copyright 2026 the pystd authors. MIT license.

/**
 * Servers of CGI scripts that a test brings along.
 *
 * @module
 */

import {
  CGIHTTPRequestHandler,
  type CGIHTTPRequestHandlerOptions,
} from "../../handlers/cgi.ts";
import { TestServer } from "./server.ts";
import { makeTree, type TemporaryTree } from "./tree.ts";

/** Whether scripts for /bin/sh can be run here. */
export const HAS_SH: boolean = Deno.build.os !== "windows";

/** The head of a response that a script begins with. */
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
 * @param scripts Paths and what the scripts do: sh, unless it starts with `#!`.
 * @param Handler What runs them.
 * @param options Its options but for the directory.
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
 * Writes a request head in HTTP/1.1.
 *
 * @param target The request target.
 * @param fields Header fields besides `Host`, a line each.
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
