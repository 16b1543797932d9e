// Copyright 2026 the pystd authors. MIT license.

/**
 * The settings of responses: listings, websites, the log.
 *
 * @module
 */

import type { LogFormat } from "../../handlers/share.ts";
import { UsageError } from "../errors.ts";
import { type CommandLine, LOG_FORMATS } from "../flags.ts";

/** The settings of responses. */
export interface SiteSettings {
  /** The title of the listing. */
  title: string | undefined;
  /** Whether directories are listed. */
  listing: boolean;
  /** The page of a single-page application, for missing pages. */
  spa: boolean | string;
  /** The path under which a proxy publishes this server, or "". */
  prefix: string;
  /** The path of the health check. */
  health: string | undefined;
  /** The path of the metrics. */
  metrics: string | undefined;
  /** Whether responses have `Server-Timing`. */
  serverTiming: boolean;
  /** Whether `/about` serves `about.html`. */
  cleanUrls: boolean;
  /** The value of `Cache-Control` for files. */
  cacheControl: string | undefined;
  /** The origin whose pages may read responses; `true` for any. */
  cors: boolean | string;
  /** Whether to compress text responses. */
  compression: boolean;
  /** Whether to send a compressed file beside the original. */
  precompressed: boolean;
  /** The format of the log. */
  logFormat: LogFormat;
}

/** Flags that `--plain` and `--cgi` exclude. */
const NOT_PLAIN = [
  "title",
  "no-listing",
  "spa",
  "prefix",
  "health",
  "clean-urls",
  "cache-control",
  "cors",
  "no-compression",
  "precompressed",
  "log-format",
];

/**
 * Reads the settings of responses.
 *
 * @throws {UsageError} If a value is invalid, or flags contradict each other.
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
    health: readPath("health", values.health),
    metrics: readMetricsPath(values),
    serverTiming: switches.has("server-timing"),
    cleanUrls: switches.has("clean-urls"),
    cacheControl: readFieldValue("cache-control", values["cache-control"]),
    cors: readOrigin(values.cors),
    compression: !switches.has("no-compression"),
    precompressed: switches.has("precompressed"),
    logFormat: readLogFormat(values["log-format"]),
  };
}

/** A path that a client sends as it is: nothing to encode, no `.` and no `..`. */
const PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)+$/;

function optional(value: string | undefined): boolean | string {
  return value === "" ? true : value ?? false;
}

function readPrefix(text = ""): string {
  const path = text.replace(/\/+$/, "");
  if (path === "" || PATH.test(path)) return path;
  throw new UsageError(
    `Invalid value for "--prefix": expected a path such as "/files", not "${text}"`,
  );
}

function readPath(
  flag: string,
  text: string | undefined,
): string | undefined {
  if (text === undefined || PATH.test(text)) return text;
  throw new UsageError(
    `Invalid value for "--${flag}": expected a path such as "/${flag}", not "${text}"`,
  );
}

function readMetricsPath(
  { health, metrics }: CommandLine["values"],
): string | undefined {
  const path = readPath("metrics", metrics);
  if (path === undefined || path !== health) return path;
  throw new UsageError(
    `Options "--health" and "--metrics" need different paths, not both "${path}"`,
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
