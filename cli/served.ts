// Copyright 2026 the pystd authors. MIT license.

/**
 * Finds what the command serves: a directory, or one file.
 *
 * @module
 */

import { join, SEPARATOR } from "../files/paths.ts";
import { StartError } from "./errors.ts";
import type { Settings } from "./settings/settings.ts";

/** Deno reads these only with all permissions, which the command gives up. */
const GUARDED = /^\/(?:dev|proc|sys)(?:\/|$)/;

/**
 * Tells whether the directory of a command line is storage.
 *
 * @param directory The directory, as given.
 * @returns Whether it is `s3://...`.
 */
export function isStorage(directory: string): boolean {
  return directory.startsWith("s3://");
}

/**
 * Tells whether files of this machine are served, not those in a zip file or a
 * bucket.
 *
 * @param settings The settings, after {@linkcode findServed} or `findStorage()`.
 * @returns Whether the directory of the settings is one.
 */
export function servesDirectory({ storage, zip }: Settings): boolean {
  return storage === undefined && zip === undefined;
}

/**
 * Checks that the directory can be read. If it is a zip file, serves what is in it;
 * if it is another file, serves only this one.
 *
 * @param settings The settings as given.
 * @returns The settings with the directory and the file; unchanged without the
 * permission to read it, which is reported with all others.
 * @throws {StartError} If it cannot be served.
 */
export function findServed(settings: Settings): Settings {
  const { directory } = settings;
  const descriptor = { name: "read", path: directory } as const;
  if (Deno.permissions.querySync(descriptor).state !== "granted") {
    return settings;
  }
  const action = `Cannot serve "${directory}"`;
  let info: Deno.FileInfo;
  let real: string;
  try {
    info = Deno.statSync(directory);
    if (info.isDirectory) Deno.readDirSync(directory);
    real = Deno.realPathSync(directory);
    if (info.isFile) Deno.openSync(real).close();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new StartError(`${action}: there is no such directory or file`);
    }
    throw new StartError(`${action}: it cannot be read`);
  }
  if (GUARDED.test(real)) {
    throw new StartError(
      `${action}: Deno reads it only with --allow-all, which is given up`,
    );
  }
  if (info.isDirectory) return settings;
  if (!info.isFile) {
    throw new StartError(`${action}: it is no regular file and no directory`);
  }
  const isZip = /\.zip$/i.test(real);
  const flag = flagForDirectories(settings) ??
    (isZip ? flagForFiles(settings) : settings.archive ? "archive" : undefined);
  if (flag !== undefined) {
    const kind = isZip ? "zip file" : "single file";
    throw new StartError(`${action} with --${flag}: it is a ${kind}`);
  }
  if (isZip) return { ...settings, zip: real };
  const at = real.lastIndexOf(SEPARATOR);
  return {
    ...settings,
    directory: join(real.slice(0, at + 1), "."),
    file: real.slice(at + 1),
    listing: false,
  };
}

function flagForDirectories(
  { manage, upload, dav, cgi }: Settings,
): string | undefined {
  if (manage) return "manage";
  if (upload !== undefined) return "upload";
  if (dav) return "dav";
  return cgi ? "cgi" : undefined;
}

/** The flags that need files of this machine. */
function flagForFiles({ followSymlinks }: Settings): string | undefined {
  return followSymlinks ? "follow-symlinks" : undefined;
}
