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
import type { Settings } from "./settings/settings.ts";
import { loadSharingFeatures } from "./sharing_features.ts";

/**
 * Makes the handler class. Modules that only some flags need are imported only
 * if one of those flags is given.
 *
 * @param settings The settings.
 * @param attempts Counter of login attempts that workers share.
 * @returns The class.
 */
export async function handlerClass(
  settings: Settings,
  attempts?: LoginThrottle,
): Promise<RequestHandlerClass> {
  if (settings.cgi) {
    const { cgiHandlerClass } = await import("./cgi.ts");
    return cgiHandlerClass(settings);
  }
  const { directory, dotfiles, followSymlinks, headers, contentType } =
    settings;
  const common = {
    directory,
    dotfiles,
    followSymlinks,
    headers: headers.length > 0 ? headers : undefined,
    contentType,
  };
  if (settings.plain) {
    class PlainHandler extends SimpleHTTPRequestHandler {
      static override protocolVersion = settings.protocolVersion;
      static override freshFor = settings.freshFor;
      static override allowedHosts = settings.allowedHosts ?? null;
      static override trustedProxies = settings.trustedProxies;
    }
    if (settings.quiet) PlainHandler.prototype.logMessage = () => {};
    return PlainHandler.with(common);
  }
  class Handler extends ShareHTTPRequestHandler {
    static override protocolVersion = settings.protocolVersion;
    static override freshFor = settings.freshFor;
    static override allowedHosts = settings.allowedHosts ?? null;
    static override trustedProxies = settings.trustedProxies;
  }
  if (settings.quiet) Handler.prototype.logMessage = () => {};
  const sharing = await loadSharingFeatures(settings, attempts);
  // The limit on uploads applies to whole request bodies.
  if (sharing.uploads) Handler.maxBodyBytes = settings.maxUpload;
  return Handler.with({ ...common, ...shareOptions(settings), ...sharing });
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
    logColors: logFormat !== "json" && !Deno.noColor &&
      Deno.stderr.isTerminal(),
  };
}
