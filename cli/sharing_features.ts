// Copyright 2026 the pystd authors. MIT license.

/**
 * Uploads, archives, hashes, passwords, health checks. Each feature is loaded
 * only if a flag asks for it.
 *
 * @module
 */

import { join, resolve } from "../files/paths.ts";
import type { ShareOptions } from "../handlers/share/options.ts";
import type { LoginThrottle } from "../handlers/share/auth/login_throttle.ts";
import type { Verifier } from "../handlers/share/auth/passwords.ts";
import type { WebDAVOptions } from "../handlers/share/dav/webdav.ts";
import type { SourceUploads } from "../handlers/share/upload/source_uploads.ts";
import type { Uploads } from "../handlers/share/upload/uploads.ts";
import { StartError } from "./errors.ts";
import { hiddenNames } from "./handler_settings.ts";
import { print } from "./output.ts";
import type { S3SourceOptions } from "../sources/s3.ts";
import type { Settings } from "./settings/settings.ts";
import { asksForPasswords, hasLinks, hasRules } from "./settings/sharing.ts";

/** The sharing features of a handler. */
export type SharingFeatures = Pick<
  ShareOptions,
  | "auth"
  | "rights"
  | "links"
  | "health"
  | "uploads"
  | "manage"
  | "dav"
  | "archives"
  | "hashes"
>;

/**
 * Prepares sharing once, before workers start: reads the files of passwords and
 * rules, checks the folder for uploads, and removes unfinished uploads of an earlier
 * run.
 *
 * @returns The settings, with the content of those files.
 * @throws {StartError} If a file or the folder is missing or bad.
 */
export async function prepareSharing(settings: Settings): Promise<Settings> {
  const { upload, storage } = settings;
  if (upload !== undefined && storage === undefined) {
    await prepareUploads(settings);
  }
  const { authFile } = settings;
  const passwords = authFile && await readPasswords(authFile);
  const ready = { ...settings, passwords };
  if (hasRules(settings)) {
    const { readRules } = await import("./rights.ts");
    const users = new Set((await usersOf(ready)).keys());
    ready.rules = await readRules(settings, users);
  }
  if (hasLinks(settings)) {
    const { prepareLinks } = await import("./links.ts");
    ready.linkSecret = await prepareLinks(settings);
  }
  return ready;
}

/**
 * Loads the features that the settings ask for.
 *
 * @param settings The settings, after `prepareSharing()`.
 * @param throttle The limit on login attempts that workers share.
 * @returns The features, as options of the handler.
 */
export async function loadSharingFeatures(
  settings: Settings,
  throttle?: LoginThrottle,
): Promise<SharingFeatures> {
  const options: SharingFeatures = {};
  if (asksForPasswords(settings)) {
    options.auth = await authenticator(settings, throttle);
  }
  const { rules } = settings;
  if (rules !== undefined) {
    const { PathRights } = await import(
      "../handlers/share/rights/path_rights.ts"
    );
    const elsewhere = asksForPasswords(settings) ? "users" : "everybody";
    options.rights = new PathRights({ rules, elsewhere });
  }
  if (settings.linkSecret !== undefined) {
    const { SignedLinks } = await import(
      "../handlers/share/link/signed_links.ts"
    );
    const { rights } = options;
    options.links = new SignedLinks({ key: settings.linkSecret, rights });
  }
  if (settings.health !== undefined) {
    const { HealthCheck } = await import("../handlers/share/health_check.ts");
    options.health = new HealthCheck(settings.health);
  }
  if (settings.storage !== undefined) {
    if (settings.upload !== undefined) {
      await addSourceWriting(options, settings, settings.storage);
    }
  } else if (settings.upload !== undefined) {
    await addWriting(options, settings);
  } else if (settings.dav) options.dav = await webDAV({});
  const { cors } = settings;
  const origins = cors === true ? ["*"] : cors === false ? [] : [cors];
  if (settings.archive) {
    const { Archives } = await import("../handlers/share/archive/archives.ts");
    options.archives = new Archives({ origins });
  }
  if (settings.hash) {
    const { Hashes } = await import("../handlers/share/hash/hashes.ts");
    options.hashes = new Hashes({ origins });
  }
  return options;
}

