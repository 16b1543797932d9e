// Copyright 2026 the pystd authors. MIT license.

/**
 * Makes the handler class from the settings.
 *
 * @module
 */

import {
  ShareHTTPRequestHandler,
  type ShareOptions,
} from "../handlers/share.ts";
import type { LoginThrottle } from "../handlers/share/auth/login_throttle.ts";
import { SimpleHTTPRequestHandler } from "../handlers/simple.ts";
import type { RequestHandlerClass } from "../server/base_server.ts";
import {
  applySettings,
  commonOptions,
  loadTelemetry,
  withMetrics,
} from "./handler_settings.ts";
import type { Settings } from "./settings/settings.ts";
import { loadSharingFeatures } from "./sharing_features.ts";

/**
 * Makes the handler class. Modules that only some flags need are imported only
 * if one of those flags is given.
 *
 * @param throttle The limit on login attempts that workers share.
 */
export async function handlerClass(
  settings: Settings,
  throttle?: LoginThrottle,
): Promise<RequestHandlerClass> {
  if (settings.cgi) {
    const { cgiHandlerClass } = await import("./cgi.ts");
    return await cgiHandlerClass(settings);
  }
  const common = await commonOptions(settings);
  const telemetry = await loadTelemetry(settings);
  if (settings.plain) {
    class PlainHandler extends SimpleHTTPRequestHandler {}
    applySettings(PlainHandler, settings, telemetry);
    if (settings.quiet) PlainHandler.prototype.logMessage = () => {};
    return withMetrics(PlainHandler.with(common), telemetry?.metrics);
  }
  class Handler extends ShareHTTPRequestHandler {}
  applySettings(Handler, settings, telemetry);
  if (settings.quiet) Handler.prototype.logMessage = () => {};
  const sharing = await loadSharingFeatures(settings, throttle);
  // The limit on uploads applies to whole request bodies.
  if (sharing.uploads) Handler.maxBodyBytes = settings.maxUpload;
  return Handler.with({
    ...common,
    ...shareOptions(settings),
    ...sharing,
    metrics: telemetry?.metrics,
  });
}

function shareOptions(settings: Settings): ShareOptions {
  const {
    title,
    listing,
    spa,
    prefix,
    cleanUrls,
    cacheControl,
    cors,
    compression,
    precompressed,
    logFile,
  } = settings;
  const logFormat = settings.quiet ? "python" : settings.logFormat;
  return {
    title,
    listing,
    spa,
    prefix,
    cleanUrls,
    cacheControl,
    cors,
    sameOrigin: true,
    compression,
    precompressed,
    logFormat,
    logColors: logFormat !== "json" && logFile === undefined &&
      !Deno.noColor &&
      Deno.stderr.isTerminal(),
  };
}
