// Copyright 2026 the pystd authors. MIT license.

/**
 * The environment of a CGI script (RFC 3875 section 4.1).
 *
 * @module
 */

import { parseBasic } from "../basic_auth.ts";
import { type Fields, trimOws } from "../fields.ts";
import { HOP_BY_HOP } from "../hop_by_hop.ts";

/** The request and the server, as input for the environment. */
export interface CgiRequest {
  method: string;
  /** Request target, as sent. */
  target: string;
  /** Query, as sent, or "". */
  query: string;
  /** HTTP version of the response. */
  protocol: string;
  fields: Fields;
  /** Length of the body, in bytes; `undefined` without a body. */
  contentLength: number | undefined;
  /** Path of the script in the URL. */
  scriptName: string;
  /** Path of the script in the file system. */
  scriptFile: string;
  /** Path after the script, or "". */
  pathInfo: string;
  /** That path, below the served directory. */
  pathTranslated: string;
  /** Served directory. */
  documentRoot: string;
  remoteAddress: string;
  serverName: string;
  serverPort: number;
  /** Name and version of the server software. */
  software: string;
  /** Whether the request came over TLS. */
  secure: boolean;
}

/**
 * Fields without an `HTTP_` variable: credentials, fields with their own
 * variable, hop-by-hop fields (RFC 9110 section 7.6.1), and `Proxy`, since
 * programs read their own proxy from `HTTP_PROXY` (httpoxy, CVE-2016-5385).
 */
const WITHHELD: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  "authorization",
  "content-length",
  "content-type",
  "proxy",
  "proxy-authorization",
]);

/** CPython always sets these, and scripts rely on them. */
const ALWAYS_SET = [
  "HTTP_ACCEPT",
  "HTTP_COOKIE",
  "HTTP_REFERER",
  "HTTP_USER_AGENT",
];

/**
 * Makes the environment of a script, from its request only.
 *
 * As in RFC 3875, `CONTENT_LENGTH` is set only with a body, `CONTENT_TYPE` only
 * if the client sent it, and repeated fields are joined. As in CPython,
 * `AUTH_TYPE` and `REMOTE_USER` come from `Authorization`: no password was
 * checked.
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
    // 4.1.9: the address may replace the name, which is not looked up.
    REMOTE_HOST: request.remoteAddress,
    // Not in the RFC: Apache, nginx and lighttpd set these, and PHP needs them.
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
 * Makes the `HTTP_` variables from header fields (section 4.1.18).
 *
 * Names with other characters than letters, digits and dashes are omitted:
 * `X_A` would become the same variable as `X-A`, which a proxy may have
 * removed.
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
