// Copyright 2026 the pystd authors. MIT license.

/**
 * The command's flags: one table that parsing, the help text and the shell
 * completions are made from. To add a flag, add a row, and use its value where
 * the command's parts are put together.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { levenshteinDistance } from "@std/text/levenshtein-distance";
import type { LogFormat } from "../handlers/share.ts";
import { UsageError } from "./errors.ts";

/** A shell that completions can be made for. */
export type Shell = "bash" | "zsh" | "fish";

/** The shells, as `--completions` takes them. */
export const SHELLS: readonly Shell[] = ["bash", "zsh", "fish"];

/** The forms of a log, as `--log-format` takes them. */
export const LOG_FORMATS: readonly LogFormat[] = [
  "python",
  "clf",
  "combined",
  "json",
];

/** A flag of the command. */
export interface Flag {
  /** Its long name, without the dashes. */
  name: string;
  /** Its short name. */
  short?: string;
  /** What stands for its value in the help text; absent on a switch. */
  value?: string;
  /** The values that it may have, if they are few. */
  choices?: readonly string[];
  /** Whether the value may be left out: `--spa` or `--spa=app.html`. */
  optionalValue?: boolean;
  /** Whether it may be given several times. */
  repeatable?: boolean;
  /** What it does, in half a line. */
  help: string;
}

/** Flags that belong together, and what the help text calls them. */
export interface FlagGroup {
  /** The heading. */
  title: string;
  /** The flags. */
  flags: readonly Flag[];
}

/** All flags, in the order of the help text. */
export const FLAG_GROUPS: readonly FlagGroup[] = [
  {
    title: "What is served",
    flags: [
      {
        name: "directory",
        short: "d",
        value: "DIR",
        help: "the directory, as the argument DIR",
      },
      {
        name: "plain",
        help: "CPython's listing and headers, nothing added",
      },
      { name: "dotfiles", help: "list and serve names that start with a dot" },
      {
        name: "follow-symlinks",
        help: "follow symbolic links out of the directory",
      },
      {
        name: "content-type",
        value: "TYPE",
        help: "the type of files with an unknown extension",
      },
      {
        name: "header",
        short: "H",
        value: '"NAME: VALUE"',
        repeatable: true,
        help: "a header field for every response; repeatable",
      },
      {
        name: "protocol",
        short: "p",
        value: "VERSION",
        choices: ["HTTP/1.1", "HTTP/1.0"],
        help: "HTTP/1.1 or HTTP/1.0; digits are a port",
      },
      {
        name: "cgi",
        help: "run the programs in cgi-bin (--allow-run=SCRIPT)",
      },
      {
        name: "cgi-env",
        value: "NAME[=VALUE]",
        repeatable: true,
        help: "a variable for the scripts; repeatable",
      },
    ],
  },
  {
    title: "Who can reach it",
    flags: [
      { name: "port", value: "N", help: "the port, as the argument PORT" },
      {
        name: "bind",
        short: "b",
        value: "ADDRESS",
        help: "listen on this address instead of 127.0.0.1",
      },
      {
        name: "lan",
        help: "let others in; --allow-sys shows the addresses",
      },
      {
        name: "unix",
        value: "PATH",
        help: "listen on a Unix socket (--allow-write)",
      },
      {
        name: "allow-host",
        value: "NAME",
        repeatable: true,
        help: "answer to this name, .NAME and all below, or *",
      },
      {
        name: "trusted-proxy",
        value: "ADDRESS",
        repeatable: true,
        help: "believe this proxy; ADDRESS[/BITS], or unix",
      },
      { name: "tls-cert", value: "FILE", help: "serve HTTPS with this chain" },
      { name: "tls-key", value: "FILE", help: "its key, if not in there" },
      {
        name: "tls-password-file",
        value: "FILE",
        help: "the file with the password of the key",
      },
      {
        name: "tls-self-signed",
        help: "serve HTTPS with a certificate made now",
      },
      { name: "qr", help: "show the address as a QR code" },
      {
        name: "open",
        help: "open the browser (--allow-run)",
      },
    ],
  },
  {
    title: "What they see",
    flags: [
      { name: "title", value: "TEXT", help: "what the listing is called" },
      { name: "no-listing", help: "do not list directories" },
      {
        name: "spa",
        value: "FILE",
        optionalValue: true,
        help: "FILE (index.html) for pages that are not there",
      },
      {
        name: "prefix",
        value: "PATH",
        help: "the path that a proxy serves this below",
      },
      { name: "clean-urls", help: "serve about.html at /about" },
      {
        name: "cache-control",
        value: "VALUE",
        help: "for files; no-cache by default, with an ETag",
      },
      {
        name: "cors",
        value: "ORIGIN",
        optionalValue: true,
        help: "let pages of ORIGIN (any) read what is served",
      },
      {
        name: "precompressed",
        help: "send FILE.br, .zst or .gz where it is accepted",
      },
      { name: "no-compression", help: "do not compress texts on their way" },
    ],
  },
  {
    title: "Sharing",
    flags: [
      {
        name: "upload",
        value: "SUBDIR",
        optionalValue: true,
        help: "take uploads; needs --allow-write=DIR/SUBDIR",
      },
      { name: "overwrite", help: "let uploads replace files" },
      {
        name: "max-upload",
        value: "SIZE",
        help: "the largest upload (10G)",
      },
      {
        name: "max-total",
        value: "SIZE",
        help: "what all uploads together may fill",
      },
      { name: "archive", help: "offer folders as .zip and .tar.gz" },
      {
        name: "auth",
        value: "USER:PASS",
        repeatable: true,
        help: "ask for a password; repeatable",
      },
      {
        name: "auth-file",
        value: "HTPASSWD",
        help: "ask for those of a file by htpasswd -B",
      },
      {
        name: "auth-upload",
        value: "USER:PASS",
        repeatable: true,
        help: "ask for this one before uploads",
      },
    ],
  },
  {
    title: "Running",
    flags: [
      {
        name: "log-format",
        value: "FORMAT",
        choices: LOG_FORMATS,
        help: "python (default), clf, combined or json",
      },
      { name: "quiet", short: "q", help: "do not log requests" },
      {
        name: "fresh",
        value: "MS",
        help: "trust a look at the disk for MS milliseconds (0)",
      },
      {
        name: "max-connections",
        value: "N",
        help: "how many there may be at once; others get a 503",
      },
      {
        name: "workers",
        value: "N",
        help: "serve in N threads (--unstable-net)",
      },
      {
        name: "completions",
        value: "SHELL",
        choices: SHELLS,
        help: "print completions for bash, zsh or fish",
      },
      { name: "version", short: "V", help: "print the version and exit" },
      { name: "help", short: "h", help: "print this help and exit" },
    ],
  },
];

