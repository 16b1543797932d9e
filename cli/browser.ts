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
  return opener()[0];
}

/**
 * Opens a URL in the browser, without waiting for it.
 *
 * @param url The URL.
 * @returns Why that is not possible, if so.
 */
export function openBrowser(url: string): string | undefined {
  const [program, ...args] = opener();
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
      ? `there is no program "${program}" here`
      : (error as Error).message;
  }
}

function opener(): readonly string[] {
  return OPENERS[Deno.build.os] ?? ELSEWHERE;
}
