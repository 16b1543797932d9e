// Copyright 2026 the pystd authors. MIT license.

/**
 * {@linkcode CGIHTTPRequestHandler}: runs scripts and serves files.
 *
 * The life of a request for a script:
 *
 *     isCgi      is the path that of a script
 *     runCgi     is there such a script, may it be run, are not too many
 *       start    its environment, its process
 *       relay    its header block, then its output as it comes;
 *                meanwhile the request's body goes to its stdin,
 *                and a client that goes away ends it
 *
 * @example Run a script
 * ```ts
 * import { CGIHTTPRequestHandler } from "@pystd/http-server/handlers/cgi";
 * import { ThreadingHTTPServer } from "@pystd/http-server/server";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const directory = Deno.makeTempDirSync();
 * Deno.mkdirSync(`${directory}/cgi-bin`);
 * Deno.writeTextFileSync(
 *   `${directory}/cgi-bin/hello.sh`,
 *   `#!/bin/sh
 * echo 'Content-Type: text/plain'
 * echo
 * echo "Hello, $QUERY_STRING"
 * `,
 *   { mode: 0o755 },
 * );
 * class Quiet extends CGIHTTPRequestHandler {
 *   override logMessage(): void {}
 * }
 *
 * await using httpd = new ThreadingHTTPServer(
 *   ["127.0.0.1", 0],
 *   Quiet.with({ directory }),
 * );
 * const served = httpd.serveForever();
 * const response = await fetch(
 *   `http://127.0.0.1:${httpd.serverPort}/cgi-bin/hello.sh?you`,
 * );
 * assertEquals(await response.text(), "Hello, you\n");
 * await httpd.shutdown();
 * await served;
 * ```
 *
 * @module
 */

import { markFilesChanged } from "../files/freshness.ts";
import { PLATFORM } from "../files/paths.ts";
import type { ReadyFile } from "../files/lookup.ts";
import type { RequestBody } from "../io/request_body.ts";
import { isPythonScript, systemPath } from "../protocol/cgi/command.ts";
import { cgiEnvironment } from "../protocol/cgi/environment.ts";
import {
  collapseCgiPath,
  searchWords,
  splitAtDirectory,
  splitAtScript,
} from "../protocol/cgi/path.ts";
import { parseHost } from "../protocol/host.ts";
import { ascii, repr } from "../python/text.ts";
import { quote } from "../protocol/percent_encoding.ts";
import { RequestError } from "../protocol/request_error.ts";
import { splitTarget } from "../protocol/request_target.ts";
import type { HTTPServer } from "../server/http_server.ts";
import {
  commandOf,
  isExecutableFile,
  mayRun,
  searchPath,
} from "./cgi/command.ts";
import { isSomethingElse, leadsToScripts } from "./cgi/script_directories.ts";
import { relayOutput } from "./cgi/relay.ts";
import { runningOn, ScriptProcess } from "./cgi/script_process.ts";
import { closeFile } from "./simple/body.ts";
import {
  type ResponseBody,
  SimpleHTTPRequestHandler,
  type SimpleHTTPRequestHandlerOptions,
} from "./simple.ts";

/** Options of {@linkcode CGIHTTPRequestHandler}. */
export interface CGIHTTPRequestHandlerOptions
  extends SimpleHTTPRequestHandlerOptions {
  /**
   * Variables that every script gets besides those of its request. `PATH` is
   * that of the server where `--allow-env=PATH` is granted, and
   * `CGIHTTPRequestHandler.defaultPath` otherwise.
   *
   * @default {{}}
   */
  cgiEnv?: Readonly<Record<string, string>>;
}

/** A script that was found, and what it is asked. */
interface Script {
  scriptName: string;
  scriptFile: string;
  pathInfo: string;
  query: string;
}

/** A body for a script. */
interface ScriptInput {
  length: number;
  source: RequestBody | Uint8Array;
}

/** How soon a client may ask again when too many scripts run, in seconds. */
const RETRY_AFTER = 1;

/**
 * Serves files as {@linkcode SimpleHTTPRequestHandler} does, and runs those
 * in `cgiDirectories` as CGI scripts.
 *
 * A script gets the environment of RFC 3875 and nothing of the server's own
 * but `PATH`. Its header block is parsed; its output is sent as it comes.
 *
 * Source: CPython 3.14, `http.server.CGIHTTPRequestHandler`; RFC 3875.
 *
 * @example Usage
 * ```ts
 * import { CGIHTTPRequestHandler } from "@pystd/http-server/handlers/cgi";
 * import { assertEquals } from "@std/assert/equals";
 *
 * class Handler extends CGIHTTPRequestHandler {
 *   static override cgiDirectories = ["/scripts"];
 *   static override cgiTimeout = 5000;
 * }
 * assertEquals(Handler.protocolVersion, "HTTP/1.1");
 * ```
 */
