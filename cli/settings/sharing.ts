// Copyright 2026 the pystd authors. MIT license.

/**
 * The settings of uploads, archives and passwords.
 *
 * @module
 */

import type { Rule } from "../../handlers/share/rights/rules.ts";
import { UsageError } from "../errors.ts";
import type { CommandLine } from "../flags.ts";

/** The sharing settings. */
export interface SharingSettings {
  /** The folder for uploads, relative to the directory; "" is the directory. */
  upload: string | undefined;
  /** Whether uploads replace files. */
  overwrite: boolean;
  /** Whether files can be deleted, moved and copied. */
  manage: boolean;
  /** Whether to serve WebDAV. */
  dav: boolean;
  /** Largest upload, in bytes. */
  maxUpload: number;
  /** Largest total size of all uploads, in bytes. */
  maxTotal: number;
  /** Whether folders can be downloaded as archives. */
  archive: boolean;
  /** Whether clients can ask for the SHA-256 of files. */
  hash: boolean;
  /** USER:PASSWORD, required for everything. */
  auth: readonly string[];
  /** The htpasswd file. */
  authFile: string | undefined;
  /** The content of that file, set at the start. */
  passwords?: string;
  /** USER:PASSWORD, required for uploads only. */
  authUpload: readonly string[];
  /** Rules for rights per path, as given. */
  allow: readonly string[];
  /** The file with further rules. */
  allowFile: string | undefined;
  /** The rules of both, set at the start. */
  rules?: readonly Rule[];
  /** PATH[=TIME] of links without a password, as given. */
  link: readonly string[];
  /** The file with the key of such links. */
  linkKey: string | undefined;
  /** The key, set at the start. */
  linkSecret?: Uint8Array<ArrayBuffer>;
}

/** Enough for long videos; an upload costs disk space, not memory. */
const DEFAULT_MAX_UPLOAD = 10 * 2 ** 30;
const UNITS = "KMGT";
const FLAGS = [
  "upload",
  "manage",
  "dav",
  "archive",
  "hash",
  "auth",
  "auth-file",
  "auth-upload",
  "allow",
  "allow-file",
  "link",
  "link-key",
];

/**
 * Reads the sharing settings.
 *
 * @throws {UsageError} If a value is invalid, or flags contradict each other.
 */
export function readSharingSettings(line: CommandLine): SharingSettings {
  const { values, lists, switches } = line;
  const isGiven = (flag: string): boolean =>
    switches.has(flag) || values[flag] !== undefined ||
    lists[flag] !== undefined;
  for (const flag of ["overwrite", "max-upload", "max-total", "auth-upload"]) {
    if (isGiven(flag) && !isGiven("upload") && !isGiven("manage")) {
      throw new UsageError(`Option "--${flag}" requires "--upload"`);
    }
  }
  // These handlers ignore sharing: an error, so that nobody relies on it.
  for (const other of ["plain", "cgi"].filter(isGiven)) {
    const flag = FLAGS.find(isGiven);
    if (flag === undefined) continue;
    throw new UsageError(
      `Options "--${flag}" and "--${other}" cannot be combined`,
    );
  }
  checkRightsFlags(isGiven);
  for (const flag of ["link", "link-key"]) {
    if (isGiven(flag) && !isGiven("auth") && !isGiven("auth-file")) {
      throw new UsageError(
        `Option "--${flag}" requires "--auth" or "--auth-file": ` +
          "without them, no link needs a password",
      );
    }
  }
  if (values.upload?.split(/[\\/]/).includes("..")) {
    throw new UsageError(
      `Invalid folder "${values.upload}": expected one inside the directory`,
    );
  }
  for (const flag of ["auth", "auth-upload"]) {
    for (const user of lists[flag] ?? []) checkUser(flag, user);
  }
  const manage = switches.has("manage");
  return {
    upload: values.upload ?? (manage ? "" : undefined),
    // Anyone who may delete a file may replace it; rules say where that is.
    overwrite: switches.has("overwrite") ||
      (manage && !isGiven("allow") && !isGiven("allow-file")),
    manage,
    dav: readDav(line),
    maxUpload: readSize(values["max-upload"], DEFAULT_MAX_UPLOAD),
    maxTotal: readSize(values["max-total"], Infinity),
    archive: switches.has("archive"),
    hash: switches.has("hash"),
    auth: lists.auth ?? [],
    authFile: values["auth-file"],
    authUpload: lists["auth-upload"] ?? [],
    allow: lists.allow ?? [],
    allowFile: values["allow-file"],
    link: lists.link ?? [],
    linkKey: values["link-key"],
  };
}

function checkRightsFlags(isGiven: (flag: string) => boolean): void {
  const flag = ["allow", "allow-file"].find(isGiven);
  if (flag === undefined) return;
  if (isGiven("auth-upload")) {
    throw new UsageError(
      `Options "--${flag}" and "--auth-upload" cannot be combined: ` +
        "the rules say who may upload",
    );
  }
  if (isGiven("follow-symlinks")) {
    throw new UsageError(
      `Options "--${flag}" and "--follow-symlinks" cannot be combined: ` +
        "rules do not reach out of the directory",
    );
  }
}

/** Returns whether there are links without a password. */
export function hasLinks({ link, linkKey }: SharingSettings): boolean {
  return link.length > 0 || linkKey !== undefined;
}

/** Returns whether rules restrict what users may do. */
export function hasRules({ allow, allowFile }: SharingSettings): boolean {
  return allow.length > 0 || allowFile !== undefined;
}

function readDav({ values, switches }: CommandLine): boolean {
  if (!switches.has("dav")) return false;
  if (switches.has("no-listing")) {
    throw new UsageError(
      'Options "--dav" and "--no-listing" cannot be combined',
    );
  }
  const writes = values.upload !== undefined || switches.has("manage");
  if (writes && Number(values.workers ?? 1) > 1) {
    throw new UsageError(
      'Options "--dav" and "--workers" cannot be combined if clients may write: ' +
        "workers do not share locks",
    );
  }
  return true;
}

/** Returns whether any request needs a password. */
export function asksForPasswords(settings: SharingSettings): boolean {
  const { auth, authFile, authUpload } = settings;
  return auth.length + authUpload.length > 0 || authFile !== undefined;
}

/**
 * Hides the passwords in arguments, for messages.
 *
 * @returns The arguments, with `...` for each password.
 */
export function withoutPasswords(args: readonly string[]): string[] {
  return args.map((arg, i) => {
    const isNext = /^--auth(?:-upload)?$/.test(args[i - 1] ?? "");
    if (isNext) return arg.replace(/:.*/s, ":...");
    return arg.replace(/^(--auth(?:-upload)?=[^:]*:).*/s, "$1...");
  });
}

/**
 * Passwords that are a mistake: what other servers accept for the same flag, and
 * what {@linkcode withoutPasswords} prints.
 */
const MISTAKES: readonly [syntax: RegExp, advice: string][] = [
  [
    /@\//,
    "rights per path are rules of their own: --auth USER:PASSWORD " +
    '--allow "USER /path upload"',
  ],
  [
    /^(?:\$\w+\$|\{SHA\}|sha(?:256|512):[0-9a-f]+$)/i,
    "password hashes are not accepted here; use --auth-file FILE with a file made by " +
    "htpasswd -B",
  ],
  [/^\.\.\.$/, 'put the password in place of "..."'],
];

/** Errors do not show the value: it may be a password without a user. */
function checkUser(flag: string, text: string): void {
  const colon = text.indexOf(":");
  const password = text.slice(colon + 1);
  const [, advice] = MISTAKES.find(([syntax]) => syntax.test(password)) ??
    [];
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
