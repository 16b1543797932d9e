// Copyright 2026 the pystd authors. MIT license.

/**
 * The command's flags. Parsing, the help text and the shell completions all use
 * this table. To add a flag, add a row here and read its value in
 * `cli/settings/`.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import type { LogFormat } from "../handlers/share.ts";
import { UnknownOptionError, UsageError } from "./errors.ts";

/** A shell that has completions. */
export type Shell = "bash" | "zsh" | "fish";

/** Values of `--completions`. */
export const SHELLS: readonly Shell[] = ["bash", "zsh", "fish"];

/** Values of `--log-format`. */
export const LOG_FORMATS: readonly LogFormat[] = [
  "python",
  "clf",
  "combined",
  "json",
];

/** A flag of the command. */
export interface Flag {
  /** Long name, without the dashes. */
  name: string;
  /** Short name. */
  short?: string;
  /** Placeholder for the value in the help text; absent for a switch. */
  value?: string;
  /** Allowed values, if they are few. */
  choices?: readonly string[];
  /** Whether the value is optional: `--spa` or `--spa=app.html`. */
  optionalValue?: boolean;
  /** Whether the flag can be repeated. */
  repeatable?: boolean;
  /** Description, at most 48 characters. */
  help: string;
}

/** A group of flags under one heading of the help text. */
export interface FlagGroup {
  /** The heading. */
  title: string;
  /** The flags. */
  flags: readonly Flag[];
}

/** All flags, in the order of the help text. */
export const FLAG_GROUPS: readonly FlagGroup[] = [
  {
    title: "Files",
    flags: [
      {
        name: "directory",
        short: "d",
        value: "DIR",
        help: "Directory to serve; same as the argument DIR.",
      },
      {
        name: "plain",
        help: "CPython's listing and headers, nothing added.",
      },
      { name: "dotfiles", help: "List and serve names that start with a dot." },
      {
        name: "hide",
        value: "GLOB",
        repeatable: true,
        help: "Hide names that match (*.key); repeatable.",
      },
      {
        name: "follow-symlinks",
        help: "Follow symbolic links out of the directory.",
      },
      {
        name: "content-type",
        value: "TYPE",
        help: "Type of files with an unknown extension.",
      },
      {
        name: "header",
        short: "H",
        value: '"NAME: VALUE"',
        repeatable: true,
        help: "Header field for every response; repeatable.",
      },
      {
        name: "protocol",
        short: "p",
        value: "VERSION",
        choices: ["HTTP/1.1", "HTTP/1.0"],
        help: "HTTP/1.1 or HTTP/1.0; a number sets the port.",
      },
      {
        name: "cgi",
        help: "Run programs in cgi-bin (--allow-run=SCRIPT).",
      },
      {
        name: "cgi-env",
        value: "NAME[=VALUE]",
        repeatable: true,
        help: "Variable for CGI scripts; repeatable.",
      },
    ],
  },
  {
    title: "Network",
    flags: [
      {
        name: "port",
        value: "N",
        help: "Port (default 8000, 0 for a free one); or PORT.",
      },
      {
        name: "bind",
        short: "b",
        value: "ADDRESS",
        help: "Address to listen on (default 127.0.0.1).",
      },
      {
        name: "lan",
        help: "Listen on all addresses; --allow-sys shows them.",
      },
      {
        name: "unix",
        value: "PATH",
        help: "Listen on a Unix socket (--allow-write).",
      },
      {
        name: "allow-host",
        value: "NAME",
        repeatable: true,
        help: "Also answer to NAME, .NAME (subdomains) or *.",
      },
      {
        name: "trusted-proxy",
        value: "ADDRESS",
        repeatable: true,
        help: "Proxy to trust: ADDRESS[/BITS], or unix.",
      },
      {
        name: "tls-cert",
        value: "FILE",
        help: "Serve HTTPS with this certificate chain.",
      },
      {
        name: "tls-key",
        value: "FILE",
        help: "Private key, if not in the certificate file.",
      },
      {
        name: "tls-password-file",
        value: "FILE",
        help: "File with the password of the private key.",
      },
      {
        name: "tls-self-signed",
        help: "Serve HTTPS with a new self-signed certificate.",
      },
      { name: "qr", help: "Show the address as a QR code." },
      {
        name: "open",
        short: "o",
        help: "Open the browser (--allow-run).",
      },
    ],
  },
  {
    title: "Responses",
    flags: [
      { name: "title", value: "TEXT", help: "Title of the listing." },
      { name: "no-listing", help: "Do not list directories." },
      {
        name: "spa",
        value: "FILE",
        optionalValue: true,
        help: "FILE (default index.html) for missing pages.",
      },
      {
        name: "prefix",
        value: "PATH",
        help: "Path under which a proxy publishes this server.",
      },
      { name: "clean-urls", help: "Serve about.html at /about." },
      {
        name: "cache-control",
        value: "VALUE",
        help: "Cache-Control of files (default no-cache).",
      },
      {
        name: "cors",
        value: "ORIGIN",
        optionalValue: true,
        help: "Let pages of ORIGIN (default any) read files.",
      },
      {
        name: "precompressed",
        help: "Send FILE.br, .zst or .gz where accepted.",
      },
      { name: "no-compression", help: "Do not compress text responses." },
    ],
  },
  {
    title: "Sharing",
    flags: [
      {
        name: "upload",
        value: "SUBDIR",
        optionalValue: true,
        help: "Accept uploads; needs --allow-write=DIR/SUBDIR.",
      },
      { name: "overwrite", help: "Let uploads replace files." },
      {
        name: "manage",
        help: "--upload --overwrite, and delete, move and copy.",
      },
      {
        name: "dav",
        help: "WebDAV; read-only without --upload or --manage.",
      },
      {
        name: "max-upload",
        value: "SIZE",
        help: "Largest upload (default 10G).",
      },
      {
        name: "max-total",
        value: "SIZE",
        help: "Largest total size of all uploads.",
      },
      { name: "archive", help: "Offer folders as .zip and .tar.gz." },
      { name: "hash", help: "Offer the SHA-256 of a file at FILE?sha256." },
      {
        name: "auth",
        value: "USER:PASS",
        repeatable: true,
        help: "Password required for everything; repeatable.",
      },
      {
        name: "auth-file",
        value: "HTPASSWD",
        help: "Passwords from a file made by htpasswd -B.",
      },
      {
        name: "auth-upload",
        value: "USER:PASS",
        repeatable: true,
        help: "Password required for uploads only.",
      },
      {
        name: "allow",
        value: "RULE",
        repeatable: true,
        help: '"USER PATH read|upload|manage"; repeatable.',
      },
      {
        name: "allow-file",
        value: "FILE",
        help: "Read such rules from a file, one in each line.",
      },
      {
        name: "link",
        value: "PATH[=TIME]",
        repeatable: true,
        help: "Print a link without password (=90m, 24h or 7d).",
      },
      {
        name: "link-key",
        value: "FILE",
        help: "Key of links, so that they hold after a restart.",
      },
    ],
  },
  {
    title: "Running",
    flags: [
      {
        name: "config",
        value: "FILE",
        help: "Flags from a JSON file, by their long names.",
      },
      {
        name: "log-format",
        value: "FORMAT",
        choices: LOG_FORMATS,
        help: "python (default), clf, combined or json.",
      },
      {
        name: "log-file",
        value: "FILE",
        help: "Log to FILE; SIGHUP reopens it (--allow-write).",
      },
      { name: "quiet", short: "q", help: "Do not log requests." },
      {
        name: "fresh",
        value: "MS",
        help: "Reuse file information for MS ms (default 0).",
      },
      {
        name: "health",
        value: "PATH",
        help: "Answer PATH without a password, for probes.",
      },
      {
        name: "metrics",
        value: "PATH",
        help: "Answer PATH with metrics for Prometheus.",
      },
      {
        name: "server-timing",
        help: "Tell browsers how long parts of a request took.",
      },
      {
        name: "max-connections",
        value: "N",
        help: "Most connections at once; others get a 503.",
      },
      {
        name: "workers",
        value: "N",
        help: "Serve in N threads (--unstable-net).",
      },
      {
        name: "completions",
        value: "SHELL",
        choices: SHELLS,
        help: "Print completions for bash, zsh or fish.",
      },
      { name: "version", short: "V", help: "Print the version and exit." },
      { name: "help", short: "h", help: "Print this help and exit." },
    ],
  },
];

