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

import { readCommandLine, UsageError } from "./cli/flags.ts";
import { helpText } from "./cli/help.ts";
import { giveUp, requirePermission, StartError } from "./cli/permissions.ts";
import { readSettings, type Settings } from "./cli/settings.ts";
import { SimpleHTTPRequestHandler } from "./handlers/simple.ts";
import { flushLog } from "./io/log.ts";
import { type RequestHandlerClass, ThreadingHTTPServer } from "./server.ts";
import { VERSION } from "./version.ts";

/** The command line is wrong. */
const USAGE_STATUS = 2;
/** Something else is. */
const FAILURE_STATUS = 1;

/**
 * Runs the command until a signal ends it.
 *
 * @param args The command's arguments.
 * @returns The exit status: 0, 1 after an error, 2 if the arguments are wrong.
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
      print(helpText().trimEnd());
      return 0;
    }
    if (line.switches.has("version")) {
      print(`pystd-http-server ${VERSION}`);
      return 0;
    }
    await serve(readSettings(line));
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`http-server: ${error.message} (--help shows the options)`);
      return USAGE_STATUS;
    }
    if (error instanceof StartError) {
      console.error(`http-server: ${error.message}`);
      return FAILURE_STATUS;
    }
    throw error;
  } finally {
    flushLog();
  }
}

async function serve(settings: Settings): Promise<void> {
  const { directory } = settings;
  requirePermission(
    { name: "read", path: directory },
    `serve "${directory}"`,
    `--allow-read=${directory}`,
  );
  checkDirectory(directory);
  await using httpd = listen(settings, handlerClass(settings));
  // The socket is there: nothing else is opened but files below DIR.
  giveUp(["net", "run", "write", "env", "sys", "ffi"]);
  announce(settings, httpd.serverPort);
  const stop = new AbortController();
  const removeListeners = onStopSignals((line) => {
    print(line);
    stop.abort();
  });
  try {
    await httpd.serveForever({ signal: stop.signal });
    await httpd.serverClose();
  } finally {
    removeListeners();
  }
}

function checkDirectory(directory: string): void {
  const action = `Cannot serve "${directory}"`;
  let info: Deno.FileInfo;
  try {
    info = Deno.statSync(directory);
    Deno.readDirSync(directory);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new StartError(`${action}: there is no such directory`);
    }
    if (error instanceof Deno.errors.NotADirectory) {
      throw new StartError(`${action}: it is not a directory`);
    }
    throw new StartError(`${action}: it cannot be read`);
  }
  if (!info.isDirectory) {
    throw new StartError(`${action}: it is not a directory`);
  }
}

function handlerClass(settings: Settings): RequestHandlerClass {
  const { directory, dotfiles, followSymlinks, headers, contentType } =
    settings;
  class Handler extends SimpleHTTPRequestHandler {
    static override protocolVersion = settings.protocolVersion;
  }
  if (settings.quiet) Handler.prototype.logMessage = () => {};
  return Handler.with({
    directory,
    dotfiles,
    followSymlinks,
    headers: headers.length > 0 ? headers : undefined,
    contentType,
  });
}

function listen(
  { hostname, port }: Settings,
  handler: RequestHandlerClass,
): ThreadingHTTPServer {
  const where = `${hostname} port ${port}`;
  requirePermission(
    { name: "net", host: `${bracketed(hostname)}:${port}` },
    `listen on ${where}`,
    `--allow-net=${bracketed(hostname)}:${port}`,
  );
  try {
    return new ThreadingHTTPServer([hostname, port], handler);
  } catch (error) {
    throw new StartError(`Cannot listen on ${where}: ${whyNot(error)}`);
  }
}

function whyNot(error: unknown): string {
  if (error instanceof Deno.errors.AddrInUse) {
    return "another program listens there; choose another port, or 0 for any";
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return "this machine does not have that address";
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "the system does not allow it; ports below 1024 are reserved";
  }
  return error instanceof Error ? error.message : String(error);
}

/** CPython's line, and who can connect. */
function announce({ hostname }: Settings, port: number): void {
  const url = `http://${bracketed(hostname)}:${port}/`;
  print(`Serving HTTP on ${hostname} port ${port} (${url}) ...`);
  print(
    isLoopback(hostname)
      ? "Only this machine can connect; --lan lets others on the network in."
      : "Everybody who can reach this machine can connect.",
  );
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" ||
    hostname.startsWith("127.");
}

function bracketed(hostname: string): string {
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}

/** Calls back at the first SIGINT or SIGTERM; the second ends the process. */
function onStopSignals(stop: (line: string) => void): () => void {
  const signals: Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT", "SIGBREAK"]
    : ["SIGINT", "SIGTERM"];
  let stopping = false;
  const listeners = signals.map((signal) => {
    const listener = (): void => {
      if (stopping) Deno.exit(FAILURE_STATUS);
      stopping = true;
      stop(
        signal === "SIGINT"
          ? "\nKeyboard interrupt received, exiting."
          : `${signal} received, exiting.`,
      );
    };
    Deno.addSignalListener(signal, listener);
    return (): void => Deno.removeSignalListener(signal, listener);
  });
  return () => listeners.forEach((remove) => remove());
}

/** Prints a line; a closed stdout is no reason to stop serving. */
function print(line: string): void {
  try {
    Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
  } catch {
    // Nobody reads it.
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
