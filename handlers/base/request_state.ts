// Copyright 2026 the pystd authors. MIT license.

import type { PendingTasks } from "../../io/pending_tasks.ts";
import type { Reader } from "../../io/reader.ts";
import { RequestBody } from "../../io/request_body.ts";
import type { Writer } from "../../io/writer.ts";
import type { Fields } from "../../protocol/fields.ts";
import { bodyFraming, connectionOption } from "../../protocol/framing.ts";
import { RequestError } from "../../protocol/request_error.ts";
import type { Head } from "../../protocol/request_head.ts";
import { HeadBuilder } from "../../protocol/response_head_builder.ts";
import { endsWithHead } from "../../protocol/status.ts";
import type { Observation } from "./observer.ts";

/** The object that holds a request's header fields: `Headers`, or its like. */
export interface Message {
  /**
   * Adds a field.
   *
   * @param name The field's name, as sent.
   * @param value Its value, latin-1 text without surrounding white space.
   */
  append(name: string, value: string): void;
  /**
   * Looks a field up.
   *
   * @param name The field's name in any case.
   * @returns Its value, or `null` if it is absent.
   */
  get(name: string): string | null;
}

/**
 * The current request of a connection: how it and its response are framed, and
 * whether the connection persists. One object serves all requests in turn.
 */
export class RequestState {
  /** Whether the handler speaks HTTP/1.1, so that RFC 9112's rules hold. */
  strict = false;
  /** The request's head, until `parseRequest()` has taken it over. */
  head: Head | undefined;
  /** The handler's `headers`, once it has asked for them. */
  headers: Message | undefined;
  /** The handler's `rfile`, once there is a body or the handler asks for it. */
  body: RequestBody | undefined;
  /** Whether the request is HTTP/1.1 or later. */
  atLeast11 = false;
  /** Whether the server, not the client, ends the connection after it. */
  serverCloses = false;
  /** Whether the end of the request is known. */
  allRead = false;
  /** Tasks that the request waits for, if there are any. */
  tasks: PendingTasks | undefined;
  /** The observation of the request, if there are observers. */
  observation: Observation | undefined;
  #response: HeadBuilder | undefined;

  /** Whether the body has been read, or there is none. */
  get bodyEnded(): boolean {
    return this.body === undefined || this.body.ended;
  }

  /** The head of the response that is being written. */
  get response(): HeadBuilder {
    return this.#response ??= new HeadBuilder();
  }

  /** Begins with the next request. */
  begin(): void {
    this.headers = this.body = undefined;
    this.allRead = this.serverCloses = false;
  }

  /** Lets go of memory while the connection is idle. */
  forget(): void {
    this.headers = this.body = this.#response = undefined;
  }

  /**
   * Ends the observation of the request, if there is one.
   *
   * @param writer Where the response goes.
   */
  endObservation(writer: Writer): void {
    const { observation } = this;
    if (observation === undefined) return;
    this.observation = undefined;
    observation.endAfter(this.body?.received ?? 0, writer);
  }

  /**
   * Frames the request's body (RFC 9112 section 6).
   *
   * @param fields The request's header fields.
   * @param reader Where the body comes from.
   * @param maxBytes The largest body.
   * @returns Why the request is refused: 400, 413 or 501.
   */
  frameBody(
    fields: Fields,
    reader: Reader,
    maxBytes: number,
  ): RequestError | undefined {
    const framing = bodyFraming(fields, this.atLeast11);
    if (framing instanceof RequestError) return framing;
    if (typeof framing === "number" && framing > maxBytes) {
      return new RequestError(413, "Content Too Large");
    }
    if (framing !== 0) this.body = new RequestBody(reader, framing, maxBytes);
    this.allRead = true;
    return undefined;
  }

  /**
   * Decides whether the connection persists (RFC 9112 section 9.3).
   *
   * @param fields The request's header fields.
   * @param last Whether the server takes no further request on the connection.
   * @returns Whether the connection ends after the response.
   */
  closes(fields: Fields, last: boolean): boolean {
    const option = connectionOption(fields);
    const clientCloses = option === "close" ||
      !(this.strict && (this.atLeast11 || option === "keep-alive"));
    this.serverCloses = !clientCloses && last;
    return clientCloses || last;
  }

  /**
   * Frames the body of a final response (RFC 9112 section 6.3), and adds
   * `Connection` where the client needs it.
   *
   * @param writer Where the body goes.
   * @param command The request's method.
   * @param closes Whether the connection ends after the response so far.
   * @param confirms Whether to confirm the `Connection` of the request.
   * @returns Whether the connection ends after the response.
   * @throws {Error} If the request has been answered.
   */
  frameResponse(
    writer: Writer,
    command: string,
    closes: boolean,
    confirms: boolean,
  ): boolean {
    const { response } = this;
    const discards = command === "HEAD" || endsWithHead(response.status);
    writer.beginBody(response.contentLength, discards);
    if (!closes && !response.delimited && !discards) {
      // Rule 8: without a length, the end of the connection ends the body.
      // CPython leaves it open, and the client waiting.
      closes = true;
      // RFC 9110 9.3.6: the tunnel of a CONNECT begins behind the head.
      this.serverCloses = command !== "CONNECT";
    }
    if (response.saysConnection) return closes;
    if (closes) {
      if (this.serverCloses || (this.atLeast11 && confirms)) {
        response.add("Connection", "close");
      }
    } else if (!this.atLeast11 && this.strict && confirms) {
      // RFC 9112 C.2.2: otherwise the client waits for the connection to end.
      response.add("Connection", "keep-alive");
    }
    return closes;
  }
}
