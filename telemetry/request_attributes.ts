// Copyright 2026 the pystd authors. MIT license.

/**
 * A request's attributes, by the names of OpenTelemetry's HTTP conventions.
 *
 * @module
 */

import type { ObservedRequest } from "../handlers/base/observer.ts";
import { parseHost } from "../protocol/host.ts";
import { splitTarget } from "../protocol/request_target.ts";
import { OTHER_METHOD } from "./conventions.ts";

/** Attributes of a span or a metric. */
export type AttributeValues = Record<string, string | number>;

/** Most characters of what a client sends: a path may have 64 KiB. */
const MAX_VALUE_LENGTH = 1024;
/** Stands for the value of a secret parameter. */
const REDACTED = "REDACTED";

/**
 * Parameters of the query whose values are secret: signatures of links to
 * object stores, as the conventions name them, `link` of this package, and what
 * tokens are often called.
 */
export const SECRET_PARAMETERS: readonly string[] = [
  "access_token",
  "auth",
  "awsaccesskeyid",
  "key",
  "link",
  "password",
  "secret",
  "sig",
  "signature",
  "token",
  "x-amz-credential",
  "x-amz-security-token",
  "x-amz-signature",
  "x-goog-credential",
  "x-goog-signature",
];

/** Scheme and authority of a target in absolute form. */
const ORIGIN = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*/;

/**
 * Hides the values of secret parameters in a query.
 *
 * @param query The query, without `?`.
 * @param secret The names of the parameters, in lower case.
 * @returns The query with `REDACTED` for each of the values.
 */
export function redactQuery(
  query: string,
  secret: ReadonlySet<string>,
): string {
  if (query === "") return query;
  return query.split("&").map((parameter) => {
    const [name] = parameter.split("=", 1);
    return secret.has(decoded(name).toLowerCase()) && name !== parameter
      ? `${name}=${REDACTED}`
      : parameter;
  }).join("&");
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Returns the attributes that metrics and spans have in common.
 *
 * @param request The request.
 * @param methods The methods to tell apart.
 * @returns The attributes.
 */
export function commonAttributes(
  request: ObservedRequest,
  methods: ReadonlySet<string>,
): AttributeValues {
  const { method, scheme } = request;
  return {
    "http.request.method": methods.has(method) ? method : OTHER_METHOD,
    "url.scheme": scheme,
  };
}

/**
 * Returns the version of the protocol.
 *
 * @param request The request.
 * @returns The version: `1.1`.
 */
export function protocolVersion({ version }: ObservedRequest): string {
  return /^HTTP\/([0-9.]+)$/.exec(version)?.[1] ?? "";
}

/**
 * Returns the attributes that only spans have.
 *
 * @param request The request.
 * @param known Whether the method is told apart.
 * @param secret The names of secret parameters, in lower case.
 * @returns The attributes.
 */
export function spanAttributes(
  request: ObservedRequest,
  known: boolean,
  secret: ReadonlySet<string>,
): AttributeValues {
  const { method, target, fields, client, peer: [peer, peerPort] } = request;
  const attributes: AttributeValues = {};
  const set = (name: string, value: string | number | undefined): void => {
    if (value === undefined || value === "") return;
    attributes[name] = typeof value === "number"
      ? value
      : value.slice(0, MAX_VALUE_LENGTH);
  };
  if (!known) set("http.request.method_original", method);
  set("network.protocol.version", protocolVersion(request));
  const { path, query } = splitTarget(target.replace(ORIGIN, ""));
  set("url.path", path || "/");
  set("url.query", redactQuery(query, secret));
  set("user_agent.original", fields.get("user-agent"));
  setServer(set, fields.get("host"), request.scheme);
  if (peerPort !== 0) {
    set("client.address", client);
    set("network.peer.address", peer);
    set("network.peer.port", peerPort);
    if (client === peer) set("client.port", peerPort);
  } else if (client !== peer) set("client.address", client);
  return attributes;
}

function setServer(
  set: (name: string, value: string | number | undefined) => void,
  host: string | undefined,
  scheme: string,
): void {
  const authority = host === undefined ? undefined : parseHost(host);
  if (authority === undefined) return;
  set("server.address", authority.host);
  set("server.port", authority.port ?? (scheme === "https" ? 443 : 80));
}
