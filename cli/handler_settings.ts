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
  const { storage } = settings;
  return {
    ...(storage === undefined
      ? { directory, file, followSymlinks }
      : { source: await openStorage(storage) }),
    dotfiles,
    hide: await hiddenNames(settings),
    headers: headers.length > 0 ? headers : undefined,
    contentType,
  };
}

/** Returns what `--hide` hides; `undefined` without it. */
export async function hiddenNames(
  { hide }: Settings,
): Promise<NameFilter | undefined> {
  if (hide.length === 0) return undefined;
  const { hideNames } = await import("./hide.ts");
  return hideNames(hide);
}
