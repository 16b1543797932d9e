// Copyright 2026 the pystd authors. MIT license.

import type {
  Field,
  PartObservation,
  RequestObservation,
  RequestObserver,
} from "../handlers/base/observer.ts";
import { isToken } from "../protocol/octets.ts";

/**
 * Tells clients in `Server-Timing` how long the server worked until the head of
 * the response, in ms, and how long on which parts: `total;dur=31.2,
 * cgi;dur=30.9`. Browsers show it in their developer tools. Use it only for
 * clients that you trust: timing tells strangers what exists.
 *
 * Source: W3C, Server Timing.
 *
 * @example Usage
 * ```ts
 * import { BaseHTTPRequestHandler } from "@pystd/http-server/handlers/base";
 * import { ServerTiming } from "@pystd/http-server/telemetry";
 * import { respond } from "@pystd/http-server/testing";
 * import { assertMatch } from "@std/assert/match";
 *
 * class Handler extends BaseHTTPRequestHandler {
 *   static override observers = [new ServerTiming()];
 *   do_GET(): void {
 *     this.observePart("think", () => {});
 *     this.sendResponse(204);
 *     this.endHeaders();
 *   }
 * }
 *
 * const { headers } = await respond(Handler, "GET / HTTP/1.0\r\n\r\n");
 * const timing = headers.get("server-timing")!;
 * assertMatch(timing, /^total;dur=[0-9.]+, think;dur=[0-9.]+$/);
 * ```
 */
export class ServerTiming implements RequestObserver {
  /**
   * Begins to measure a request.
   *
   * @returns What measures its parts.
   */
  begin(): RequestObservation {
    return new RequestTiming();
  }
}

/** A part of the work; unfinished parts last until now. */
interface TimedPart {
  name: string;
  began: number;
  ended: number | undefined;
}

class RequestTiming implements RequestObservation {
  #began = performance.now();
  #parts: TimedPart[] = [];

  part(name: string): PartObservation {
    const began = performance.now();
    const part: TimedPart = { name, began, ended: undefined };
    if (isToken(name)) this.#parts.push(part);
    return {
      end: () => {
        part.ended = performance.now();
      },
    };
  }

  headFields(): readonly Field[] {
    const now = performance.now();
    const entries = [
      entryOf("total", now - this.#began),
      ...this.#parts.map(({ name, began, ended = now }) =>
        entryOf(name, ended - began)
      ),
    ];
    return [["Server-Timing", entries.join(", ")]];
  }

  end(): void {}
}

function entryOf(name: string, duration: number): string {
  return `${name};dur=${Number(duration.toFixed(3))}`;
}
