// Copyright 2026 the pystd authors. MIT license.

import type { FileStore } from "../../../files/file_store.ts";
import type { MaybePromise } from "../../../files/maybe_promise.ts";
import type { ServedDirectory } from "../../../files/served_directory.ts";
import type { BodyStream } from "../../../io/body_stream.ts";
import type { RequestBody } from "../../../io/request_body.ts";
import type { Writer } from "../../../io/writer.ts";
import type { ObservedPart, PartAttributes } from "../../base/observer.ts";
import type { Access } from "../access.ts";
import type { RequestFeature } from "../features.ts";
import type { ShareRequest } from "../request.ts";

/** What a form does to one item. */
export interface SubRequestInit {
  /** The method. */
  command: string;
  /** The target. */
  path: string;
  /** Header fields, by name in lower case. */
  fields: Readonly<Record<string, string>>;
}

/** The outcome of a request that a form makes. */
export interface Outcome {
  /** The status; 501 if no feature has answered. */
  readonly status: number;
  /** The reason of an error. */
  readonly message: string;
}

/** Fields of the form's request that hold for each of its items. */
const SHARED = /^(?:authorization|cookie|host|origin|sec-fetch-.*|user-agent)$/;

/**
 * A request that a form makes for one of its items. The features answer it as
 * they answer a request of that method: passwords, locks and all other checks
 * apply. The response is not sent.
 */
export class SubRequest implements ShareRequest {
  readonly command: string;
  readonly path: string;
  readonly headers: Headers;
  readonly wfile: Writer;
  user: string | undefined;
  access: Access | undefined;
  readonly link: undefined = undefined;
  #form: ShareRequest;
  #fields: Readonly<Record<string, string>>;
  #status = 501;
  #reason = "Not possible here";
  #body = "";

  /**
   * Stores its arguments.
   *
   * @param form The request that brought the form; its body has been read.
   * @param init See {@linkcode SubRequestInit}.
   */
  constructor(form: ShareRequest, { command, path, fields }: SubRequestInit) {
    this.command = command;
    this.path = path;
    this.user = form.user;
    this.access = form.access;
    this.#form = form;
    this.#fields = { ...fields, accept: "application/json" };
    this.headers = new Headers(this.#fields);
    const decoder = new TextDecoder();
    const write = (chunk: Uint8Array | string): Promise<void> => {
      this.#body += typeof chunk === "string" ? chunk : decoder.decode(chunk);
      return Promise.resolve();
    };
    this.wfile = { write, flush: () => {} } as unknown as Writer;
  }

  /**
   * Passes the request to the features.
   *
   * @param features The features, in order.
   * @returns What the one that answered has sent.
   */
  async run(features: readonly RequestFeature[]): Promise<Outcome> {
    for (const feature of features) {
      if (await feature.handle(this)) break;
    }
    const [, message = this.#reason] =
      /"message":"((?:[^"\\]|\\.)*)"/.exec(this.#body) ?? [];
    return {
      status: this.#status,
      message: this.#status === 207
        ? "Some of its files could not be changed"
        : message,
    };
  }

  get secure(): boolean {
    return this.#form.secure;
  }
  get prefix(): string {
    return this.#form.prefix;
  }
  get rfile(): RequestBody {
    return this.#form.rfile;
  }
  get directory(): string {
    return this.#form.directory;
  }
  get servedDirectory(): ServedDirectory {
    return this.#form.servedDirectory;
  }
  get files(): FileStore {
    return this.#form.files;
  }
  get maxArchives(): number {
    return this.#form.maxArchives;
  }

  field(name: string): string | undefined {
    return this.#fields[name] ??
      (SHARED.test(name) ? this.#form.field(name) : undefined);
  }
  addressString(): string {
    return this.#form.addressString();
  }
  translatePath(path: string): string {
    return this.#form.translatePath(path);
  }
  guessType(path: string): MaybePromise<string> {
    return this.#form.guessType(path);
  }
  logError(format: string, ...args: unknown[]): void {
    this.#form.logError(format, ...args);
  }
  clientDisconnected(): Promise<boolean> {
    return Promise.resolve(false);
  }
  setRoute(): void {}
  observePart<T>(
    name: string,
    work: (part: ObservedPart) => T,
    attributes?: PartAttributes,
  ): T {
    return this.#form.observePart(name, work, attributes);
  }
  sendContinue(): void {}
  sendHeader(): void {}
  endHeaders(): void {}
  endHeadersOfStream(): BodyStream {
    throw new TypeError("Cannot stream the response to a part of a form");
  }
  sendResponse(code: number, message = ""): void {
    this.#status = code;
    if (message !== "") this.#reason = message;
  }
  sendError(code: number, message = "Not possible"): void {
    this.#status = code;
    this.#reason = message;
  }
  refuse(): void {
    this.sendError(403, "You may not do this here");
  }
  sendBusy(message: string): void {
    this.sendError(503, message);
  }
}
