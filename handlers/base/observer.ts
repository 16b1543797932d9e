// Copyright 2026 the pystd authors. MIT license.

/**
 * Observers see each request of a handler class: for traces, for metrics, for
 * `Server-Timing`. Without observers, a request costs one comparison more.
 *
 *     observers -> begin(request) -> RequestObservation, one for each
 *                                      run, part, headFields, end
 *     Observation holds those of one request; the handler uses only this
 *
 * @module
 */

import type { Writer } from "../../io/writer.ts";
import type { Fields } from "../../protocol/fields.ts";
import type { ClientAddress } from "../../server/address.ts";

/** A header field. */
export type Field = readonly [name: string, value: string];

/** Details of a part of the work, by name. */
export type PartAttributes = Readonly<Record<string, string | number>>;

/** A request whose head has been read, as observers see it. */
export interface ObservedRequest {
  /** The method, as sent. */
  readonly method: string;
  /** The request target, as sent. */
  readonly target: string;
  /** The version of HTTP, as sent: `HTTP/1.1`. */
  readonly version: string;
  /** The scheme; a trusted proxy's, if there is one. */
  readonly scheme: "http" | "https";
  /** The header fields. */
  readonly fields: Fields;
  /** The client's host; as a trusted proxy reports it, if there is one. */
  readonly client: string;
  /** Host and port of the other end of the connection. */
  readonly peer: ClientAddress;
}

/** The end of a request. */
export interface RequestOutcome {
  /** The status code; 0 if no response was begun. */
  readonly status: number;
  /** Time from the head of the request to the end of the response, in ms. */
  readonly duration: number;
  /** Bytes of the request's body that were read. */
  readonly requestBytes: number;
  /** Bytes of the response's body that were written. */
  readonly responseBytes: number;
  /** The pattern of the path, if the handler has set one. */
  readonly route: string | undefined;
  /**
   * Why the request failed, as one of few words: the status of a 5xx, the name
   * of an exception's class, `timeout`, or the name of the error of a client
   * that disconnected.
   */
  readonly errorType: string | undefined;
  /** The exception of the handler, if it is not about the client. */
  readonly exception: unknown;
}

/** Sees the requests of a handler class. */
export interface RequestObserver {
  /**
   * Called when the head of a request has been read.
   *
   * @param request The request.
   * @returns What is called as the request goes on.
   */
  begin(request: ObservedRequest): RequestObservation;
}

/** What an observer does during a request, or a part of its work. */
export interface ObservedScope {
  /**
   * Calls the code of the scope, for example with a trace context.
   *
   * @param code The code; what it starts may go on after it returns.
   * @returns What the code returns.
   */
  run?<T>(code: () => T): T;
  /**
   * Returns header fields that tell other programs the trace context: those of
   * W3C Trace Context.
   *
   * @returns The fields.
   */
  traceFields?(): readonly Field[];
}

/** An observer's view of one request. */
export interface RequestObservation extends ObservedScope {
  /**
   * Called when a part of the work begins.
   *
   * @param name The name, a token: `cgi`.
   * @param attributes Details.
   * @returns What is called as the part goes on.
   */
  part?(name: string, attributes: PartAttributes): PartObservation;
  /**
   * Called before the head of the final response is sent.
   *
   * @returns Header fields to add.
   */
  headFields?(): readonly Field[];
  /**
   * Called when the response has been passed to the connection, or cannot be.
   *
   * @param outcome The end of the request.
   */
  end(outcome: RequestOutcome): void;
}

/** An observer's view of a part of the work. */
export interface PartObservation extends ObservedScope {
  /**
   * Adds details.
   *
   * @param attributes The details.
   */
  setAttributes?(attributes: PartAttributes): void;
  /**
   * Called when the part has ended.
   *
   * @param error What it has thrown, if it has.
   */
  end(error?: unknown): void;
}

/** A part of the work, as the code that does it sees it. */
export interface ObservedPart {
  /** Header fields that tell other programs the trace context of the part. */
  readonly traceFields: readonly Field[];
  /**
   * Adds details.
   *
   * @param attributes The details.
   */
  setAttributes(attributes: PartAttributes): void;
}

