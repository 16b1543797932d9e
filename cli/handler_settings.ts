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
import type { Source } from "../sources/source.ts";
import { isTelemetryOn } from "../telemetry/is_telemetry_on.ts";
import type { MetricsPage } from "../telemetry/metrics_page.ts";
import { cannotServe } from "./errors.ts";
import type { Settings } from "./settings/settings.ts";
import type { Telemetry } from "./telemetry.ts";

/**
 * Applies settings to the static properties of a handler class.
 *
 * @param handler A new subclass.
 * @param telemetry Its telemetry, from {@linkcode loadTelemetry}.
 */
export function applySettings(
  handler: typeof SimpleHTTPRequestHandler,
  settings: Settings,
  telemetry: Telemetry | undefined,
): void {
  handler.protocolVersion = settings.protocolVersion;
  handler.freshFor = settings.freshFor;
  handler.allowedHosts = settings.allowedHosts ?? null;
  handler.trustedProxies = settings.trustedProxies;
  handler.observers = telemetry?.observers ?? null;
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
  if (storage !== undefined) {
    const { openStorage } = await import("./storage.ts");
    return await openStorage(storage);
  }
  if (zip === undefined) return undefined;
  const { ZipSource } = await import("../sources/zip.ts");
  try {
    return await ZipSource.open(zip);
  } catch (error) {
    throw cannotServe(directory, error);
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

/** Loads the telemetry that the settings or Deno ask for, if any. */
export async function loadTelemetry(
  settings: Settings,
): Promise<Telemetry | undefined> {
  const { metrics, serverTiming } = settings;
  const isWanted = metrics !== undefined || serverTiming || isTelemetryOn();
  if (!isWanted) return undefined;
  const { prepareTelemetry } = await import("./telemetry.ts");
  return await prepareTelemetry(settings);
}

/**
 * Lets a handler class answer the path of `--metrics`.
 *
 * @param Handler A class without features.
 * @param page Answers the path.
 * @returns A subclass; the same class without the flag.
 */
export function withMetrics(
  Handler: typeof SimpleHTTPRequestHandler,
  page: MetricsPage | undefined,
): typeof SimpleHTTPRequestHandler {
  if (page === undefined) return Handler;
  return class extends Handler {
    protected override dispatchRequest(): unknown {
      return page.handle(this) ? undefined : super.dispatchRequest();
    }
  };
}
