// Copyright 2026 the pystd authors. MIT license.

/**
 * Password and key files that flags name, and the log. The command does not start
 * if clients could read one of them.
 *
 * @module
 */

import { resolve, SEPARATOR } from "../files/paths.ts";
import { ServedDirectory } from "../files/served_directory.ts";
import { StartError } from "./errors.ts";
import { servesDirectory } from "./served.ts";
import type { Settings } from "./settings/settings.ts";

/**
 * Checks that no secret file is served.
 *
 * @throws {StartError} If one is.
 */
export function checkSecrets(settings: Settings): void {
  if (!servesDirectory(settings)) return;
  const { directory } = settings;
  for (const [flag, path] of secretFiles(settings)) {
    if (!isServed(path, settings)) continue;
    throw new StartError(
      `Cannot serve "${directory}": clients could read the file "${path}" of ` +
        `"--${flag}"; move it out of the directory`,
    );
  }
}

function* secretFiles(
  settings: Settings,
): Generator<[flag: string, path: string]> {
  const { auth, authUpload, config, logFile, tls } = settings;
  const { allowFile, authFile, linkKey } = settings;
  if (config !== undefined && auth.length + authUpload.length > 0) {
    yield ["config", config];
  }
  if (logFile !== undefined) yield ["log-file", logFile];
  if (authFile !== undefined) yield ["auth-file", authFile];
  if (allowFile !== undefined) yield ["allow-file", allowFile];
  if (linkKey !== undefined) yield ["link-key", linkKey];
  if (tls === undefined) return;
  const { certfile, keyfile, passwordFile } = tls;
  // A certificate is public, unless the file also has the key.
  yield keyfile === undefined ? ["tls-cert", certfile] : ["tls-key", keyfile];
  if (passwordFile !== undefined) yield ["tls-password-file", passwordFile];
}

/** Returns whether clients can read the file, by its own path or by a link. */
function isServed(path: string, settings: Settings): boolean {
  const { followSymlinks, dotfiles, file } = settings;
  const directory = resolve(settings.directory);
  const servedDirectory = new ServedDirectory(directory, {
    followSymlinks,
    dotfiles,
    file,
  });
  const places = [directory, servedDirectory.realPath() ?? directory];
  const asked = resolve(path);
  const real = servedDirectory.realPath(asked);
  if (real === undefined) return wouldBeServed(asked, servedDirectory);
  return [asked, real].some((name) =>
    places.some((place) => name.startsWith(withSeparator(place))) &&
    servedDirectory.locate(name).kind === "file"
  );
}

/** Returns whether clients could read a file that does not exist yet. */
function wouldBeServed(path: string, directory: ServedDirectory): boolean {
  const at = path.lastIndexOf(SEPARATOR);
  const folder = path.slice(0, at) || SEPARATOR;
  return directory.locate(folder).kind === "directory" &&
    !directory.hasHiddenName(path.slice(at));
}

function withSeparator(directory: string): string {
  return directory.endsWith(SEPARATOR) ? directory : directory + SEPARATOR;
}