/** A part of a request that nobody observes. */
export const UNOBSERVED: ObservedPart = {
  traceFields: [],
  setAttributes(): void {},
};

/** The observations of one request, one for each observer. */
export class Observation {
  #began: number = performance.now();
  #observations: readonly RequestObservation[];
  #status = 0;
  #route: string | undefined;
  #errorType: string | undefined;
  #exception: unknown;

  /**
   * Begins to observe a request.
   *
   * @param observers The observers.
   * @param request The request.
   */
  constructor(
    observers: readonly RequestObserver[],
    request: ObservedRequest,
  ) {
    this.#observations = observers.map((observer) => observer.begin(request));
  }

  /** Header fields that tell other programs the trace context. */
  get traceFields(): readonly Field[] {
    return traceFieldsOf(this.#observations);
  }

  /**
   * Calls the handler's method.
   *
   * @param code The call.
   * @returns What it returns.
   */
  run<T>(code: () => T): T {
    return runIn(this.#observations, code);
  }

  /**
   * Sets the pattern of the request's path.
   *
   * @param route The pattern.
   */
  setRoute(route: string): void {
    this.#route = route;
  }

  /**
   * Runs a part of the work.
   *
   * @param name Its name, a token.
   * @param work The work; it may return a promise.
   * @param attributes Details.
   * @returns What the work returns.
   */
  part<T>(
    name: string,
    work: (part: ObservedPart) => T,
    attributes: PartAttributes,
  ): T {
    const parts = this.#observations
      .map((observation) => observation.part?.(name, attributes))
      .filter((part) => part !== undefined);
    const end = (error?: unknown): void => {
      for (const part of parts) part.end(error);
    };
    const observed: ObservedPart = {
      get traceFields(): readonly Field[] {
        return traceFieldsOf(parts);
      },
      setAttributes(more): void {
        for (const part of parts) part.setAttributes?.(more);
      },
    };
    let result: T;
    try {
      result = runIn(parts, () => work(observed));
    } catch (error) {
      end(error);
      throw error;
    }
    if (result instanceof Promise) result.then(() => end(), end);
    else end();
    return result;
  }

  /**
   * Notes the status of the final response, and returns fields to add to it.
   *
   * @param status The status code.
   * @returns The fields.
   */
  headFields(status: number): readonly Field[] {
    this.#status = status;
    return this.#observations.flatMap((one) => one.headFields?.() ?? []);
  }

  /**
   * Notes why the request fails: the first reason counts.
   *
   * @param error The exception, or a word.
   * @param isOurs Whether it is a fault of the handler.
   */
  fail(error: unknown, isOurs = false): void {
    this.#errorType ??= typeof error === "string" ? error : nameOf(error);
    if (isOurs) this.#exception ??= error;
  }

  /**
   * Ends the observation when the connection has accepted the response.
   *
   * @param requestBytes Bytes of the request's body that were read.
   * @param writer Where the response goes.
   */
  endAfter(requestBytes: number, writer: Writer): void {
    const { bodyBytes } = writer;
    const end = (): void => {
      if (writer.error !== undefined) this.fail(writer.error);
      this.#end(requestBytes, bodyBytes);
    };
    if (writer.busy) writer.drained().then(end);
    else end();
  }

  #end(requestBytes: number, responseBytes: number): void {
    const status = this.#status;
    const outcome: RequestOutcome = {
      status,
      duration: performance.now() - this.#began,
      requestBytes,
      responseBytes,
      route: this.#route,
      errorType: this.#errorType ?? (status >= 500 ? `${status}` : undefined),
      exception: this.#exception,
    };
    for (const observation of this.#observations) observation.end(outcome);
  }
}

function runIn<T>(scopes: readonly ObservedScope[], code: () => T): T {
  let nested = code;
  for (const scope of scopes) {
    if (scope.run === undefined) continue;
    const inner = nested;
    nested = (): T => scope.run!(inner);
  }
  return nested();
}

function traceFieldsOf(scopes: readonly ObservedScope[]): readonly Field[] {
  return scopes.flatMap((scope) => scope.traceFields?.() ?? []);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "_OTHER";
}
