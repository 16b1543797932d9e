// Copyright 2026 the pystd authors. MIT license.

/**
 * The parts that take uploads, make archives and ask for passwords: each is
 * loaded only when it is asked for.
 *
 * @module
 */

import { join, resolve } from "../files/paths.ts";
import type { ShareOptions } from "../handlers/share/options.ts";
import type { LoginThrottle } from "../handlers/share/auth/login_throttle.ts";
import type { Users } from "../handlers/share/auth/basic_authenticator.ts";
import type { Uploads } from "../handlers/share/upload/uploads.ts";
import { StartError } from "./errors.ts";
import { print } from "./output.ts";
import type { Settings } from "./settings/settings.ts";
import { asksForPasswords } from "./settings/sharing.ts";

/** What sharing adds to the options of a handler. */
export type SharingFeatures = Pick<
  ShareOptions,
  "auth" | "uploads" | "archives"
>;

/**
 * Does what is to be done once, at the start, however many workers there will
 * be: reads the file of passwords, looks for the folder for uploads, and
 * removes what was left in it when a server was ended in the middle of one.
 *
 * @param settings What the command was told.
 * @returns The same, with what was read.
 * @throws {StartError} If a part cannot do what it is to do.
 */
export async function prepareSharing(settings: Settings): Promise<Settings> {
  if (settings.upload !== undefined) await prepareUploads(settings);
  const { authFile } = settings;
  if (authFile === undefined) return settings;
  const passwords = await readPasswords(authFile);
  return { ...settings, passwords };
}

/**
 * The parts that the handler is given.
 *
 * @param settings What the command was told, prepared.
 * @param attempts What counts attempts at passwords for several workers.
 * @returns The parts.
 */
export async function loadSharingFeatures(
  settings: Settings,
  attempts?: LoginThrottle,
): Promise<SharingFeatures> {
  const options: SharingFeatures = {};
  if (asksForPasswords(settings)) {
    options.auth = await authenticator(settings, attempts);
  }
  if (settings.upload !== undefined) options.uploads = await uploads(settings);
  if (settings.archive) {
    const { Archives } = await import("../handlers/share/archive/archives.ts");
    const { cors } = settings;
    const origins = cors === true ? ["*"] : cors === false ? [] : [cors];
    options.archives = new Archives({ origins });
  }
  return options;
}

async function uploads(settings: Settings): Promise<Uploads> {
  const { directory, dotfiles, followSymlinks, overwrite } = settings;
  const { Uploads } = await import("../handlers/share/upload/uploads.ts");
  return new Uploads(resolve(directory), {
    subdirectory: settings.upload,
    dotfiles,
    followSymlinks,
    overwrite,
    maxBytes: settings.maxUpload,
    // Each worker counts for itself.
    maxTotalBytes: Math.floor(settings.maxTotal / settings.workers),
  });
}

async function prepareUploads(settings: Settings): Promise<void> {
  const { directory, upload } = settings;
  const feature = await uploads(settings);
  if (!feature.exists) {
    throw new StartError(
      `Cannot accept uploads in "${join(directory, upload!)}": ` +
        `there is no such folder in "${directory}"`,
    );
  }
  // The server need not wait for this: nobody can ask for these files.
  feature.removeLeftovers().then((count) => {
    if (count > 0) print(`Removed ${count} unfinished upload(s).`);
  });
}

async function authenticator(
  settings: Settings,
  attempts: LoginThrottle | undefined,
): Promise<NonNullable<ShareOptions["auth"]>> {
  const { BasicAuthenticator, parsePasswordFile, parseUser } = await import(
    "../handlers/share/auth/basic_authenticator.ts"
  );
  const read = (texts: readonly string[]): Users =>
    new Map(texts.map((text) => parseUser(text)!));
  const users = new Map(read(settings.auth));
  if (settings.passwords !== undefined) {
    const file = await parsePasswordFile(settings.passwords);
    for (const [user, verifier] of file.users) users.set(user, verifier);
  }
  return new BasicAuthenticator({
    users: users.size > 0 ? users : undefined,
    uploaders: settings.authUpload.length > 0
      ? read(settings.authUpload)
      : undefined,
    preflight: settings.cors !== false,
    throttle: attempts,
  });
}

/** The text of a file of passwords, which can be read as one. */
async function readPasswords(path: string): Promise<string> {
  const { parsePasswordFile } = await import(
    "../handlers/share/auth/basic_authenticator.ts"
  );
  const action = `Cannot read "${path}"`;
  try {
    const text = await Deno.readTextFile(path);
    const { warnings } = await parsePasswordFile(text);
    for (const warning of warnings) {
      console.error(`http-server: "${path}": ${warning}`);
    }
    return text;
  } catch (error) {
    const isOurs = error instanceof SyntaxError;
    if (isOurs) throw new StartError(`${action}: ${error.message}`);
    throw new StartError(
      `${action}: there is no such file, or it cannot be read`,
    );
  }
}
