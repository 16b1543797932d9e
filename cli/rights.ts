// Copyright 2026 the pystd authors. MIT license.

/**
 * The rules of `--allow` and `--allow-file`: read and checked once, before anything
 * is served. Loaded only if one of the flags is given.
 *
 * @module
 */

import { join, resolve, SEPARATOR } from "../files/paths.ts";
import { ServedDirectory } from "../files/served_directory.ts";
import {
  EVERYBODY,
  parseRule,
  parseRules,
  type Rule,
} from "../handlers/share/rights/rules.ts";
import { StartError } from "./errors.ts";
import { servesDirectory } from "./served.ts";
import type { Settings } from "./settings/settings.ts";

/**
 * Reads the rules.
 *
 * @param settings The settings.
 * @param users The names of the users who can sign in.
 * @returns The rules of both flags.
 * @throws {StartError} If a rule is malformed, or names something that does not
 * exist. The message names the flag, or the file and the line.
 */
export async function readRules(
  settings: Settings,
  users: ReadonlySet<string>,
): Promise<Rule[]> {
  if (settings.file !== undefined) {
    const flag = settings.allow.length > 0 ? "allow" : "allow-file";
    throw new StartError(
      `Cannot use "--${flag}" for a single file; use --auth USER:PASSWORD`,
    );
  }
  const check = checker(settings, users);
  const rules = settings.allow.map((text) => {
    const where = `Cannot use --allow "${text}"`;
    const rule = attempt(where, () => parseRule(text));
    check(rule, where);
    return rule;
  });
  const { allowFile } = settings;
  if (allowFile === undefined) return rules;
  const content = await readFile(allowFile);
  const read = attempt(
    `Cannot use "${allowFile}"`,
    () => parseRules(content),
  );
  for (const rule of read) {
    check(rule, `Cannot use "${allowFile}": Line ${rule.line}`);
  }
  return [...rules, ...read];
}

async function readFile(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch {
    throw new StartError(
      `Cannot read "${path}": there is no such file, or it cannot be read`,
    );
  }
}

function attempt<T>(where: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new StartError(`${where}: ${error.message}`);
  }
}

/** Returns a check of what a rule names. */
function checker(
  settings: Settings,
  users: ReadonlySet<string>,
): (rule: Rule, where: string) => void {
  const { upload, manage, directory } = settings;
  const served = new ServedDirectory(resolve(directory));
  return ({ user, path, rights }, where) => {
    const fail = (why: string): never => {
      throw new StartError(`${where}: ${why}`);
    };
    if (user !== EVERYBODY && !users.has(user)) {
      fail(
        `there is no user "${user}"; --auth and --auth-file name the users, ` +
          `and "${EVERYBODY}" is everybody`,
      );
    }
    if (rights.includes("manage") && !manage) {
      fail('the right "manage" requires "--manage"');
    }
    if (rights.includes("upload") && upload === undefined) {
      fail('the right "upload" requires "--upload"');
    }
    if (!servesDirectory(settings)) return;
    const real = realPath(served, path);
    // Rights follow the real path, so that a rule for another one would mislead.
    if (real.normalize("NFC") !== path.normalize("NFC")) {
      fail(`this path leads to "${real}"; name that one`);
    }
  };
}

/** Returns where a path leads; the path itself if it does not exist. */
function realPath(served: ServedDirectory, path: string): string {
  const located = served.locate(join(served.path, path));
  if (located.kind === "missing") return path;
  const below = located.path.slice(located.root.length);
  return `/${below.split(SEPARATOR).filter(Boolean).join("/")}`;
}
