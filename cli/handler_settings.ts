// Copyright 2026 the pystd authors. MIT license.

/**
 * The settings that all handler classes of the command have in common.
 *
 * @module
 */

import type { NameFilter } from "../files/hidden.ts";
import type {
  SimpleHTTPRequestHandler,
  SimpleHTTPRequestHandlerOptions,
} from "../handlers/simple.ts";
import type { RequestObserver } from "../handlers/base.ts";
import { type Source, SourceError } from "../sources/source.ts";
import { StartError } from "./errors.ts";
import { openStorage } from "./storage.ts";
import type { Settings } from "./settings/settings.ts";

/**
 * Applies settings to the static properties of a handler class.
 *
 * @param handler A new subclass.
 * @param observers The observers of its requests.
 */
export function applySettings(
  handler: typeof SimpleHTTPRequestHandler,
  settings: Settings,
  observers: readonly RequestObserver[] | null,
): void {
  handler.protocolVersion = settings.protocolVersion;
  handler.freshFor = settings.freshFor;
  handler.allowedHosts = settings.allowedHosts ?? null;
  handler.trustedProxies = settings.trustedProxies;
  handler.observers = observers;
}

/** Returns the options that all handler classes accept. */
export async function commonOptions(
  settings: Settings,
): Promise<SimpleHTTPRequestHandlerOptions> {
  const { directory, file, dotfiles, followSymlinks, headers, contentType } =
    settings;
  const source = await openSource(settings);
  return {
    ...(source === undefined
      ? { directory, file, followSymlinks }
      : { source }),
    dotfiles,
    hide: await hiddenNames(settings),
    headers: headers.length > 0 ? headers : undefined,
    contentType,
  };
}

/**
 * Opens what is served in place of a directory.
 *
 * @param settings The settings.
 * @returns The source, which the caller closes where it can be closed;
 * `undefined` for a directory.
 * @throws {StartError} If it cannot be opened.
 */
export async function openSource(
  { storage, zip, directory }: Settings,
): Promise<Source & Partial<AsyncDisposable> | undefined> {
  if (storage !== undefined) return await openStorage(storage);
  if (zip === undefined) return undefined;
  const { ZipSource } = await import("../sources/zip.ts");
  try {
    return await ZipSource.open(zip);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    throw new StartError(`Cannot serve "${directory}": ${error.detail}`);
  }
}

/** Returns what `--hide` hides; `undefined` without it. */
export async function hiddenNames(
  { hide }: Settings,
): Promise<NameFilter | undefined> {
  if (hide.length === 0) return undefined;
  const { hideNames } = await import("./hide.ts");
  return hideNames(hide);
}
