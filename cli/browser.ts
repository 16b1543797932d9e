// Copyright 2026 the pystd authors. MIT license.

/** The program that opens a URL on each system, and what it is told before. */
const OPENERS: Readonly<Record<string, readonly string[]>> = {
  darwin: ["open"],
  windows: ["cmd", "/c", "start", ""],
};
const ELSEWHERE = ["xdg-open"];

/**
 * The program that opens the browser on this system.
 *
 * @returns Its name, as `--allow-run` takes it.
 */
export function browserOpener(): string {
  return openerOn(Deno.build.os)[0];
}

/**
 * Opens a URL in the browser, without waiting for it.
 *
 * @param url The URL.
 * @returns Why that is not possible, if so.
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
 * The command that opens a URL, which is its last argument.
 *
 * @param os The operating system, as in `Deno.build.os`.
 * @returns The program and what it is told before.
 */
export function openerOn(os: string): readonly string[] {
  return OPENERS[os] ?? ELSEWHERE;
}
