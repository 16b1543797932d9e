// Copyright 2026 the pystd authors. MIT license.

/**
 * {@linkcode CGIHTTPRequestHandler}: runs scripts and serves files.
 *
 * The life of a request for a script:
 *
 *     isCgi      checks whether the path is a script's
 *     runCgi     finds the script, checks permissions and limits
 *       start    makes its environment, starts its process
 *       relay    sends its header block and its output; meanwhile feeds the
 *                request's body to stdin, and terminates the script if the
 *                client disconnects
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
import type { ReadyFile } from "../files/file_store.ts";
import type { RequestBody } from "../io/request_body.ts";
import type { Field, ObservedPart } from "./base/observer.ts";
import { isPythonScript, systemPath } from "../protocol/cgi/command.ts";
import { cgiEnvironment } from "../protocol/cgi/environment.ts";
import type { Fields } from "../protocol/fields.ts";
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
   * Environment variables of every script, besides those of the request. By
   * default `PATH` is the server's if `--allow-env=PATH` is granted, and
   * `CGIHTTPRequestHandler.defaultPath` otherwise.
   *
   * @default {{}}
   */
  cgiEnv?: Readonly<Record<string, string>>;
}

/** A script that was found, and its part of the URL. */
interface Script {
  scriptName: string;
  scriptFile: string;
  pathInfo: string;
  query: string;
}

/** The request body for a script. */
interface ScriptInput {
  length: number;
  source: RequestBody | Uint8Array;
}

/** Value of `Retry-After` if too many scripts run, in seconds. */
const RETRY_AFTER = 1;

