// Copyright 2026 the pystd authors. MIT license.

/**
 * {@linkcode ShareHTTPRequestHandler}: a directory as people share it.
 *
 * @module
 */

import type { Root } from "../files/root.ts";
import type { Connection } from "../io/connection.ts";
import type { BaseServer } from "../server.ts";
import type { ClientAddress } from "./base.ts";
import type { RequestFeature } from "./share/feature.ts";
import type { ShareOptions } from "./share/options.ts";
import { SimpleHTTPRequestHandler } from "./simple.ts";

export type {
  ArchiveFeature,
  Authenticator,
  RequestFeature,
  UploadFeature,
} from "./share/feature.ts";
export type { LogFormat, ShareOptions } from "./share/options.ts";

/** After these errors there is nothing wrong with the connection. */
const KEEPING = new Set([401, 403, 404, 405, 409, 412, 416, 429]);

/**
 * Serves the files of a directory with what people who share files expect on
 * top of {@linkcode SimpleHTTPRequestHandler}.
 *
 * @example Usage
 * ```ts
 * import { ShareHTTPRequestHandler } from "@pystd/http-server/handlers/share";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const Handler = ShareHTTPRequestHandler.with({ directory: "/srv/share" });
 * assertEquals(Handler.protocolVersion, "HTTP/1.1");
 * ```
 */
export class ShareHTTPRequestHandler extends SimpleHTTPRequestHandler {
  /** Who the client has shown to be; set by the authenticator. */
  user: string | undefined = undefined;
  /** What was made of the options, once for all connections. */
  #plan: Plan;
  /** Whether the client waits for a 100 before it sends the body. */
  #waitsForContinue = false;

  /**
   * Stores its arguments.
   *
   * @param request The connection.
   * @param clientAddress The client's host and port.
   * @param server The server that accepted it.
   * @param options See {@linkcode ShareOptions}.
   */
  constructor(
    request: Connection,
    clientAddress: ClientAddress,
    server: BaseServer,
    options: ShareOptions = {},
  ) {
    super(request, clientAddress, server, options);
    this.#plan = planOf(options);
  }

  /**
   * A subclass with options.
   *
   * @param options The options.
   * @returns The subclass.
   *
   * @example Usage
   * ```ts
   * import { ShareHTTPRequestHandler } from "@pystd/http-server/handlers/share";
   * import { assert } from "@std/assert/assert";
   *
   * const Handler = ShareHTTPRequestHandler.with({ directory: "/srv" });
   * assert(Handler.prototype instanceof ShareHTTPRequestHandler);
   * ```
   */
  static override with<T extends typeof SimpleHTTPRequestHandler>(
    this: T,
    options: ShareOptions,
  ): T {
    return super.with.call(this, options) as T;
  }

  /** The directory, and what may be reached in it. */
  get root(): Root {
    return this.served;
  }

  /**
   * A header field of the request; cheaper than `headers`.
   *
   * @param name The field's name in lower case.
   * @returns Its value, those of a repeated one joined by `", "`.
   */
  field(name: string): string | undefined {
    return this.fields.get(name);
  }

  /**
   * Whether the connection may persist after an error: after one that is about
   * what was asked for, if all of the request was read.
   *
   * @param code The status code of the error.
   * @returns Whether to leave `closeConnection` as it is.
   */
  override keepsConnection(code: number): boolean {
    return KEEPING.has(code) && this.rfile.ended;
  }

  /**
   * Puts off the 100 until `sendContinue()` is called, so that a body that
   * will not be taken is not sent.
   *
   * @returns True.
   */
  override handleExpect100(): boolean {
    if (this.#plan.features.length === 0) return super.handleExpect100();
    this.#waitsForContinue = true;
    return true;
  }

  /**
   * Tells a client that waits for it to send the body. A feature calls this
   * before it reads `rfile`.
   */
  sendContinue(): void {
    if (!this.#waitsForContinue) return;
    this.#waitsForContinue = false;
    this.sendResponseOnly(100);
    this.endHeaders();
    this.wfile.flush();
    this.wfile.beginResponse();
  }

  /**
   * Lets the features look at the request, and then handles it.
   *
   * @returns What the method that is named after the request's returns.
   */
  protected override dispatchRequest(): unknown {
    return this.#plan.features.length === 0
      ? super.dispatchRequest()
      : this.#askFeatures();
  }

  async #askFeatures(): Promise<void> {
    this.user = undefined;
    try {
      for (const feature of this.#plan.features) {
        if (await feature.handle(this)) return;
      }
      await super.dispatchRequest();
    } finally {
      // The client may send the body that it was not asked for, or may not.
      if (this.#waitsForContinue) this.closeConnection = true;
      this.#waitsForContinue = false;
    }
  }
}

/** What a handler makes of its options. */
interface Plan {
  /** What looks at a request, in order. */
  readonly features: readonly RequestFeature[];
}

const plans = new WeakMap<ShareOptions, Plan>();

function planOf(options: ShareOptions): Plan {
  let plan = plans.get(options);
  if (plan === undefined) plans.set(options, plan = makePlan(options));
  return plan;
}

function makePlan({ auth, uploads, archives }: ShareOptions): Plan {
  return {
    features: [auth, uploads, archives].filter((part) => part !== undefined),
  };
}