/** What was given on the command line. */
export interface CommandLine {
  /** The values of the flags that take one, by name. */
  values: Readonly<Record<string, string | undefined>>;
  /** The values of the flags that may be repeated, by name. */
  lists: Readonly<Record<string, readonly string[]>>;
  /** The switches that were given. */
  switches: ReadonlySet<string>;
  /** The arguments that are no flags. */
  positionals: readonly string[];
}

/**
 * Reads a command line.
 *
 * @param args The arguments.
 * @returns What was given.
 * @throws {UsageError} If a flag is unknown, or its value missing.
 */
export function readCommandLine(args: readonly string[]): CommandLine {
  const flags = FLAG_GROUPS.flatMap((group) => group.flags);
  const named = (wanted: (flag: Flag) => boolean): string[] =>
    flags.filter(wanted).map((flag) => flag.name);
  const withValue = named((flag) => flag.value !== undefined);
  const alias: Record<string, string> = {};
  for (const { name, short } of flags) {
    if (short !== undefined) alias[short] = name;
  }
  const optional = named((flag) => flag.optionalValue === true);
  const parsed: Record<string, unknown> = parseArgs(
    withoutNext(args, optional),
    {
      boolean: named((flag) => flag.value === undefined),
      string: [...withValue, "_"],
      collect: named((flag) => flag.value !== undefined),
      alias,
      unknown: (argument) => {
        if (!argument.startsWith("-") || argument === "-") return true;
        throw new UsageError(`Unknown option "${argument}"${meant(argument)}`);
      },
    },
  );
  const values: Record<string, string> = {};
  const lists: Record<string, string[]> = {};
  const switches = new Set<string>();
  for (const flag of flags) {
    const given = parsed[flag.name];
    if (flag.value === undefined) {
      if (given === true) switches.add(flag.name);
      continue;
    }
    const list = given as string[];
    if (list.length === 0) continue;
    if (!flag.optionalValue && list.includes("")) {
      throw new UsageError(`Option "--${flag.name}" needs a value`);
    }
    if (flag.repeatable) lists[flag.name] = list;
    else if (list.length === 1) values[flag.name] = list[0];
    else throw new UsageError(`Option "--${flag.name}" is given twice`);
  }
  const positionals = (parsed._ as unknown[]).map(String);
  return { values, lists, switches, positionals };
}

/** An optional value stands behind "=": the next argument is another one. */
function withoutNext(
  args: readonly string[],
  optional: readonly string[],
): string[] {
  const end = args.indexOf("--");
  return args.map((argument, index) =>
    (end === -1 || index < end) && argument.startsWith("--") &&
      optional.includes(argument.slice(2))
      ? `${argument}=`
      : argument
  );
}

/** How many letters may be wrong for a flag to be suggested. */
const MOST_WRONG_LETTERS = 3;

/** What may have been meant by a flag that does not exist. */
function meant(argument: string): string {
  const given = argument.replace(/^-+/, "").replace(/=.*/s, "");
  const near = FLAG_GROUPS.flatMap((group) => group.flags)
    .map(({ name }) => ({ name, wrong: wrongLetters(given, name) }))
    .sort((a, b) => a.wrong - b.wrong)[0];
  const most = Math.min(MOST_WRONG_LETTERS, given.length / 2);
  return near.wrong <= most ? `; did you mean "--${near.name}"?` : "";
}

function wrongLetters(given: string, name: string): number {
  // A name that is not finished is no wrong one.
  if (given.length > 1 && name.startsWith(given)) return 0;
  return levenshteinDistance(given, name);
}
