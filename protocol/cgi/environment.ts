// Copyright 2026 the pystd authors. MIT license.

/**
 * The environment of a CGI script: RFC 3875 section 4.1.
 *
 * @module
 */

import { parseBasic } from "../basic_auth.ts";
import { type Fields, trimOws } from "../fields.ts";
import { HOP_BY_HOP } from "../hop_by_hop.ts";

/** What a script is told about its request and its server. */
export interface CgiRequest {
  /** The method. */
  method: string;
  /** The request target, as sent. */
  target: string;
  /** The query, as sent; "" if there is none. */
  query: string;
  /** The version of HTTP that the response will have. */
  protocol: string;
  /** The header fields. */
  fields: Fields;
  /** The length of the body in bytes; `undefined` if there is no body. */
  contentLength: number | undefined;
  /** The script's path on the server. */
  scriptName: string;
  /** The script's path in the file system. */
  scriptFile: string;
  /** The path behind the script, "" if there is none. */
  pathInfo: string;
  /** That path below the directory that is served. */
  pathTranslated: string;
  /** The directory that is served. */
  documentRoot: string;
  /** The client's address. */
  remoteAddress: string;
  /** The server's name. */
  serverName: string;
  /** The port that the request came in at. */
  serverPort: number;
  /** The server's name and version. */
  software: string;
  /** Whether the request came in over TLS. */
  secure: boolean;
}

/**
 * Fields that become no variable: credentials, what has a variable of its own,
 * what is between the client and the server alone (RFC 9110 section 7.6.1),
 * and `Proxy`, since programs take `HTTP_PROXY` for their proxy (httpoxy,
 * CVE-2016-5385).
 */
const WITHHELD: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  "authorization",
  "content-length",
  "content-type",
  "proxy",
  "proxy-authorization",
]);

/** CPython sets these in any case, and scripts look at them unasked. */
const ALWAYS_SET = [
  "HTTP_ACCEPT",
  "HTTP_COOKIE",
  "HTTP_REFERER",
  "HTTP_USER_AGENT",
];

/**
 * Makes the environment of a script, of nothing but its request.
 *
 * The rules of RFC 3875 hold: `CONTENT_LENGTH` is there if and only if there is
 * a body, `CONTENT_TYPE` if the client said it, repeated fields are joined.
 * `AUTH_TYPE` and `REMOTE_USER` are taken from `Authorization` as in CPython:
 * nobody has checked a password.
 *
 * @param request What the script is told.
 * @returns The variables.
 *
 * @example
 * ```ts
 * import { httpVariables } from "./environment.ts";
 * import { Fields } from "../fields.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const fields = Fields.from([["X-Custom", "yes"], ["Proxy", "http://evil/"]]);
 * const variables = httpVariables(fields);
 * assertEquals(variables.HTTP_X_CUSTOM, "yes");
 * assertEquals(variables.HTTP_PROXY, undefined);
 * ```
 */
export function cgiEnvironment(request: CgiRequest): Record<string, string> {
  const { fields, pathInfo, contentLength } = request;
  const variables: Record<string, string> = {
    ...httpVariables(fields),
    ...authVariables(fields.get("authorization")),
    GATEWAY_INTERFACE: "CGI/1.1",
    SERVER_SOFTWARE: request.software,
    SERVER_NAME: bracketed(request.serverName),
    SERVER_PORT: `${request.serverPort}`,
    SERVER_PROTOCOL: request.protocol,
    REQUEST_METHOD: request.method,
    SCRIPT_NAME: request.scriptName,
    PATH_INFO: pathInfo,
    QUERY_STRING: request.query,
    REMOTE_ADDR: request.remoteAddress,
    // 4.1.9: the address may stand for a name that nobody has looked up.
    REMOTE_HOST: request.remoteAddress,
    // Beyond the RFC: what Apache, nginx and lighttpd set, and PHP asks for.
    DOCUMENT_ROOT: request.documentRoot,
    REDIRECT_STATUS: "200",
    REQUEST_URI: request.target,
    SCRIPT_FILENAME: request.scriptFile,
  };
  if (pathInfo !== "" && request.pathTranslated !== "") {
    variables.PATH_TRANSLATED = request.pathTranslated;
  }
  if (contentLength !== undefined) {
    variables.CONTENT_LENGTH = `${contentLength}`;
  }
  const contentType = fields.get("content-type");
  if (contentType !== undefined) variables.CONTENT_TYPE = contentType;
  if (request.secure) variables.HTTPS = "on";
  return variables;
}

/**
 * The variables of a request's header fields (section 4.1.18).
 *
 * Names with anything but letters, digits and dashes are left out: `X_A` would
 * be the variable of `X-A`, past whoever removes that field on the way.
 *
 * @param fields The header fields.
 * @returns The variables, their names with `HTTP_` at the start.
 */
export function httpVariables(fields: Fields): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const name of ALWAYS_SET) variables[name] = "";
  const nominated = fields.get("connection")?.toLowerCase().split(",")
    .map(trimOws);
  const seen = new Set<string>();
  for (const [sent] of fields) {
    const name = sent.toLowerCase();
    if (seen.has(name) || WITHHELD.has(name) || nominated?.includes(name)) {
      continue;
    }
    seen.add(name);
    if (!/^[0-9a-z-]+$/.test(name)) continue;
    variables[`HTTP_${name.toUpperCase().replaceAll("-", "_")}`] =
      name === "cookie" ? cookies(fields) : fields.get(name)!;
  }
  return variables;
}

/** Repeated cookies are joined by `; ` (RFC 6265 section 5.4). */
function cookies(fields: Fields): string {
  const values: string[] = [];
  for (const [name, value] of fields) {
    if (name.toLowerCase() === "cookie" && value !== "") values.push(value);
  }
  return values.join("; ");
}

function authVariables(
  authorization: string | undefined,
): Record<string, string> {
  const words = authorization?.trim().split(/[ \t]+/) ?? [];
  if (words.length !== 2) return {};
  const [scheme] = words;
  const user = parseBasic(words.join(" "))?.user;
  return user === undefined
    ? { AUTH_TYPE: scheme }
    : { AUTH_TYPE: scheme, REMOTE_USER: user };
}

function bracketed(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}