/** A parsed command line. */
export interface CommandLine {
  /** Values of flags that take one, by name. */
  values: Readonly<Record<string, string | undefined>>;
  /** Values of repeatable flags, by name. */
  lists: Readonly<Record<string, readonly string[]>>;
  /** Switches that are on. */
  switches: ReadonlySet<string>;
  /** Arguments that are not flags. */
  positionals: readonly string[];
}

/**
 * Parses a command line.
 *
 * @param args The arguments.
 * @throws {UsageError} If a flag is unknown, its value is missing, or it takes none.
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
  refuseValues(args, flags.filter((flag) => flag.value === undefined));
  const optional = named((flag) => flag.optionalValue === true);
  const parsed: Record<string, unknown> = parseArgs(
    endOptionalFlags(args, optional),
    {
      boolean: named((flag) => flag.value === undefined),
      string: [...withValue, "_"],
      collect: named((flag) => flag.value !== undefined),
      alias,
      unknown: (argument) => {
        if (!argument.startsWith("-") || argument === "-") return true;
        throw new UnknownOptionError(argument);
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
      throw new UsageError(`Option "--${flag.name}" requires a value`);
    }
    if (flag.repeatable) lists[flag.name] = list;
    else if (list.length === 1) values[flag.name] = list[0];
    else throw new UsageError(`Option "--${flag.name}" was given twice`);
  }
  const positionals = (parsed._ as unknown[]).map(String);
  return { values, lists, switches, positionals };
}

/**
 * Refuses values of switches. `parseArgs` would turn `--hash=0` on and `-q=1` off,
 * and would take a directory called `true` after a switch for its value.
 */
function refuseValues(
  args: readonly string[],
  switches: readonly Flag[],
): void {
  const names = new Map<string, string>();
  for (const { name, short } of switches) {
    names.set(name, name);
    if (short !== undefined) names.set(short, name);
  }
  for (const [index, argument] of args.entries()) {
    if (argument === "--") return;
    const [, long = "", letters = "", value] =
      /^(?:--([^=]+)|-([a-zA-Z]+))(.*)$/s.exec(argument) ?? [];
    const last = [...letters].every((letter) => names.has(letter))
      ? letters.at(-1) ?? long
      : "";
    const name = names.get(last);
    if (name === undefined) continue;
    if (value === "" && !/^(?:true|false)$/.test(args[index + 1] ?? "")) {
      continue;
    }
    throw new UsageError(`Option "--${name}" takes no value`);
  }
}

/**
 * Appends "=" to flags with an optional value: only "=" can introduce such a
 * value, never the next argument.
 */
function endOptionalFlags(
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
