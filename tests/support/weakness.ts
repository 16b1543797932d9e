// Copyright 2026 the pystd authors. MIT license.

/**
 * Runs a test of a weakness against every handler that serves files.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { ShareHTTPRequestHandler } from "../../handlers/share.ts";
import { SimpleHTTPRequestHandler } from "../../handlers/simple.ts";
import type { Answer } from "./answers.ts";
import { ask, encodeLatin1 } from "./client.ts";
import { TestServer } from "./server.ts";
import { makeFiles, type TemporaryTree } from "./tree.ts";

/** A server of the folder `served` of a tree. */
export interface Site {
  /** The tree around the served folder. */
  readonly tree: TemporaryTree;
  /** The server. */
  readonly server: TestServer;
  /** Sends a GET request; its target is latin-1. */
  get(target: string, ...fields: string[]): Promise<Answer>;
}

class Simple extends SimpleHTTPRequestHandler {
  async do_POST(): Promise<void> {
    await this.rfile.read(Number(this.headers.get("Content-Length")));
    this.sendError(500);
  }
}

class Share extends ShareHTTPRequestHandler {
  async do_POST(): Promise<void> {
    await this.rfile.read(Number(this.headers.get("Content-Length")));
    this.sendError(500);
  }
}

const HANDLERS: Record<string, typeof SimpleHTTPRequestHandler> = {
  SimpleHTTPRequestHandler: Simple,
  ShareHTTPRequestHandler: Share,
};

/**
 * Registers a test that runs against each of the handlers. At its end the
 * server still has to answer.
 *
 * @param name The weakness.
 * @param files The files of the tree, as for `makeFiles()`.
 * @param check The test.
 */
export function weakness(
  name: string,
  files: Record<string, string>,
  check: (site: Site) => Promise<void>,
): void {
  Deno.test({
    name: `weakness: ${name}`,
    ignore: Deno.build.os === "windows",
    async fn(t) {
      for (const [label, Handler] of Object.entries(HANDLERS)) {
        await t.step(label, async () => {
          await using tree = await makeFiles({ "served/": "", ...files });
          const directory = tree.path("served");
          const options = { directory, dotfiles: false };
          await using server = new TestServer(Handler.with(options));
          const get = async (target: string, ...fields: string[]) => {
            const head = [`GET ${target} HTTP/1.1`, "Host: x", ...fields];
            const [answer] = await ask(
              server.port,
              encodeLatin1([...head, "Connection: close", "", ""].join("\r\n")),
            );
            assert(answer !== undefined, target);
            return answer;
          };
          await check({ tree, server, get });
          // The server must still respond.
          await Deno.writeTextFile(tree.path("served/alive.txt"), "alive");
          assertEquals((await get("/alive.txt")).body, "alive");
        });
      }
    },
  });
}
