// Copyright 2026 the pystd authors. MIT license.

import type { FileStore } from "../../files/file_store.ts";
import type { MaybePromise } from "../../files/maybe_promise.ts";
import type { ServedDirectory } from "../../files/served_directory.ts";
import type { BodyStream } from "../../io/body_stream.ts";
import type { RequestBody } from "../../io/request_body.ts";
import type { Writer } from "../../io/writer.ts";
import type { ObservedPart, PartAttributes } from "../base/observer.ts";
import type { Access } from "./access.ts";

/** A signed link that a request has. */
export interface OpenedLink {
  /** What it opens. */
  readonly access: Access;
  /** Header fields of the response. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/**
 * A request, as features see it: the part of `ShareHTTPRequestHandler` that
 * reads the request and answers it.
 */
export interface ShareRequest {
  /** The method. */
  readonly command: string;
  /** The target, without the prefix of the options. */
  readonly path: string;
  /** Whether the client uses HTTPS, as a trusted proxy reports it if there is one. */
  readonly secure: boolean;
  /** Path prefix of all requests, without a slash at its end. */
  readonly prefix: string;
  /** The header fields; `field()` is cheaper. */
  readonly headers: Headers;
  /** The request's body. Call `sendContinue()` before reading it. */
  readonly rfile: RequestBody;
  /** Where the response goes. */
  readonly wfile: Writer;
  /** The directory that is served, an absolute path; `""` for a source. */
  readonly directory: string;
  /**
   * The directory that is served, with its rules for links and dotfiles. Reading
   * this is an error if the files come from a source.
   */
  readonly servedDirectory: ServedDirectory;
  /** The files that are served, of a directory or of a source. */
  readonly files: FileStore;
  /** The most archives that are made at once. */
  readonly maxArchives: number;
  /** The user's name, once an authenticator has verified it. */
  user: string | undefined;
  /**
   * What the user may do; `undefined` if that is not restricted. When it is set,
   * `servedDirectory` follows it.
   */
  access: Access | undefined;
  /** The signed link that the request has; `undefined` if it has none. */
  link: OpenedLink | undefined;
  /**
   * Returns a header field.
   *
   * @param name The field's name in lower case.
   * @returns Its value, those of a repeated field joined by `", "`.
   */
  field(name: string): string | undefined;
  /**
   * Returns the client's address.
   *
   * @returns The address, as a trusted proxy reports it if there is one.
   */
  addressString(): string;
  /**
   * Translates a request's path to one of the file system.
   *
   * @param path The path of a request.
   * @returns The path; empty if no file can have it.
   */
  translatePath(path: string): string;
  /**
   * Guesses a file's media type from its name.
   *
   * @param path The file's path.
   * @returns The type, or a promise for it.
   */
  guessType(path: string): MaybePromise<string>;
  /**
   * Waits until the client disconnects, so that a feature can stop work that
   * nobody waits for. The request's body must have been read.
   *
   * @param signal Ends the waiting.
   * @returns Whether the client has disconnected.
   */
  clientDisconnected(signal: AbortSignal): Promise<boolean>;
  /** Sends the 100 that a client may wait for before it sends the body. */
  sendContinue(): void;
  /**
   * Starts a response.
   *
   * @param code The status code.
   * @param message The reason; by default that of the status.
   */
  sendResponse(code: number, message?: string): void;
  /**
   * Adds a header field to the response.
   *
   * @param keyword The field's name.
   * @param value The field's value.
   */
  sendHeader(keyword: string, value: string | number): void;
  /** Ends the header block. */
  endHeaders(): void;
  /**
   * Ends the header block of a response whose length is not known.
   *
   * @returns Where the body goes.
   */
  endHeadersOfStream(): BodyStream;
  /**
   * Sends an error response.
   *
   * @param code The status code.
   * @param message The reason; by default that of the status.
   * @param explain A longer explanation.
   */
  sendError(code: number, message?: string, explain?: string): void;
  /**
   * Answers a request that the user may not send: with 403, or with 401 if signing
   * in may help.
   */
  refuse(): void;
  /**
   * Sends a 503 with `Retry-After`.
   *
   * @param message The reason.
   */
  sendBusy(message: string): void;
  /**
   * Tells observers the pattern of the request's path.
   *
   * @param route The pattern.
   */
  setRoute(route: string): void;
  /**
   * Runs a part of the request's work that observers see.
   *
   * @param name The part's name, a token.
   * @param work The work.
   * @param attributes Details.
   * @returns What the work returns.
   */
  observePart<T>(
    name: string,
    work: (part: ObservedPart) => T,
    attributes?: PartAttributes,
  ): T;
  /**
   * Logs an error.
   *
   * @param format A printf-style format.
   * @param args The values for its conversions.
   */
  logError(format: string, ...args: unknown[]): void;
}
