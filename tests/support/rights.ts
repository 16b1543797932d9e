// Copyright 2026 the pystd authors. MIT license.

/**
 * Serves a temporary folder with rules for rights, by the command's own flags.
 *
 * @module
 */

import { readCommandLine } from "../../cli/flags.ts";
import { handlerClass } from "../../cli/handler.ts";
import { readSettings } from "../../cli/settings/settings.ts";
import { prepareSharing } from "../../cli/sharing_features.ts";
import type { BaseHTTPRequestHandler } from "../../handlers/base.ts";
import { Sharing } from "./sharing.ts";
import { TestServer } from "./server.ts";
import { makeFiles } from "./tree.ts";

/**
 * Serves the folder `share` of a new tree.
 *
 * @param files The text of files by path; all are below `share`.
 * @param flags Flags of the command.
 * @param links Symbolic links: targets by path.
 * @returns The server, to be disposed of.
 */
export async function serveWithFlags(
  files: Readonly<Record<string, string>>,
  flags: readonly string[],
  links: Readonly<Record<string, string>> = {},
): Promise<Sharing> {
  const tree = await makeFiles(
    Object.fromEntries(
      Object.entries(files).map(([path, text]) => [`share/${path}`, text]),
    ),
  );
  for (const [path, target] of Object.entries(links)) {
    await Deno.symlink(target, tree.path(`share/${path}`));
  }
  const line = readCommandLine(["-q", ...flags, tree.path("share")]);
  const settings = await prepareSharing(readSettings(line));
  const handler = await handlerClass(settings);
  return new Sharing(
    tree,
    new TestServer(handler as typeof BaseHTTPRequestHandler),
  );
}

/**
 * Returns the header field of a user whose password is `secret`.
 *
 * @param user The user; empty for nobody.
 * @returns The fields.
 */
export function signedIn(user: string): Record<string, string> {
  return user === ""
    ? {}
    : { Authorization: `Basic ${btoa(`${user}:secret`)}` };
}
