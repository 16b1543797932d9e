// Copyright 2026 the pystd authors. MIT license.

/**
 * The status codes: their texts, and rules about the body of a response.
 *
 * @module
 */

/**
 * The texts of a status: the reason phrase, and the explanation on the error
 * page.
 */
export type StatusTexts = readonly [phrase: string, explanation: string];

/**
 * All statuses of CPython 3.14's `http.HTTPStatus` with their texts, as in
 * `BaseHTTPRequestHandler.responses`.
 *
 * The phrases of 203, 207, 407, 418 and 422 differ from those of `@std/http`.
 *
 * @example Looking up a phrase
 * ```ts
 * import { RESPONSES } from "./status.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(RESPONSES[404], ["Not Found", "Nothing matches the given URI"]);
 * assertEquals(RESPONSES[299], undefined);
 * ```
 */
export const RESPONSES: Readonly<Record<number, StatusTexts>> = {
  100: ["Continue", "Request received, please continue"],
  101: [
    "Switching Protocols",
    "Switching to new protocol; obey Upgrade header",
  ],
  102: ["Processing", "Server is processing the request"],
  103: ["Early Hints", "Headers sent to prepare for the response"],
  200: ["OK", "Request fulfilled, document follows"],
  201: ["Created", "Document created, URL follows"],
  202: ["Accepted", "Request accepted, processing continues off-line"],
  203: ["Non-Authoritative Information", "Request fulfilled from cache"],
  204: ["No Content", "Request fulfilled, nothing follows"],
  205: ["Reset Content", "Clear input form for further input"],
  206: ["Partial Content", "Partial content follows"],
  207: ["Multi-Status", "Response contains multiple statuses in the body"],
  208: ["Already Reported", "Operation has already been reported"],
  226: ["IM Used", "Request completed using instance manipulations"],
  300: ["Multiple Choices", "Object has several resources -- see URI list"],
  301: ["Moved Permanently", "Object moved permanently -- see URI list"],
  302: ["Found", "Object moved temporarily -- see URI list"],
  303: ["See Other", "Object moved -- see Method and URL list"],
  304: ["Not Modified", "Document has not changed since given time"],
  305: [
    "Use Proxy",
    "You must use proxy specified in Location to access this resource",
  ],
  307: ["Temporary Redirect", "Object moved temporarily -- see URI list"],
  308: ["Permanent Redirect", "Object moved permanently -- see URI list"],
  400: ["Bad Request", "Bad request syntax or unsupported method"],
  401: ["Unauthorized", "No permission -- see authorization schemes"],
  402: ["Payment Required", "No payment -- see charging schemes"],
  403: ["Forbidden", "Request forbidden -- authorization will not help"],
  404: ["Not Found", "Nothing matches the given URI"],
  405: ["Method Not Allowed", "Specified method is invalid for this resource"],
  406: ["Not Acceptable", "URI not available in preferred format"],
  407: [
    "Proxy Authentication Required",
    "You must authenticate with this proxy before proceeding",
  ],
  408: ["Request Timeout", "Request timed out; try again later"],
  409: ["Conflict", "Request conflict"],
  410: ["Gone", "URI no longer exists and has been permanently removed"],
  411: ["Length Required", "Client must specify Content-Length"],
  412: ["Precondition Failed", "Precondition in headers is false"],
  413: ["Content Too Large", "Content is too large"],
  414: ["URI Too Long", "URI is too long"],
  415: ["Unsupported Media Type", "Entity body in unsupported format"],
  416: ["Range Not Satisfiable", "Cannot satisfy request range"],
  417: ["Expectation Failed", "Expect condition could not be satisfied"],
  418: ["I'm a Teapot", "Server refuses to brew coffee because it is a teapot"],
  421: ["Misdirected Request", "Server is not able to produce a response"],
  422: [
    "Unprocessable Content",
    "Server is not able to process the contained instructions",
  ],
  423: ["Locked", "Resource of a method is locked"],
  424: ["Failed Dependency", "Dependent action of the request failed"],
  425: [
    "Too Early",
    "Server refuses to process a request that might be replayed",
  ],
  426: [
    "Upgrade Required",
    "Server refuses to perform the request using the current protocol",
  ],
  428: [
    "Precondition Required",
    "The origin server requires the request to be conditional",
  ],
  429: [
    "Too Many Requests",
    'The user has sent too many requests in a given amount of time ("rate limiting")',
  ],
  431: [
    "Request Header Fields Too Large",
    "The server is unwilling to process the request because its header fields are too large",
  ],
  451: [
    "Unavailable For Legal Reasons",
    "The server is denying access to the resource as a consequence of a legal demand",
  ],
  500: ["Internal Server Error", "Server got itself in trouble"],
  501: ["Not Implemented", "Server does not support this operation"],
  502: ["Bad Gateway", "Invalid responses from another server/proxy"],
  503: [
    "Service Unavailable",
    "The server cannot process the request due to a high load",
  ],
  504: [
    "Gateway Timeout",
    "The gateway server did not receive a timely response",
  ],
  505: ["HTTP Version Not Supported", "Cannot fulfill request"],
  506: [
    "Variant Also Negotiates",
    "Server has an internal configuration error",
  ],
  507: [
    "Insufficient Storage",
    "Server is not able to store the representation",
  ],
  508: [
    "Loop Detected",
    "Server encountered an infinite loop while processing a request",
  ],
  510: ["Not Extended", "Request does not meet the resource access policy"],
  511: [
    "Network Authentication Required",
    "The client needs to authenticate to gain network access",
  ],
};

/**
 * Returns whether a response with this status may have content.
 *
 * 1xx, 204 and 304 (RFC 9112 section 6.3) and 205 (RFC 9110 section 15.3.6) may
 * not. For these, CPython's `send_error()` sends no page, no `Content-Type` and
 * no `Content-Length`.
 *
 * @param status The status code.
 * @returns Whether it may.
 *
 * @example
 * ```ts
 * import { allowsBody } from "./status.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(allowsBody(200), true);
 * assertEquals(allowsBody(304), false);
 * ```
 */
export function allowsBody(status: number): boolean {
  return status >= 200 && status !== 204 && status !== 205 && status !== 304;
}

/**
 * Returns whether a response with this status ends after its head, whatever
 * `Content-Length` and `Transfer-Encoding` say.
 *
 * 1xx, 204 and 304 do (RFC 9112 section 6.3, rule 1). A 205 does not: its empty
 * content needs `Content-Length: 0`, an empty chunked body, or a close.
 *
 * @param status The status code.
 * @returns Whether it does.
 *
 * @example
 * ```ts
 * import { endsWithHead } from "./status.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(endsWithHead(304), true);
 * assertEquals(endsWithHead(205), false);
 * ```
 */
export function endsWithHead(status: number): boolean {
  return status < 200 || status === 204 || status === 304;
}

/**
 * Returns whether a response with this status may have a `Content-Length` or
 * `Transfer-Encoding` field.
 *
 * 1xx and 204 must not (RFC 9110 section 8.6, RFC 9112 section 6.1). A 304 may
 * give the length that a 200 would have had.
 *
 * @param status The status code.
 * @returns Whether it may.
 *
 * @example
 * ```ts
 * import { allowsFraming } from "./status.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(allowsFraming(304), true);
 * assertEquals(allowsFraming(204), false);
 * ```
 */
export function allowsFraming(status: number): boolean {
  return status >= 200 && status !== 204;
}
