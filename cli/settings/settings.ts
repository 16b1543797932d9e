// Copyright 2026 the pystd authors. MIT license.

/**
 * Turns a command line into settings.
 *
 * @module
 */

import { isToken } from "../../protocol/octets.ts";
import type { S3SourceOptions } from "../../sources/s3.ts";
import type { MetricTables } from "../../telemetry/metric_tables.ts";
import { UsageError } from "../errors.ts";
import type { CommandLine } from "../flags.ts";
import { type ListenSettings, readListenSettings } from "./listen.ts";
import { readSharingSettings, type SharingSettings } from "./sharing.ts";
import { readSiteSettings, type SiteSettings } from "./site.ts";

/** The settings of the command. */
export interface Settings
  extends ListenSettings, SiteSettings, SharingSettings {
  /** The directory, as given. */
  directory: string;
  /** The only file of the directory to serve, set at the start. */
  file?: string;
  /** The store that is served in place of a directory, set at the start. */
  storage?: S3SourceOptions;
  /** The zip file that is served in place of a directory, set at the start. */
  zip?: string;
  /** The HTTP version. */
  protocolVersion: string;
  /** Header fields for every response. */
  headers: [name: string, value: string][];
  /** The media type of files with an unknown extension. */
  contentType: string | undefined;
  /** Whether to respond as CPython does. */
  plain: boolean;
  /** Whether to serve hidden files. */
  dotfiles: boolean;
  /** Globs of more hidden names. */
  hide: readonly string[];
  /** Whether to follow symbolic links out of the directory. */
  followSymlinks: boolean;
  /** How long to reuse file information, in ms. */
  freshFor: number;
  /** The tables that threads share for `--metrics`, set at the start. */
  metricTables?: MetricTables;
  /** The file with further flags. */
  config: string | undefined;
  /** The file of the log; `undefined` for stderr. */
  logFile: string | undefined;
  /** Whether to log no requests. */
  quiet: boolean;
  /** Whether to run CGI scripts. */
  cgi: boolean;
  /** Variables for scripts; one without a value is inherited. */
  cgiEnv: [name: string, value: string | undefined][];
}

/**
 * Reads the settings from a command line.
 *
 * @throws {UsageError} If a value is invalid, or flags contradict each other.
 */
export function readSettings(line: CommandLine): Settings {
  const { values, lists, switches } = line;
  const ports: string[] = [];
  const directories: string[] = [];
  for (const argument of line.positionals) {
    (isDigits(argument) ? ports : directories).push(argument);
  }
  if (values.port !== undefined) ports.push(values.port);
  if (values.directory !== undefined) directories.push(values.directory);
  let protocolVersion = "HTTP/1.1";
  if (values.protocol !== undefined) {
    // Other servers use `-p 9000` for the port.
    if (isDigits(values.protocol)) ports.push(values.protocol);
    else protocolVersion = readProtocol(values.protocol);
  }
  if (lists["cgi-env"] !== undefined && !switches.has("cgi")) {
    throw new UsageError('Option "--cgi-env" requires "--cgi"');
  }
  const settings = {
    directory: atMostOne("directory", directories) ?? ".",
    ...readListenSettings(line, atMostOne("port", ports)),
    ...readSiteSettings(line),
    ...readSharingSettings(line),
    protocolVersion,
    headers: (lists.header ?? []).map(readHeader),
    contentType: values["content-type"],
    plain: switches.has("plain"),
    dotfiles: switches.has("dotfiles"),
    hide: (lists.hide ?? []).map(readGlob),
    followSymlinks: switches.has("follow-symlinks"),
    freshFor: readMilliseconds("fresh", values.fresh),
    config: values.config,
    logFile: values["log-file"],
    quiet: switches.has("quiet"),
    cgi: switches.has("cgi"),
    cgiEnv: (lists["cgi-env"] ?? []).map(readVariable),
  };
  return settings;
}

function isDigits(text: string): boolean {
  return /^[0-9]+$/.test(text);
}

function atMostOne(what: string, given: string[]): string | undefined {
  if (given.length <= 1) return given[0];
  const all = given.map((item) => `"${item}"`).join(" and ");
  throw new UsageError(`More than one ${what} was given: ${all}`);
}

function readProtocol(text: string): string {
  if (text === "HTTP/1.0" || text === "HTTP/1.1") return text;
  throw new UsageError(
    `Invalid protocol "${text}": expected HTTP/1.0 or HTTP/1.1`,
  );
}

function readGlob(text: string): string {
  if (!/[\\/]/.test(text)) return text;
  throw new UsageError(
    `Invalid value for "--hide": expected a name such as "*.key", not a path such as "${text}"`,
  );
}

function readMilliseconds(flag: string, text = "0"): number {
  if (/^[0-9]{1,9}$/.test(text)) return Number(text);
  throw new UsageError(
    `Invalid value for "--${flag}": expected a number of milliseconds`,
  );
}

function readVariable(text: string): [string, string | undefined] {
  const [name, value] = text.split(/=(.*)/s);
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new UsageError(
      `Invalid variable "${text}": expected NAME or NAME=VALUE`,
    );
  }
  return [name, value];
}

function readHeader(text: string): [string, string] {
  const colon = text.indexOf(":");
  const name = text.slice(0, colon).trim();
  const value = text.slice(colon + 1).trim();
  if (
    colon === -1 || !isToken(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)
  ) {
    throw new UsageError(`Invalid header "${text}": expected "NAME: VALUE"`);
  }
  if (/^(?:content-length|transfer-encoding)$/i.test(name)) {
    throw new UsageError(
      `Invalid header "${text}": the server sets it for each response`,
    );
  }
  return [name, value];
}
