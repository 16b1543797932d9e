// Copyright 2026 the pystd authors. MIT license.

/**
 * The command: serves a directory over HTTP.
 *
 * ```sh
 * deno run -NR jsr:@pystd/http-server/cli ./share
 * ```
 *
 * @module
 */

import { StartError, UnknownOptionError, UsageError } from "./cli/errors.ts";
import { type CommandLine, readCommandLine, SHELLS } from "./cli/flags.ts";
import { broadGrantNotes, revokeUnneeded } from "./cli/permissions/revoke.ts";
import { handlerClass } from "./cli/handler.ts";
import { announce } from "./cli/announce.ts";
import { hostsToAllow } from "./cli/hosts.ts";
import { findServed, isStorage } from "./cli/served.ts";
import { listen } from "./cli/listen.ts";
import { print } from "./cli/output.ts";
import { permissionNeeds, unstableFlags } from "./cli/permissions/needs.ts";
import {
  type PermissionNeed,
  requirePermissions,
} from "./cli/permissions/permissions.ts";
import { readSettings, type Settings } from "./cli/settings/settings.ts";
import { withoutPasswords } from "./cli/settings/sharing.ts";
import { prepareSharing } from "./cli/sharing_features.ts";
import { onStopSignals } from "./cli/signals.ts";
import type { TLSSetup } from "./cli/tls.ts";
import type { ServerAddress } from "./server/address.ts";
import { drainLog } from "./io/log.ts";
import { VERSION } from "./version.ts";

/** Exit status after a wrong command line. */
const USAGE_STATUS = 2;
/** Exit status after any other error. */
const FAILURE_STATUS = 1;

/**
 * Runs the command until a signal ends it.
 *
 * @param args The command's arguments.
 * @returns The exit status: 0, 1 after an error, 2 after a usage error.
 *
 * @example Usage
 * ```ts
 * import { main } from "@pystd/http-server/cli";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(await main(["--version"]), 0);
 * ```
 */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const line = readCommandLine(args);
    if (line.switches.has("help")) {
      const { helpText } = await import("./cli/help.ts");
      print(helpText().trimEnd());
      return 0;
    }
    if (line.switches.has("version")) {
      print(`pystd-http-server ${VERSION}`);
      return 0;
    }
    if (line.values.completions !== undefined) {
      print(await completionScript(line.values.completions));
      return 0;
    }
    await serve(readSettings(await withFile(line, args)), args);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      const advice = await adviceFor(error);
      console.error(
        `http-server: ${error.message}${advice} (--help lists the options)`,
      );
      return USAGE_STATUS;
    }
    if (error instanceof StartError) {
      console.error(`http-server: ${error.message}`);
      return FAILURE_STATUS;
    }
    throw error;
  } finally {
    await drainLog();
  }
}

/** Adds the settings of `--config`. */
async function withFile(
  line: CommandLine,
  args: readonly string[],
): Promise<CommandLine> {
  const { config } = line.values;
  if (config === undefined) return line;
  const { withConfig } = await import("./cli/config.ts");
  return withConfig(line, config, withoutPasswords(args));
}

async function adviceFor(error: UsageError): Promise<string> {
  if (!(error instanceof UnknownOptionError)) return "";
  const { adviceOn } = await import("./cli/unknown_option.ts");
  return adviceOn(error.option);
}

async function completionScript(shell: string): Promise<string> {
  const known = SHELLS.find((name) => name === shell);
  if (known === undefined) {
    throw new UsageError(
      `Invalid shell "${shell}": expected one of ${SHELLS.join(", ")}`,
    );
  }
  const { completions } = await import("./cli/completions.ts");
  return completions(known).trimEnd();
}

async function serve(
  given: Settings,
  args: readonly string[],
): Promise<void> {
  const storage = isStorage(given.directory)
    ? await import("./cli/storage.ts")
    : undefined;
  storage?.checkStorage(given);
  // First: nobody has to grant what a flag needs that cannot be used here.
  const found = storage === undefined ? findServed(given) : given;
  const needs = permissionNeeds(given);
  if (given.cgi) {
    const { cgiNeeds } = await import("./cli/cgi.ts");
    const { needs: more, warning } = cgiNeeds(given);
    needs.push(...more);
    if (warning !== undefined) console.error(`http-server: ${warning}`);
  }
  needs.push(...storage?.storageNeeds(given.directory) ?? []);
  const shown = withoutPasswords(args);
  requirePermissions(needs, shown, unstableFlags(given));
  const settings = await storage?.findStorage(found) ?? found;
  const { allowFile, authFile, config, linkKey, tls, logFile } = settings;
  const secrets = [allowFile, authFile, config, linkKey, tls, logFile];
  if (secrets.some((secret) => secret !== undefined)) {
    const { checkSecrets } = await import("./cli/secrets.ts");
    checkSecrets(settings);
  }
  using _log = logFile === undefined ? undefined : await logTo(logFile);
  const ready = {
    ...await prepareSharing(settings),
    allowedHosts: await hostsToAllow(settings),
  };
  if (settings.workers > 1) {
    const { serveWithWorkers } = await import("./cli/workers/serve.ts");
    await serveWithWorkers(ready, needs, shown);
  } else {
    await serveAlone(ready, needs, shown);
  }
}

async function logTo(path: string): Promise<Disposable> {
  const { openLogFile } = await import("./cli/log_file.ts");
  return openLogFile(path);
}

async function tlsSetup(settings: Settings): Promise<TLSSetup | undefined> {
  if (settings.tls === undefined && !settings.selfSigned) return undefined;
  const { prepareTLS } = await import("./cli/tls.ts");
  return await prepareTLS(settings);
}

async function serveAlone(
  settings: Settings,
  needs: readonly PermissionNeed[],
  args: readonly string[],
): Promise<void> {
  const handler = await handlerClass(settings);
  const tls = await tlsSetup(settings);
  await using httpd = await listen(settings, handler, tls?.options);
  const { unixPath } = settings;
  using cleanup = new DisposableStack();
  if (unixPath !== undefined) {
    const { socketRemover } = await import("./cli/unix_socket.ts");
    cleanup.defer(socketRemover(unixPath));
  }
  const stop = new AbortController();
  cleanup.defer(onStopSignals((line) => {
    print(line);
    stop.abort();
  }));
  const address: ServerAddress = settings.unixPath === undefined
    ? httpd.serverAddress
    : { transport: "unix", path: settings.unixPath };
  await announce(settings, address, tls?.fingerprint);
  revokeUnneeded(needs);
  for (const line of broadGrantNotes(needs, args)) print(line);
  await httpd.serveForever({ signal: stop.signal });
  await httpd.serverClose();
}

if (import.meta.main) Deno.exit(await main(Deno.args));