/**
 * Serves files like {@linkcode SimpleHTTPRequestHandler}, and runs the files in
 * `cgiDirectories` as CGI scripts.
 *
 * A script gets the environment of RFC 3875, and of the server's own only
 * `PATH`. Its header block is parsed, and its output is streamed.
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
  /** Directories of scripts; their subdirectories count, too. */
  static cgiDirectories: readonly string[] = ["/cgi-bin", "/htbin"];
  /** `PATH` of scripts if the server's may not be read. */
  static defaultPath: string = systemPath(PLATFORM);
  /** Longest run of a script, in ms; long enough for scripts that stream. */
  static cgiTimeout = 3600000;
  /** Longest time without output of a script, in ms: Apache's limit. */
  static cgiSilence = 60000;
  /** Time from a disconnect to SIGTERM, and from SIGTERM to SIGKILL, in ms. */
  static cgiGrace = 2000;
  /** Most scripts at once on a server; more get a 503. */
  static maxCgiProcesses = 128;
  /** Largest header block of a script, in bytes. */
  static maxCgiHeadBytes = 65536;
  /** Largest request body without a length, in bytes (411): it is buffered. */
  static maxCgiSpoolBytes = 1048576;
  /** Most redirects within the server for a request (502): Apache's limit. */
  static maxCgiRedirects = 10;

  /** The script's directory, and the rest of the path. Set by `isCgi()`. */
  cgiInfo: readonly [directory: string, rest: string] = ["", ""];
  /** The options of `with()`. */
  declare protected readonly options: CGIHTTPRequestHandlerOptions;
  /** Number of redirects of the request within the server. */
  #redirects = 0;

  /**
   * Returns a subclass with options, like `functools.partial` in Python.
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

  /** Serves a POST request, which only scripts accept. */
  do_POST(): void | Promise<void> {
    if (this.isCgi()) return this.runCgi();
    this.sendError(501, "Can only POST to CGI scripts");
  }

  /**
   * Sends the head of the response to a GET or HEAD, or the whole response of a
   * script.
   *
   * @returns The body to send, `null` if there is none.
   */
  override sendHead(): ResponseBody | null | Promise<ResponseBody | null> {
    // A GET of a script may change files, too.
    if (this.isCgi()) {
      return this.runCgi().finally(markFilesChanged).then(() => null);
    }
    return super.sendHead();
  }

  /**
   * Sends the head of a directory listing, unless the directory has scripts.
   *
   * @param path The directory.
   * @returns The page, `null` if an error was sent.
   */
  override listDirectory(
    path: string,
  ): ResponseBody | null | Promise<ResponseBody | null> {
    return this.#isOfScripts(path)
      ? this.sendNotFound(path)
      : super.listDirectory(path);
  }

  /**
   * Responds with a file, unless it is a script, whose source is hidden.
   *
   * @param path The file's path, from `translatePath()`.
   * @param file The file.
   * @returns The body to send, `null` if there is none.
   */
  protected override sendFile(
    path: string,
    file: ReadyFile,
  ): ResponseBody | null | Promise<ResponseBody | null> {
    if (!this.#isOfScripts(path)) return super.sendFile(path, file);
    closeFile(file);
    return this.sendNotFound(path);
  }

  /**
   * Tells whether the request is for a script: whether its collapsed path is in
   * one of `cgiDirectories`. Sets `cgiInfo`.
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
   * Tells whether a file is executable. On Windows its extension decides.
   *
   * @param path The file's path.
   * @returns Whether it is.
   */
  isExecutable(path: string): boolean {
    try {
      return isExecutableFile(path, Deno.statSync(path).mode, PLATFORM);
    } catch {
      return false;
    }
  }

  /**
   * Tells whether a file is a Python script, by its name. Not used here: the
   * first line of a script names its interpreter, on Windows its extension.
   *
   * @param path The file's path.
   * @returns Whether it ends in `.py` or `.pyw`.
   */
  isPython(path: string): boolean {
    return isPythonScript(path);
  }

  /** Runs the script that `cgiInfo` names, and sends its response. */
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
    const location = await this.observePart(
      "cgi",
      (part) => this.#runScript(script, input, running, part),
      { "cgi.script_name": script.scriptName },
    );
    if (location !== undefined) await this.#redirect(location);
  }

  /**
   * Runs a script, and sends its response.
   *
   * @returns The path to serve instead, if the script redirects within the
   * server.
   */
  async #runScript(
    script: Script,
    input: ScriptInput | undefined,
    running: Set<ScriptProcess>,
    part: ObservedPart,
  ): Promise<string | undefined> {
    const process = this.#start(script, input, part.traceFields);
    if (process === undefined) return undefined;
    part.setAttributes({ "process.pid": process.pid });
    running.add(process);
    const over = new AbortController();
    const fed = this.#feed(process, input);
    this.#watchClient(process, fed, over.signal);
    try {
      return await relayOutput(
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
      part.setAttributes({ "process.exit.code": code });
      if (code !== 0) this.logError("CGI script exit code %d", code);
    }
  }

  /** Finds the script in `cgiInfo`; sends an error if it may not be run. */
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
    // No environment variable can have a NUL.
    const unnamable = !pathInfo.isWellFormed() || pathInfo.includes("\0");
    const hidden = this.servedDirectory.hasHiddenName(scriptName);
    const missing = located.kind === "missing" &&
      !isSomethingElse(scriptFile, this.servedDirectory);
    if (unnamable || hidden || missing) {
      this.sendError(404, `No such CGI script (${shown})`);
    } else if (located.kind !== "file") {
      this.sendError(403, `CGI script is not a plain file (${shown})`);
    } else if (!this.isExecutable(scriptFile)) {
      this.sendError(403, `CGI script is not executable (${shown})`);
    } else {
      this.setRoute(scriptName);
      return { scriptName, scriptFile, pathInfo, query };
    }
    return undefined;
  }

  #isOfScripts(path: string): boolean {
    return leadsToScripts(path, this.directory, this.#class.cgiDirectories);
  }

  /**
   * Returns the body for the script. A body without a length is buffered, since
   * RFC 3875 section 4.2 requires the length.
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
    traceFields: readonly Field[],
  ): ScriptProcess | undefined {
    const cls = this.#class;
    const { scriptName, scriptFile, query } = script;
    const env = this.#environment(script, input?.length, traceFields);
    // A leniently parsed head may have a NUL, which no variable can have.
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
    traceFields: readonly Field[],
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
        // The version of the response: the lower of request and server.
        protocol: /^HTTP\/(?:0\.|1\.0$)/.test(requestVersion)
          ? "HTTP/1.0"
          : this.#class.protocolVersion,
        fields: withFields(this.fields, traceFields),
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

  /** Sends and logs an error if a script cannot be started. */
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
    this.retryAfter = RETRY_AFTER;
    this.sendError(503);
  }

  async #feed(
    process: ScriptProcess,
    input: ScriptInput | undefined,
  ): Promise<void> {
    try {
      if (input !== undefined) await process.feed(input.source);
    } catch {
      // The client has disconnected, or has stalled.
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
    // A client that has closed its side may still wait for the response, like
    // `nc -N`. A quick script can answer it.
    await pause(this.#class.cgiGrace, over);
    if (!over.aborted) process.terminate();
  }

  /** Serves another path in place of the request's (RFC 3875 6.2.2). */
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

/** Waits for a time, or until the signal is aborted. */
function pause(ms: number, over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    over.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** The script continues the trace of the server, not of the client. */
function withFields(fields: Fields, more: readonly Field[]): Fields {
  return more.reduce(
    (all, [name, value]) => all.with(name, name, value),
    fields,
  );
}

function isLatin1(text: string): boolean {
  return /^[\x00-\xff]*$/.test(text);
}
