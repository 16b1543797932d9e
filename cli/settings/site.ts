// Copyright 2026 the pystd authors. MIT license.

/**
 * From a command line to how the files are shown: listings, sites, the log.
 *
 * @module
 */

import type { LogFormat } from "../../handlers/share.ts";
import { UsageError } from "../errors.ts";
import { type CommandLine, LOG_FORMATS } from "../flags.ts";

/** How the files are shown. */
export interface SiteSettings {
  /** What the listing calls the directory. */
  title: string | undefined;
  /** Whether directories are listed. */
  listing: boolean;
  /** The page of an application with routes of its own. */
  spa: boolean | string;
  /** The path that a proxy serves this below; empty if none. */
  prefix: string;
  /** Whether `/about` is the address of `about.html`. */
  cleanUrls: boolean;
  /** The value of `Cache-Control` for files. */
  cacheControl: string | undefined;
  /** Whose pages may read what is served; `true` is any origin. */
  cors: boolean | string;
  /** Whether texts are compressed on their way. */
  compression: boolean;
  /** Whether compressed files beside the original are sent. */
  precompressed: boolean;
  /** The form of the log. */
  logFormat: LogFormat;
}

/** The flags that mean nothing to the handlers that do as CPython's. */
const NOT_PLAIN = [
  "title",
  "no-listing",
  "spa",
  "prefix",
  "clean-urls",
  "cache-control",
  "cors",
  "no-compression",
  "precompressed",
  "log-format",
];

/**
 * Makes sense of the flags that are about how files are shown.
 *
 * @param line The command line.
 * @returns The settings.
 * @throws {UsageError} If it makes none.
 */
export function readSiteSettings(
  { values, switches }: CommandLine,
): SiteSettings {
  const misplaced = NOT_PLAIN.find((name) =>
    switches.has(name) || values[name] !== undefined
  );
  const other = ["plain", "cgi"].find((name) => switches.has(name));
  if (other !== undefined && misplaced !== undefined) {
    throw new UsageError(
      `Options "--${other}" and "--${misplaced}" cannot be combined`,
    );
  }
  return {
    title: values.title,
    listing: !switches.has("no-listing"),
    spa: optional(values.spa),
    prefix: readPrefix(values.prefix),
    cleanUrls: switches.has("clean-urls"),
    cacheControl: readFieldValue("cache-control", values["cache-control"]),
    cors: readOrigin(values.cors),
    compression: !switches.has("no-compression"),
    precompressed: switches.has("precompressed"),
    logFormat: readLogFormat(values["log-format"]),
  };
}

function optional(value: string | undefined): boolean | string {
  return value === "" ? true : value ?? false;
}

function readPrefix(text = ""): string {
  const path = text.replace(/\/+$/, "");
  if (path === "" || /^(?:\/[\w.~-]+)+$/.test(path)) return path;
  throw new UsageError(
    `Invalid value for "--prefix": expected a path such as "/files", not "${text}"`,
  );
}

function readOrigin(text: string | undefined): boolean | string {
  if (text === undefined || text === "" || text === "*") {
    return text !== undefined;
  }
  if (URL.canParse(text) && new URL(text).origin === text) return text;
  throw new UsageError(
    `Invalid origin "${text}": expected one such as "https://example.com"`,
  );
}

function readFieldValue(
  name: string,
  text: string | undefined,
): string | undefined {
  if (text === undefined || /^[\t\x20-\x7e]*$/.test(text)) return text;
  throw new UsageError(`Invalid value for "--${name}": "${text}"`);
}

function readLogFormat(text = "python"): LogFormat {
  const known = LOG_FORMATS.find((format) => format === text);
  if (known !== undefined) return known;
  throw new UsageError(
    `Invalid log format "${text}": expected one of ${LOG_FORMATS.join(", ")}`,
  );
}
