// Copyright 2026 the pystd authors. MIT license.

/**
 * Uploads, archives and passwords: what the command line says about them, and
 * what they need.
 *
 * @module
 */

import { UsageError } from "../errors.ts";
import type { CommandLine } from "../flags.ts";

/** What the command line says about sharing. */
export interface SharingSettings {
  /** The folder below the directory that may be written to, if any. */
  upload: string | undefined;
  /** Whether uploads replace files. */
  overwrite: boolean;
  /** The most bytes of one upload. */
  maxUpload: number;
  /** The most bytes of all uploads together. */
  maxTotal: number;
  /** Whether folders can be had as archives. */
  archive: boolean;
  /** Users and their passwords. */
  auth: readonly string[];
  /** The file of users and hashes. */
  authFile: string | undefined;
  /** What stands in that file, once it has been read. */
  passwords?: string;
  /** Users and their passwords, for uploads. */
  authUpload: readonly string[];
}

/** Room for the video of an evening; an upload costs disk, not memory. */
const DEFAULT_MAX_UPLOAD = 10 * 2 ** 30;
const UNITS = "KMGT";
const FLAGS = ["upload", "archive", "auth", "auth-file", "auth-upload"];

/**
 * Reads what the command line says about sharing.
 *
 * @param line The command line.
 * @returns It.
 * @throws {UsageError} If it makes no sense.
 */
export function readSharingSettings(line: CommandLine): SharingSettings {
  const { values, lists, switches } = line;
  const isGiven = (flag: string): boolean =>
    switches.has(flag) || values[flag] !== undefined ||
    lists[flag] !== undefined;
  for (const flag of ["overwrite", "max-upload", "max-total", "auth-upload"]) {
    if (isGiven(flag) && !isGiven("upload")) {
      throw new UsageError(`Option "--${flag}" requires "--upload"`);
    }
  }
  // These handlers know no passwords: nobody is to think that they ask.
  for (const other of ["plain", "cgi"].filter(isGiven)) {
    const flag = FLAGS.find(isGiven);
    if (flag === undefined) continue;
    throw new UsageError(
      `Options "--${flag}" and "--${other}" cannot be combined`,
    );
  }
  if (values.upload?.split(/[\\/]/).includes("..")) {
    throw new UsageError(
      `Invalid folder "${values.upload}": expected one inside the directory`,
    );
  }
  for (const flag of ["auth", "auth-upload"]) {
    for (const user of lists[flag] ?? []) checkUser(flag, user);
  }
  return {
    upload: values.upload,
    overwrite: switches.has("overwrite"),
    maxUpload: readSize(values["max-upload"], DEFAULT_MAX_UPLOAD),
    maxTotal: readSize(values["max-total"], Infinity),
    archive: switches.has("archive"),
    auth: lists.auth ?? [],
    authFile: values["auth-file"],
    authUpload: lists["auth-upload"] ?? [],
  };
}

/**
 * Whether anybody is asked for a password.
 *
 * @param settings What the command was told.
 * @returns Whether somebody is.
 */
export function asksForPasswords(settings: SharingSettings): boolean {
  const { auth, authFile, authUpload } = settings;
  return auth.length + authUpload.length > 0 || authFile !== undefined;
}

/**
 * The arguments as they may be shown: without passwords.
 *
 * @param args The command's arguments.
 * @returns The same, with `...` for each password.
 */
export function withoutPasswords(args: readonly string[]): string[] {
  return args.map((arg, i) => {
    const isNext = /^--auth(?:-upload)?$/.test(args[i - 1] ?? "");
    if (isNext) return arg.replace(/:.*/s, ":...");
    return arg.replace(/^(--auth(?:-upload)?=[^:]*:).*/s, "$1...");
  });
}

/** What other servers take for the same flag: not a password of ours. */
const OTHERS: readonly [syntax: RegExp, advice: string][] = [
  [
    /@\//,
    'permissions per path ("@/path:rw") are not supported; use --auth ' +
    "USER:PASSWORD, and --auth-upload USER:PASSWORD for uploads",
  ],
  [
    /^(?:\$\w+\$|\{SHA\}|sha(?:256|512):[0-9a-f]+$)/i,
    "password hashes are not accepted here; use --auth-file FILE with a file made by " +
    "htpasswd -B",
  ],
];

/** The value itself is not shown: it may be a password without a user. */
function checkUser(flag: string, text: string): void {
  const colon = text.indexOf(":");
  const password = text.slice(colon + 1);
  const [, advice] = OTHERS.find(([syntax]) => syntax.test(password)) ?? [];
  if (advice !== undefined) {
    throw new UsageError(`Invalid value for "--${flag}": ${advice}`);
  }
  if (colon > 0 && password !== "") return;
  throw new UsageError(`Invalid value for "--${flag}": expected USER:PASSWORD`);
}

function readSize(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const match = /^([0-9]+(?:\.[0-9]+)?)([KMGT]?)(?:i?B)?$/i.exec(text);
  if (match !== null) {
    const unit = match[2] === ""
      ? 0
      : UNITS.indexOf(match[2].toUpperCase()) + 1;
    const size = Math.floor(Number(match[1]) * 1024 ** unit);
    if (size > 0 && Number.isSafeInteger(size)) return size;
  }
  throw new UsageError(
    `Invalid size "${text}": expected bytes, or a number with K, M, G or T`,
  );
}