export class CGIHTTPRequestHandler extends SimpleHTTPRequestHandler {
  /** Names of the options that `with()` takes. */
  static override optionNames: readonly string[] = [
    ...SimpleHTTPRequestHandler.optionNames,
    "cgiEnv",
  ];
  /** The directories of scripts, and what is below them. */
  static cgiDirectories: readonly string[] = ["/cgi-bin", "/htbin"];
  /** The `PATH` of scripts where that of the server is not to be read. */
  static defaultPath: string = systemPath(PLATFORM);
  /** How long a script may run, in ms: one that streams may take its time. */
  static cgiTimeout = 3600000;
  /** How long a script may be silent, in ms: Apache's limit. */
  static cgiSilence = 60000;
  /** From a client's end to SIGTERM, and from there to SIGKILL, in ms. */
  static cgiGrace = 2000;
  /** How many scripts may run at once on a server; 503 for more. */
  static maxCgiProcesses = 128;
  /** A script's header block, in bytes, as that of a request in Apache. */
  static maxCgiHeadBytes = 65536;
  /** A request's body without a length is kept up to here, in bytes (411). */
  static maxCgiSpoolBytes = 1048576;
  /** Redirects within the server for one request: Apache's limit (502). */
  static maxCgiRedirects = 10;

  /** The directory of the script, and what follows it; set by `isCgi()`. */
  cgiInfo: readonly [directory: string, rest: string] = ["", ""];
  /** The options, as they were given. */
  declare protected readonly options: CGIHTTPRequestHandlerOptions;
  /** How often the request has been redirected within the server. */
  #redirects = 0;
  #retryAfter: number | undefined;

  /**
   * A subclass with options: what `functools.partial` is for in Python.
   *
   * @param options The options.
   * @returns The subclass.
   *
   * @example Usage
   * ```ts
   * import { CGIHTTPRequestHandler } from "@pystd/http-server/handlers/cgi";
   * import { assert } from "@std/assert/assert";
   *
   * const Handler = CGIHTTPRequestHandler.with({ cgiEnv: { LANG: "C" } });
   * assert(Handler.prototype instanceof CGIHTTPRequestHandler);
   * ```
   */
  static override with<T extends typeof SimpleHTTPRequestHandler>(
    this: T,
    options: CGIHTTPRequestHandlerOptions,
  ): T {
    return SimpleHTTPRequestHandler.with.call(this, options) as T;
  }

