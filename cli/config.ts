// Copyright 2026 the pystd authors. MIT license.

/**
 * Settings from a JSON file: an object of flags by their long names. The command
 * line overrides them.
 *
 * ```json
 * { "directory": "share", "port": 9000, "spa": true, "header": ["X-A: 1"] }
 * ```
 *
 * @module
 */

import { UsageError } from "./errors.ts";
import { type CommandLine, type Flag, FLAG_GROUPS } from "./flags.ts";
import { requirePermissions } from "./permissions/permissions.ts";

/** Flags that have no meaning in a file. */
const EXCLUDED = ["config", "completions", "help", "version"];

/**
 * Adds the settings of a file to a command line.
 *
 * @param line The command line.
 * @param path The file.
 * @param args The arguments, for the error about a missing permission.
 * @returns The command line with the flags of the file that it does not have.
 * @throws {UsageError} If the file cannot be read, or a setting is invalid.
 * @throws {StartError} If the permission to read it is missing.
 */
export function withConfig(
  line: CommandLine,
  path: string,
  args: readonly string[],
): CommandLine {
  const descriptor = { name: "read", path } as const;
  requirePermissions([{ descriptor, action: `read "${path}"` }], args);
  const config = readConfig(path);
  const isPort = (text: string): boolean => /^[0-9]+$/.test(text);
  const values: Record<string, string | undefined> = { ...config.values };
  // Positional arguments override the file, too.
  if (line.positionals.some(isPort) || isPort(line.values.protocol ?? "")) {
    delete values.port;
  }
  if (line.positionals.some((text) => !isPort(text))) delete values.directory;
  return {
    values: { ...values, ...line.values },
    lists: { ...config.lists, ...line.lists },
    switches: config.switches.union(line.switches),
    positionals: line.positionals,
  };
}

function readConfig(path: string): CommandLine {
  let config: unknown;
  try {
    config = JSON.parse(Deno.readTextFileSync(path));
  } catch (error) {
    const why = error instanceof SyntaxError
      ? `it is not JSON: ${error.message}`
      : error instanceof Deno.errors.NotFound
      ? "there is no such file"
      : "it cannot be read";
    throw new UsageError(`Cannot use the settings in "${path}": ${why}`);
  }
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    throw new UsageError(
      `Cannot use the settings in "${path}": expected an object`,
    );
  }
  const values: Record<string, string> = {};
  const lists: Record<string, string[]> = {};
  const switches = new Set<string>();
  const flags = FLAG_GROUPS.flatMap((group) => group.flags)
    .filter(({ name }) => !EXCLUDED.includes(name));
  for (const [name, value] of Object.entries(config)) {
    const flag = flags.find((flag) => flag.name === name);
    const texts = flag && textsOf(flag, value);
    if (texts === undefined) {
      const problem = flag === undefined
        ? `there is no flag "--${name}"`
        : `"${name}" must be ${expected(flag)}`;
      throw new UsageError(
        `Cannot use the settings in "${path}": ${problem}`,
      );
    }
    if (texts.length === 0) continue;
    if (flag!.value === undefined) switches.add(name);
    else if (flag!.repeatable) lists[name] = texts;
    else values[name] = texts[0]!;
  }
  return { values, lists, switches, positionals: [] };
}

/** Returns the values of a flag; `undefined` if they have the wrong type. */
function textsOf(flag: Flag, value: unknown): string[] | undefined {
  const isSwitch = flag.value === undefined || flag.optionalValue === true;
  if (typeof value === "boolean" && isSwitch) return value ? [""] : [];
  if (flag.value === undefined) return undefined;
  if (flag.repeatable && Array.isArray(value)) {
    return value.every(isText) ? value.map(String) : undefined;
  }
  return isText(value) ? [String(value)] : undefined;
}

function isText(value: unknown): value is string | number {
  return typeof value === "number" ||
    (typeof value === "string" && value !== "");
}

function expected(flag: Flag): string {
  if (flag.value === undefined) return "true or false";
  const list = flag.repeatable ? ", or a list of them" : "";
  const on = flag.optionalValue ? ", or true" : "";
  return `a text or a number that is not empty${list}${on}`;
}
