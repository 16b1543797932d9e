// Copyright 2026 the pystd authors. MIT license.

/**
 * `--cgi`: finds the scripts, the permissions that they need, and makes the
 * handler class that runs them. Loaded only when the flag is given.
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
import {
  applySettings,
  commonOptions,
  loadTelemetry,
  withMetrics,
} from "./handler_settings.ts";
import type { PermissionNeed } from "./permissions/permissions.ts";
import type { Settings } from "./settings/settings.ts";

/** The permissions that scripts need. */
export interface CgiNeeds {
  /** The permissions. */
  needs: PermissionNeed[];
  /** A warning that names the scripts that cannot run, if others can. */
  warning: string | undefined;
}

/**
 * Finds the permissions that the scripts in the directory need.
 *
 * Deno grants programs one by one: a script by its path, or an interpreter for
 * all of its scripts. If only some scripts may run, the user may have meant it:
 * the others cause a warning. If none may run, a permission is missing.
 *
 * @returns The permissions, and a warning.
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
  // Scripts inherit the server's `PATH`, where their interpreters are found.
  if (named !== undefined) {
    needs.push({
      descriptor: { name: "env", variable: "PATH" },
      action: `find "${named}" in PATH`,
    });
  }
  const action = "run CGI scripts";
  // Without scripts yet, all programs: scripts may be added later.
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

/** Makes the handler class that runs scripts. */
export async function cgiHandlerClass(
  settings: Settings,
): Promise<RequestHandlerClass> {
  class Handler extends CGIHTTPRequestHandler {}
  const telemetry = await loadTelemetry(settings);
  applySettings(Handler, settings, telemetry);
  if (settings.quiet) Handler.prototype.logRequest = () => {};
  const options = {
    ...await commonOptions(settings),
    cgiEnv: readEnvironment(settings),
  };
  return withMetrics(Handler.with(options), telemetry?.metrics);
}

/** Reads the variables for scripts now: the permission is revoked later. */
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

/** Returns the executable files in and below the script directories. */
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
    // The directory is missing, or cannot be read.
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
