// Copyright 2026 the pystd authors. MIT license.

/** The command that opens a URL, by operating system. */
const OPENERS: Readonly<Record<string, readonly string[]>> = {
  darwin: ["open"],
  windows: ["cmd", "/c", "start", ""],
};
/** The command on Linux and the BSDs. */
const DEFAULT_OPENER = ["xdg-open"];

/**
 * Returns the program that opens the browser on this system.
 *
 * @returns The name of the program, for `--allow-run`.
 */
export function browserOpener(): string {
  return openerOn(Deno.build.os)[0];
}

/**
 * Opens a URL in the browser, without waiting for it.
 *
 * @returns The reason for a failure, `undefined` on success.
 */
export function openBrowser(url: string): string | undefined {
  const [program, ...args] = openerOn(Deno.build.os);
  try {
    new Deno.Command(program, {
      args: [...args, url],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn().unref();
    return undefined;
  } catch (error) {
    return error instanceof Deno.errors.NotFound
      ? `there is no program "${program}"`
      : (error as Error).message;
  }
}

/**
 * Returns the command that opens a URL on an operating system.
 *
 * @param os The operating system, as in `Deno.build.os`.
 * @returns The program and its arguments; the URL goes after them.
 */
export function openerOn(os: string): readonly string[] {
  return OPENERS[os] ?? DEFAULT_OPENER;
}
