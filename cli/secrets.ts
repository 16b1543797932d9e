// Copyright 2026 the pystd authors. MIT license.

/**
 * Files that flags name and that nobody is to read: passwords and keys. The
 * command does not start while its own answers would show one of them.
 *
 * @module
 */

import { resolve, SEPARATOR } from "../files/paths.ts";
import { ServedDirectory } from "../files/served_directory.ts";
import { StartError } from "./errors.ts";
import type { Settings } from "./settings/settings.ts";

/**
 * Makes sure that no secret file is served.
 *
 * @param settings What the command was told.
 * @throws {StartError} If one is.
 */
export function checkSecrets(settings: Settings): void {
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
  { authFile, tls }: Settings,
): Generator<[flag: string, path: string]> {
  if (authFile !== undefined) yield ["auth-file", authFile];
  if (tls === undefined) return;
  const { certfile, keyfile, passwordFile } = tls;
  // A certificate is public, unless its key stands in the same file.
  yield keyfile === undefined ? ["tls-cert", certfile] : ["tls-key", keyfile];
  if (passwordFile !== undefined) yield ["tls-password-file", passwordFile];
}

/** Whether a client can get the file: by its own name or by that of a link. */
function isServed(path: string, settings: Settings): boolean {
  const { followSymlinks, dotfiles } = settings;
  const directory = resolve(settings.directory);
  const servedDirectory = new ServedDirectory(directory, {
    followSymlinks,
    dotfiles,
  });
  const places = [directory, servedDirectory.realPath() ?? directory];
  const names = [resolve(path), servedDirectory.realPath(path) ?? path];
  return names.some((name) =>
    places.some((place) => name.startsWith(withEnd(place))) &&
    servedDirectory.locate(name).kind === "file"
  );
}

function withEnd(directory: string): string {
  return directory.endsWith(SEPARATOR) ? directory : directory + SEPARATOR;
}
