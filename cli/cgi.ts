// Copyright 2026 the pystd authors. MIT license.

/**
 * `--cgi`: which scripts there are, what has to be granted for them, and the
 * class that runs them. Loaded only when the flag is given.
 *
 * @module
 */

import { join, PLATFORM, resolve } from "../files/paths.ts";
import { CGIHTTPRequestHandler } from "../handlers/cgi.ts";
import {
  commandOf,
  isExecutableFile,
  mayRun,
} from "../handlers/cgi/command.ts";
import { isFoundInPath } from "../protocol/cgi/command.ts";
import type { RequestHandlerClass } from "../server/base_server.ts";
import type { PermissionNeed } from "./permissions/permissions.ts";
import type { Settings } from "./settings/settings.ts";

/** What running scripts asks for, and what cannot be run. */
export interface CgiNeeds {
  /** The permissions. */
  needs: PermissionNeed[];
  /** A line for scripts that stay forbidden, if others are not. */
  warning: string | undefined;
}

/**
 * Finds out what has to be granted for the scripts that are there now.
 *
 * Deno grants programs one by one: each script by its path, or its interpreter
 * for all of its scripts. Scripts that are forbidden beside others that are
 * not are left so, on purpose perhaps; if all are, that is an error.
 *
 * @param settings What the command was told.
 * @returns The permissions, and what they leave out.
 */
export function cgiNeeds(settings: Settings): CgiNeeds {
  const scripts = scriptsBelow(settings.directory);
  const { PATH = CGIHTTPRequestHandler.defaultPath } = readEnvironment(
    settings,
  );
  const programs = new Set<string>();
  const forbidden: string[] = [];
  for (const script of scripts) {
    const { program } = commandOf(script, PLATFORM, PATH);
    if (mayRun(program)) programs.add(program);
    else forbidden.push(program);
  }
  const needs = settings.cgiEnv.flatMap(([variable, value]): PermissionNeed[] =>
    value !== undefined ? [] : [{
      descriptor: { name: "env", variable },
      action: `pass on the variable "${variable}"`,
    }]
  );
  const named = [...programs, ...forbidden]
    .find((program) => isFoundInPath(program, PLATFORM));
  // Scripts get the server's `PATH`, in which their interpreters are found.
  if (named !== undefined) {
    needs.push({
      descriptor: { name: "env", variable: "PATH" },
      action: `find "${named}" in PATH`,
    });
  }
  const action = "run CGI scripts";
  // Scripts may be added while the command runs: then all may be run.
  const commands = scripts.length === 0
    ? [undefined]
    : programs.size === 0
    ? forbidden
    : [...programs];
  for (const command of commands) {
    needs.push({ descriptor: { name: "run", command }, action, lasts: true });
  }
  const some = forbidden.length > 0 && programs.size > 0;
  const warning = some
    ? `Cannot run without --allow-run: ${forbidden.join(", ")}`
    : undefined;
  return { needs, warning };
}

/**
 * Makes the class of handlers that run scripts.
 *
 * @param settings What the command was told.
 * @returns The class.
 */
export function cgiHandlerClass(settings: Settings): RequestHandlerClass {
  const { directory, dotfiles, followSymlinks, headers, contentType } =
    settings;
  class Handler extends CGIHTTPRequestHandler {
    static override protocolVersion = settings.protocolVersion;
    static override freshFor = settings.freshFor;
    static override allowedHosts = settings.allowedHosts ?? null;
    static override trustedProxies = settings.trustedProxies;
  }
  if (settings.quiet) Handler.prototype.logRequest = () => {};
  return Handler.with({
    directory,
    dotfiles,
    followSymlinks,
    headers: headers.length > 0 ? headers : undefined,
    contentType,
    cgiEnv: readEnvironment(settings),
  });
}

/** The variables for scripts: read now, for later that is given up. */
function readEnvironment({ cgiEnv }: Settings): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [name, value] of [["PATH", undefined], ...cgiEnv] as const) {
    const descriptor = { name: "env", variable: name } as const;
    const readable = value === undefined &&
      Deno.permissions.querySync(descriptor).state === "granted";
    const found = value ?? (readable ? Deno.env.get(name) : undefined);
    if (found !== undefined) variables[name] = found;
  }
  return variables;
}

/** The executable files in the directories of scripts, and below them. */
function scriptsBelow(root: string): string[] {
  return CGIHTTPRequestHandler.cgiDirectories
    .flatMap((directory) => [...filesBelow(join(resolve(root), directory))])
    .filter(isScript)
    .sort();
}

function* filesBelow(directory: string): Iterable<string> {
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(directory)];
  } catch {
    // There need not be such a directory, nor may it be read.
    return;
  }
  for (const { name, isDirectory } of entries) {
    const path = join(directory, name);
    if (isDirectory) yield* filesBelow(path);
    else yield path;
  }
}

function isScript(path: string): boolean {
  try {
    const { isFile, mode } = Deno.statSync(path);
    return isFile && isExecutableFile(path, mode, PLATFORM);
  } catch {
    return false;
  }
}
