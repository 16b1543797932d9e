// Copyright 2026 the pystd authors. MIT license.

/**
 * What DELETE, MOVE and COPY ask and answer (RFC 4918 section 9), wherever the
 * files are.
 *
 * @module
 */

import {
  evaluatePreconditions,
  type Validators,
} from "../../../protocol/conditions.ts";
import {
  parseDestination,
  parseOverwrite,
} from "../../../protocol/dav/destination.ts";
import { multistatus, XML_TYPE } from "../../../protocol/dav/multistatus.ts";
import { quote, unquotePath } from "../../../protocol/percent_encoding.ts";
import { RequestError } from "../../../protocol/request_error.ts";
import {
  collapsePath,
  hasTrailingSlash,
  relativeRoot,
  splitTarget,
} from "../../../protocol/request_target.ts";
import type { ShareRequest } from "../request.ts";
import { sendShortResponse } from "../short_response.ts";
import { refuseContent } from "../upload/receive_body.ts";
import { runWrite } from "../upload/run_write.ts";

type Method = "DELETE" | "MOVE" | "COPY";

/** The methods. */
export const METHODS: readonly Method[] = ["DELETE", "MOVE", "COPY"];

/** What serves each method. */
export type Actions = Readonly<
  Record<Method, (request: ShareRequest) => Promise<void>>
>;

/** The destination of a COPY or MOVE. */
export interface Destination {
  /** The names of its path. */
  readonly names: readonly string[];
  /** Whether to replace what is there. */
  readonly overwrite: boolean;
}

/** Something in a folder that could not be changed. */
export interface Failure {
  /** Its path below the folder, with slashes. */
  readonly name: string;
  /** The status of the error. */
  readonly status: number;
}

/**
 * Runs a request of one of the methods, and sends the error if it fails.
 *
 * @param request The request.
 * @param origins Other origins that are allowed, `"*"` for all.
 * @param actions What serves each method.
 * @returns Whether the request has been answered.
 */
export function runAction(
  request: ShareRequest,
  origins: readonly string[],
  actions: Actions,
): boolean | Promise<boolean> {
  const method = METHODS.find((method) => method === request.command);
  if (method === undefined) return false;
  return runWrite(request, origins, async () => {
    await refuseContent(request);
    await actions[method](request);
  });
}

/**
 * Returns the names in the path of a target.
 *
 * @param target The target.
 * @returns The names.
 * @throws {RequestError} 400 if it has a fragment.
 */
export function namesOf(target: string): string[] {
  const { path, fragment } = splitTarget(target);
  // A client that forgets to escape a `#` means another name.
  if (fragment !== "" || target.endsWith("#")) {
    throw new RequestError(400, "The path contains a fragment");
  }
  return collapsePath(unquotePath(path));
}

/**
 * Tells whether a target can only be a folder.
 *
 * @param target The target.
 * @returns Whether its path ends with a slash.
 */
export function isFolderTarget(target: string): boolean {
  return hasTrailingSlash(splitTarget(target).path);
}

/**
 * Reads the destination of a COPY or MOVE.
 *
 * @param request The request.
 * @returns The destination.
 * @throws {RequestError} 400 or 502 if it is none of this server.
 */
export function readDestination(request: ShareRequest): Destination {
  const target = parseDestination(
    request.field("destination"),
    request.field("host"),
    request.prefix,
  );
  const overwrite = parseOverwrite(request.field("overwrite"));
  return { names: namesOf(target), overwrite };
}

/**
 * Checks the preconditions of a request.
 *
 * @param request The request.
 * @param validators The validators of what it is about; `undefined` if there is
 * nothing.
 * @throws {RequestError} 412 if they do not hold.
 */
export function checkConditions(
  { command, headers }: ShareRequest,
  validators: Validators | undefined,
): void {
  if (evaluatePreconditions(command, headers, validators) !== "proceed") {
    throw new RequestError(412, "Precondition Failed");
  }
}

/**
 * Answers a MOVE or COPY.
 *
 * @param request The request.
 * @param action What was done, for the client.
 * @param from The names of the source.
 * @param to The names of the destination.
 * @param placement Whether the destination is new.
 */
export function sendPlacement(
  request: ShareRequest,
  action: "Moved" | "Copied",
  from: readonly string[],
  to: readonly string[],
  placement: "created" | "replaced" | "exists",
): void {
  if (placement !== "created") return sendShortResponse(request, 204, "");
  const [source, target] = [from, to].map((names) => `/${names.join("/")}`);
  const location = relativeRoot(request.path) + quote(target.slice(1));
  sendShortResponse(request, 201, `${action} ${source} to ${target}\n`, [
    ["Location", location],
  ]);
}

/**
 * Reports what could not be deleted or copied in a folder.
 *
 * @param request The request.
 * @param names The names of the folder.
 * @param failures What failed.
 */
export function sendFailures(
  request: ShareRequest,
  names: readonly string[],
  failures: readonly Failure[],
): void {
  const folder = `/${names.join("/")}`;
  const body = multistatus(
    failures.map(({ name, status }) => [
      request.prefix + quote(`${folder}/${name}`),
      status,
    ]),
  );
  const bytes = new TextEncoder().encode(body);
  request.sendResponse(207);
  request.sendHeader("Content-Type", XML_TYPE);
  request.sendHeader("Content-Length", bytes.length);
  request.endHeaders();
  request.wfile.write(bytes);
}

/**
 * Returns the error about a resource that does not exist.
 *
 * @returns The error.
 */
export function missing(): RequestError {
  return new RequestError(404, "File not found");
}
