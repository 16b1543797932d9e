// Copyright 2026 the pystd authors. MIT license.

/**
 * The parts that take uploads, make archives and ask for passwords: each is
 * loaded only when it is asked for.
 *
 * @module
 */

import { join } from "@std/path/join";
import { resolve } from "@std/path/resolve";
import type { ShareOptions } from "../handlers/share/options.ts";
import type { Users } from "../handlers/share/passwords.ts";
import { print } from "./output.ts";
import { StartError } from "./permissions.ts";
import type { Settings } from "./settings.ts";

/** What sharing adds to the options of a handler. */
export type SharingOptions = Pick<
  ShareOptions,
  "auth" | "uploads" | "archives"
>;

/**
 * The parts that the handler is given.
 *
 * @param settings What the command was told.
 * @returns The parts.
 * @throws {StartError} If one of them cannot do what it is to do.
 */
export async function sharingOptions(
  settings: Settings,
): Promise<SharingOptions> {
  const options: SharingOptions = {};
  const asks = settings.auth.length + settings.authUpload.length > 0 ||
    settings.authFile !== undefined;
  if (asks) options.auth = await authenticator(settings);
  if (settings.upload !== undefined) options.uploads = await uploads(settings);
  if (settings.archive) {
    const { Archives } = await import("../handlers/share/archives.ts");
    options.archives = new Archives();
  }
  return options;
}

async function uploads(
  settings: Settings,
): Promise<NonNullable<ShareOptions["uploads"]>> {
  const { directory, dotfiles, followSymlinks, overwrite } = settings;
  const { Uploads } = await import("../handlers/share/uploads.ts");
  const feature = new Uploads(resolve(directory), {
    subdirectory: settings.upload,
    dotfiles,
    followSymlinks,
    overwrite,
    maxBytes: settings.maxUpload,
  });
  if (!feature.exists) {
    throw new StartError(
      `Cannot take uploads into "${join(directory, settings.upload!)}": ` +
        `there is no such folder in "${directory}"`,
    );
  }
  // The server need not wait for this: nobody can ask for these files.
  feature.removeLeftovers().then((count) => {
    if (count > 0) print(`Removed ${count} unfinished upload(s).`);
  });
  return feature;
}

async function authenticator(
  settings: Settings,
): Promise<NonNullable<ShareOptions["auth"]>> {
  const [{ BasicAuthenticator }, { parsePasswordFile, parseUser }] =
    await Promise.all([
      import("../handlers/share/auth.ts"),
      import("../handlers/share/passwords.ts"),
    ]);
  const read = (texts: readonly string[]): Users =>
    new Map(texts.map((text) => parseUser(text)!));
  const users = new Map(read(settings.auth));
  if (settings.authFile !== undefined) {
    const action = `Cannot read "${settings.authFile}"`;
    try {
      const text = await Deno.readTextFile(settings.authFile);
      const file = await parsePasswordFile(text);
      for (const [user, verifier] of file.users) users.set(user, verifier);
      for (const warning of file.warnings) {
        console.error(`http-server: "${settings.authFile}": ${warning}`);
      }
    } catch (error) {
      const isOurs = error instanceof SyntaxError;
      if (isOurs) throw new StartError(`${action}: ${error.message}`);
      throw new StartError(`${action}: there is no such file to be read`);
    }
  }
  return new BasicAuthenticator({
    users: users.size > 0 ? users : undefined,
    uploaders: settings.authUpload.length > 0
      ? read(settings.authUpload)
      : undefined,
    preflight: settings.cors !== false,
  });
}