  get #class(): typeof CGIHTTPRequestHandler {
    return this.constructor as typeof CGIHTTPRequestHandler;
  }

  /** Serves a POST request, which only scripts are for. */
  do_POST(): void | Promise<void> {
    if (this.isCgi()) return this.runCgi();
    this.sendError(501, "Can only POST to CGI scripts");
  }

  /**
   * Sends the head of the response to a GET or HEAD, or all that a script has
   * to say.
   *
   * @returns What is to be sent as its body, `null` if nothing is.
   */
  override sendHead(): ResponseBody | null | Promise<ResponseBody | null> {
    // A script that is asked for by GET may write, too.
    if (this.isCgi()) {
      return this.runCgi().finally(markFilesChanged).then(() => null);
    }
    return super.sendHead();
  }

  /**
   * Sends the page that lists a directory, unless it is one of scripts.
   *
   * @param path The directory.
   * @returns The page's bytes, `null` if an error has been sent.
   */
  override listDirectory(
    path: string,
  ): ResponseBody | null | Promise<ResponseBody | null> {
    return this.#isOfScripts(path)
      ? this.sendNotFound(path)
      : super.listDirectory(path);
  }

  /**
   * Answers with a file, unless it is a script: its source is not to be shown.
   *
   * @param path Its path, as of `translatePath()`.
   * @param file The file.
   * @returns What is to be sent as the body, `null` if nothing is.
   */
  protected override sendFile(
    path: string,
    file: ReadyFile,
  ): ResponseBody | null | Promise<ResponseBody | null> {
    if (!this.#isOfScripts(path)) return super.sendFile(path, file);
    closeFile(file);
    return this.sendNotFound(path);
  }

  /** Ends the header block. */
  override endHeaders(): void {
    if (this.#retryAfter !== undefined) {
      this.sendHeader("Retry-After", this.#retryAfter);
      this.#retryAfter = undefined;
    }
    super.endHeaders();
  }

  /**
   * Whether the request is for a script: its path, collapsed, leads into one of
   * `cgiDirectories`. Then `cgiInfo` says into which.
   *
   * @returns Whether to call `runCgi()`.
   * @throws {RequestError} If the path leads above the root: 404.
   */
  isCgi(): boolean {
    const path = collapseCgiPath(this.path);
    // Differs from CPython, which raises IndexError and answers nothing.
    if (path === undefined) throw new RequestError(404, "File not found");
    const split = splitAtDirectory(path, this.#class.cgiDirectories);
    if (split === undefined) return false;
    const { query } = splitTarget(this.path);
    const [directory, rest] = split;
    this.cgiInfo = [directory, query === "" ? rest : `${rest}?${query}`];
    return true;
  }

  /**
   * Whether a file may be run: on Windows, whether its extension says by what.
   *
   * @param path The file's path.
   * @returns Whether it has an execute bit.
   */
  isExecutable(path: string): boolean {
    try {
      return isExecutableFile(path, Deno.statSync(path).mode, PLATFORM);
    } catch {
      return false;
    }
  }

  /**
   * Whether a file is a Python script by its name. Nothing here asks: a script
   * is run by what its first line names, on Windows by what its extension does.
   *
   * @param path The file's path.
   * @returns Whether it ends in `.py` or `.pyw`.
   */
  isPython(path: string): boolean {
    return isPythonScript(path);
  }

  /** Runs the script that `cgiInfo` names, and answers with what it says. */
  runCgi(): Promise<void> {
    return this.waitUntil(this.#runCgi());
  }

  async #runCgi(): Promise<void> {
    const script = this.#findScript();
    if (script === undefined) return;
    const input = await this.#readInput();
    if (input === "refused") return;
    const running = runningOn(this.server);
    if (running.size >= this.#class.maxCgiProcesses) {
      this.logError("Too many CGI scripts are running");
      return this.#sendUnavailable();
    }
    const process = this.#start(script, input);
    if (process === undefined) return;
    running.add(process);
    const over = new AbortController();
    const fed = this.#feed(process, input);
    this.#watchClient(process, fed, over.signal);
    let location: string | undefined;
    try {
      location = await relayOutput(
        this,
        process,
        script.scriptName,
        this.#class.maxCgiHeadBytes,
      );
    } catch (error) {
      process.terminate();
      throw error;
    } finally {
      over.abort();
      const code = await process.ended();
      await fed;
      running.delete(process);
      if (code !== 0) this.logError("CGI script exit code %d", code);
    }
    if (location !== undefined) await this.#redirect(location);
  }

  /** The script in `cgiInfo`, if there is one that may be run. */
  #findScript(): Script | undefined {
    const { query } = splitTarget(this.path);
    const [directory, info] = this.cgiInfo;
    const suffix = query === "" ? "" : `?${query}`;
    const rest = info.endsWith(suffix)
      ? info.slice(0, info.length - suffix.length)
      : info;
    const file = (path: string): string => this.translatePath(quote(path));
    const { scriptName, pathInfo } = splitAtScript(
      directory,
      rest,
      (path) => this.servedDirectory.locate(file(path)).kind === "directory",
    );
    const scriptFile = file(scriptName);
    const located = this.servedDirectory.locate(scriptFile);
    const shown = isLatin1(scriptName) ? repr(scriptName) : ascii(scriptName);
    // A NUL can stand in no variable either.
    const unnamable = !pathInfo.isWellFormed() || pathInfo.includes("\0");
    const hidden = !(this.options.dotfiles ?? true) &&
      /\/\./.test(scriptName);
    const missing = located.kind === "missing" &&
      !isSomethingElse(scriptFile, this.servedDirectory);
    if (unnamable || hidden || missing) {
      this.sendError(404, `No such CGI script (${shown})`);
    } else if (located.kind !== "file") {
      this.sendError(403, `CGI script is not a plain file (${shown})`);
    } else if (!this.isExecutable(scriptFile)) {
      this.sendError(403, `CGI script is not executable (${shown})`);
    } else return { scriptName, scriptFile, pathInfo, query };
    return undefined;
  }

  #isOfScripts(path: string): boolean {
    return leadsToScripts(path, this.directory, this.#class.cgiDirectories);
  }

  /**
   * The body for the script. One without a length is kept until its length is
   * known, which RFC 3875 section 4.2 wants.
   */
  async #readInput(): Promise<ScriptInput | undefined | "refused"> {
    const { fields, rfile } = this;
    if (this.#redirects > 0) return undefined;
    if (fields.get("transfer-encoding") === undefined) {
      const length = Number.parseInt(fields.get("content-length") ?? "");
      return Number.isNaN(length) ? undefined : { length, source: rfile };
    }
    const most = this.#class.maxCgiSpoolBytes;
    const source = await rfile.read(most + 1);
    if (source.length <= most) return { length: source.length, source };
    this.sendError(411);
    return "refused";
  }

  #start(
    script: Script,
    input: ScriptInput | undefined,
  ): ScriptProcess | undefined {
    const cls = this.#class;
    const { scriptName, scriptFile, query } = script;
    const env = this.#environment(script, input?.length);
    // A lenient head may hold a NUL, which no variable can.
    if (Object.values(env).some((value) => value.includes("\0"))) {
      this.sendError(400);
      return undefined;
    }
    const { program, args, takesWords } = commandOf(
      scriptFile,
      PLATFORM,
      env.PATH,
    );
    try {
      return new ScriptProcess({
        program,
        args: takesWords ? [...args, ...searchWords(query)] : args,
        env,
        hasInput: input !== undefined,
        timeout: cls.cgiTimeout,
        silence: cls.cgiSilence,
        grace: cls.cgiGrace,
        wholeTree: PLATFORM === "posix" && mayRun(),
        onLine: (line) => this.logError("%s: %s", scriptName, line),
      });
    } catch (error) {
      this.#sendStartError(script, error as Error & { code?: string });
      return undefined;
    }
  }

  #environment(
    script: Script,
    contentLength: number | undefined,
  ): Record<string, string> {
    const { request, requestVersion, forwarded } = this;
    const server = this.server as HTTPServer;
    const local = request.localAddr as Partial<Deno.NetAddr>;
    const told = forwarded?.host ? parseHost(forwarded.host) : undefined;
    const secure = forwarded?.proto === undefined
      ? "handshake" in request
      : forwarded.proto === "https";
    return {
      PATH: searchPath(this.#class.defaultPath),
      ...this.options.cgiEnv,
      ...cgiEnvironment({
        ...script,
        method: this.command,
        target: this.path,
        // The version of the response: the lower of the two.
        protocol: /^HTTP\/(?:0\.|1\.0$)/.test(requestVersion)
          ? "HTTP/1.0"
          : this.#class.protocolVersion,
        fields: this.fields,
        contentLength,
        pathTranslated: this.translatePath(quote(script.pathInfo)),
        documentRoot: this.directory,
        remoteAddress: forwarded?.address ?? this.clientAddress[0],
        serverName: told?.host ?? server.serverName ?? local.hostname ??
          "localhost",
        serverPort: told === undefined
          ? local.port ?? server.serverPort ?? 0
          : told.port ?? (secure ? 443 : 80),
        software: this.versionString(),
        secure,
      }),
    };
  }

  /** Answers when a script cannot be started; the log says why. */
  #sendStartError(
    { scriptName, scriptFile }: Script,
    error: Error & { code?: string },
  ): void {
    const why = error instanceof Deno.errors.NotCapable
      ? `run again with --allow-run=${scriptFile}`
      : error.message;
    this.logError("Cannot run the CGI script %s: %s", scriptName, why);
    switch (error.code) {
      case "EACCES":
        return this.sendError(403);
      case "E2BIG":
        return this.sendError(431);
      case "EAGAIN":
      case "EMFILE":
      case "ENFILE":
      case "ENOMEM":
        return this.#sendUnavailable();
      default:
        return this.sendError(500);
    }
  }

  #sendUnavailable(): void {
    this.#retryAfter = RETRY_AFTER;
    this.sendError(503);
  }

  async #feed(
    process: ScriptProcess,
    input: ScriptInput | undefined,
  ): Promise<void> {
    try {
      if (input !== undefined) await process.feed(input.source);
    } catch {
      // The client is gone, or will never send the rest.
      this.closeConnection = true;
      process.terminate();
    }
  }

  async #watchClient(
    process: ScriptProcess,
    fed: Promise<void>,
    over: AbortSignal,
  ): Promise<void> {
    await fed;
    if (over.aborted || !await this.clientDisconnected(over)) return;
    // A client may end its side and wait for the answer all the same, as
    // `nc -N` does: a script that is quick still answers it.
    await pause(this.#class.cgiGrace, over);
    if (!over.aborted) process.terminate();
  }

  /** Answers as if another path had been asked for (RFC 3875 6.2.2). */
  async #redirect(location: string): Promise<void> {
    if (this.#redirects >= this.#class.maxCgiRedirects) {
      this.logError("Too many redirects within the server");
      return this.sendError(502);
    }
    const { command, path } = this;
    this.#redirects++;
    this.path = location.replace(/^\/+/, "/");
    if (command !== "HEAD") this.command = "GET";
    try {
      await (command === "HEAD" ? this.do_HEAD() : this.do_GET());
    } finally {
      this.#redirects--;
      this.command = command;
      this.path = path;
    }
  }
}

/** Waits for a time, or until there is nothing to wait for. */
function pause(ms: number, over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    over.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function isLatin1(text: string): boolean {
  return /^[\x00-\xff]*$/.test(text);
}