/** Adds the features that write, and WebDAV, which has to know them. */
async function addWriting(
  options: SharingFeatures,
  settings: Settings,
): Promise<void> {
  const features: WebDAVOptions = { uploads: await uploads(settings) };
  if (settings.manage) {
    const { Management } = await import(
      "../handlers/share/manage/management.ts"
    );
    features.manage = new Management(features.uploads!);
  }
  Object.assign(options, features);
  if (settings.dav) options.dav = await webDAV(features);
}

/** Adds the features that write to a bucket. */
async function addSourceWriting(
  options: SharingFeatures,
  settings: Settings,
  storage: S3SourceOptions,
): Promise<void> {
  const uploads = await sourceUploads(settings, storage);
  options.uploads = uploads;
  if (!settings.manage) return;
  const { SourceManagement } = await import(
    "../handlers/share/manage/source_management.ts"
  );
  options.manage = new SourceManagement(uploads);
}

async function webDAV(
  features: WebDAVOptions,
): Promise<SharingFeatures["dav"]> {
  const { WebDAV } = await import("../handlers/share/dav/webdav.ts");
  return new WebDAV(features);
}

async function sourceUploads(
  settings: Settings,
  storage: S3SourceOptions,
): Promise<SourceUploads> {
  const { dotfiles, overwrite, maxUpload: maxBytes } = settings;
  const { SourceUploads } = await import(
    "../handlers/share/upload/source_uploads.ts"
  );
  const { openStorage } = await import("./storage.ts");
  return new SourceUploads(await openStorage(storage), {
    dotfiles,
    hide: await hiddenNames(settings),
    overwrite,
    maxBytes,
  });
}

async function uploads(settings: Settings): Promise<Uploads> {
  const { directory, dotfiles, followSymlinks, overwrite } = settings;
  const { Uploads } = await import("../handlers/share/upload/uploads.ts");
  return new Uploads(resolve(directory), {
    subdirectory: settings.upload,
    dotfiles,
    hide: await hiddenNames(settings),
    followSymlinks,
    overwrite,
    maxBytes: settings.maxUpload,
    // Each worker counts its own uploads.
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
  // Not awaited: clients cannot request these files.
  feature.removeLeftovers().then((count) => {
    if (count > 0) print(`Removed ${count} unfinished upload(s).`);
  });
}

async function authenticator(
  settings: Settings,
  throttle: LoginThrottle | undefined,
): Promise<NonNullable<ShareOptions["auth"]>> {
  const { BasicAuthenticator, parseUser } = await import(
    "../handlers/share/auth/basic_authenticator.ts"
  );
  const users = await usersOf(settings);
  const uploaders = settings.authUpload.map((text) => parseUser(text)!);
  return new BasicAuthenticator({
    users: users.size > 0 ? users : undefined,
    uploaders: uploaders.length > 0 ? new Map(uploaders) : undefined,
    optional: settings.rules !== undefined,
    preflight: settings.cors !== false,
    throttle,
  });
}

/** Returns the users of `--auth` and `--auth-file`. */
async function usersOf(
  { auth, passwords }: Settings,
): Promise<Map<string, Verifier>> {
  const { parsePasswordFile, parseUser } = await import(
    "../handlers/share/auth/passwords.ts"
  );
  const users = new Map(auth.map((text) => parseUser(text)!));
  if (passwords === undefined) return users;
  const file = await parsePasswordFile(passwords);
  for (const [user, verifier] of file.users) users.set(user, verifier);
  return users;
}

/** Returns the text of a password file after a check of its syntax. */
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
