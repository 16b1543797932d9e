// Copyright 2026 the pystd authors. MIT license.

/**
 * Storage that is served in place of a directory: `s3://BUCKET/PREFIX`. Loaded
 * only then.
 *
 * @module
 */

import type { S3Source, S3SourceOptions } from "../sources/s3.ts";
import { isEndpoint } from "../sources/s3/endpoint.ts";
import { cannotServe, StartError, UsageError } from "./errors.ts";
import type { PermissionNeed } from "./permissions/permissions.ts";
import type { Settings } from "./settings/settings.ts";

/** The variables that programs for S3 read. */
const VARIABLES = "AWS_*";

/** The names of buckets (S3 API reference, bucket naming rules). */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** Unfinished uploads are removed after this time: a day, in ms. */
const LEFTOVER_MS = 24 * 60 * 60 * 1000;

/**
 * Checks that storage can be served with the other settings.
 *
 * @throws {UsageError} If the address is bad, or a flag needs a directory.
 */
export function checkStorage(settings: Settings): void {
  const { directory, upload, maxTotal } = settings;
  const [bucket] = bucketAndPrefix(directory);
  if (!BUCKET.test(bucket)) {
    throw new UsageError(
      `Invalid address "${directory}": expected s3://BUCKET/PREFIX, with a BUCKET of 3 to 63 lower-case letters, digits, dots and hyphens`,
    );
  }
  const local = {
    "dav": settings.dav,
    "cgi": settings.cgi,
    "follow-symlinks": settings.followSymlinks,
    "max-total": maxTotal !== Infinity,
  };
  for (const [flag, isGiven] of Object.entries(local)) {
    if (!isGiven) continue;
    throw new UsageError(
      `Option "--${flag}" needs a directory of this machine, not "${directory}"`,
    );
  }
  if (upload !== undefined && upload !== "") {
    throw new UsageError(
      `Option "--upload" takes no folder for "${directory}": name it in the prefix`,
    );
  }
}

/**
 * Returns the permissions that storage needs.
 *
 * @param directory The directory, as given.
 * @returns The permissions. The address of the store is known once the variables
 * may be read.
 */
export function storageNeeds(directory: string): PermissionNeed[] {
  const descriptor = { name: "env", variable: VARIABLES } as const;
  const needs: PermissionNeed[] = [{
    descriptor,
    action: `read the keys for "${directory}"`,
  }];
  if (Deno.permissions.querySync(descriptor).state !== "granted") return needs;
  const { endpoint, region, bucket } = readEnvironment(directory);
  const host = endpoint === undefined
    ? `${bucket}.s3.${region ?? "us-east-1"}.amazonaws.com:443`
    : hostOf(new URL(endpoint));
  const action = `reach the store at ${host}`;
  needs.push({ descriptor: { name: "net", host }, action, lasts: true });
  return needs;
}

/**
 * Reads the keys from the environment, and checks that the bucket can be listed.
 * The keys are read once: the permission for it is given up.
 *
 * @param settings The settings as given.
 * @returns The settings with the options of the source.
 * @throws {StartError} If the bucket cannot be reached.
 */
export async function findStorage(settings: Settings): Promise<Settings> {
  const { directory, upload } = settings;
  const options = readEnvironment(directory);
  const source = await openStorage(options);
  try {
    await source.list("").next();
  } catch (error) {
    throw cannotServe(directory, error);
  }
  if (upload !== undefined) {
    // Not awaited: a store that does not list uploads removes them by a rule.
    source.removeLeftovers(Date.now() - LEFTOVER_MS).catch(() => {});
  }
  return { ...settings, storage: options };
}

/**
 * Makes the source of files.
 *
 * @param options The options from `findStorage()`.
 * @returns The source.
 */
export async function openStorage(options: S3SourceOptions): Promise<S3Source> {
  const { S3Source } = await import("../sources/s3.ts");
  return new S3Source(options);
}

function bucketAndPrefix(directory: string): [bucket: string, prefix: string] {
  const [, bucket = "", prefix = ""] = /^s3:\/\/([^/]*)\/?(.*)$/s
    .exec(directory) ?? [];
  return [bucket, prefix];
}

function readEnvironment(directory: string): S3SourceOptions {
  const [bucket, prefix] = bucketAndPrefix(directory);
  return {
    bucket,
    prefix,
    region: readVariable("AWS_REGION") ?? readVariable("AWS_DEFAULT_REGION"),
    endpoint: readEndpoint("AWS_ENDPOINT_URL_S3") ??
      readEndpoint("AWS_ENDPOINT_URL"),
    credentials: readCredentials(directory),
  };
}

/** Reads the keys. A public bucket is read without any. */
function readCredentials(directory: string): S3SourceOptions["credentials"] {
  const accessKeyId = readVariable("AWS_ACCESS_KEY_ID");
  const secretAccessKey = readVariable("AWS_SECRET_ACCESS_KEY");
  if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    const sessionToken = readVariable("AWS_SESSION_TOKEN");
    return { accessKeyId, secretAccessKey, sessionToken };
  }
  if (accessKeyId === secretAccessKey) return undefined;
  const [given, missing] = accessKeyId !== undefined
    ? ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
    : ["AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"];
  throw new StartError(
    `Cannot sign requests to "${directory}": ${given} is set, but ${missing} is not`,
  );
}

/** Reads the URL of a store. */
function readEndpoint(name: string): string | undefined {
  const endpoint = readVariable(name);
  if (endpoint === undefined || isEndpoint(endpoint)) return endpoint;
  // The message leaves the URL out: it may have a password.
  throw new StartError(
    `Cannot use ${name}: expected a URL such as https://store.example, without a user and a query`,
  );
}

/** Reads a variable; an empty one counts as missing. */
function readVariable(name: string): string | undefined {
  return Deno.env.get(name) || undefined;
}

function hostOf({ protocol, hostname, port }: URL): string {
  return `${hostname}:${port || (protocol === "http:" ? 80 : 443)}`;
}
