// Copyright 2026 the pystd authors. MIT license.

/**
 * The signed links of `--link`, and their key. Loaded only if `--link` or
 * `--link-key` is given.
 *
 * @module
 */

import { join, resolve } from "../files/paths.ts";
import type { MaybePromise } from "../files/maybe_promise.ts";
import { type Located, ServedDirectory } from "../files/served_directory.ts";
import {
  parseLinkTime,
  SignedLinks,
} from "../handlers/share/link/signed_links.ts";
import { DEFAULT_LINK_TIME } from "../handlers/share/link/link_time.ts";
import { collapsePath } from "../protocol/request_target.ts";
import { StartError } from "./errors.ts";
import { hiddenNames, openSource } from "./handler_settings.ts";
import type { Settings } from "./settings/settings.ts";

/** As long as the hash: a longer key adds nothing. */
const KEY_BYTES = 32;
const TIME_AT_END = /^(.+)=([0-9]+[a-z])$/s;

/** A link to print. */
interface WantedLink {
  readonly names: readonly string[];
  readonly isFolder: boolean;
  /** How long it holds, in ms. */
  readonly time: number;
}

/**
 * Returns the key that signs links: that of the file, or a new one. Workers share
 * it.
 *
 * @throws {StartError} If the file cannot be used, or a path of `--link` does not
 * exist.
 */
export async function prepareLinks(
  settings: Settings,
): Promise<Uint8Array<ArrayBuffer>> {
  await wantedLinks(settings);
  const { linkKey } = settings;
  return linkKey === undefined
    ? crypto.getRandomValues(new Uint8Array(KEY_BYTES))
    : await readKey(linkKey);
}

async function readKey(path: string): Promise<Uint8Array<ArrayBuffer>> {
  let key: Uint8Array<ArrayBuffer>;
  try {
    key = await Deno.readFile(path);
  } catch {
    throw new StartError(
      `Cannot read "${path}": there is no such file, or it cannot be read`,
    );
  }
  if (key.length >= KEY_BYTES) return key;
  throw new StartError(
    `Cannot sign links with "${path}": it has less than ${KEY_BYTES} bytes; ` +
      `make a key by: openssl rand -hex 32 > ${path}`,
  );
}

/** Parses the values of `--link`, and finds what they lead to. */
async function wantedLinks(settings: Settings): Promise<WantedLink[]> {
  if (settings.link.length === 0) return [];
  await using found = await openServed(settings);
  const links: WantedLink[] = [];
  for (const text of settings.link) {
    links.push(await wantedLink(settings, found.locate, text));
  }
  return links;
}

/** Parses a value of `--link`: a path below the directory, with a time. */
async function wantedLink(
  settings: Settings,
  locate: Locate,
  text: string,
): Promise<WantedLink> {
  const fail = (why: string): never => {
    throw new StartError(`Cannot make the link "${text}": ${why}`);
  };
  const [, path = text, written = DEFAULT_LINK_TIME] = TIME_AT_END.exec(text) ??
    [];
  const time = parseLinkTime(written) ??
    fail("the time must be a number with m, h or d, such as 90m, 24h or 7d");
  if (time > SignedLinks.maxLinkTime) fail("the time is more than 366 days");
  if (path.split("/").includes("..")) fail('the path has ".."');
  const names = collapsePath(path);
  const located = await locate(names);
  if (located.kind === "missing") {
    fail(`there is no such file or folder in "${settings.directory}"`);
  }
  return { names, isFolder: located.kind === "directory", time };
}

/** Finds what is served under the names of a path. */
type Locate = (names: readonly string[]) => MaybePromise<Located>;

/** Opens what is served, to look for the targets of links, and closes it. */
async function openServed(
  settings: Settings,
): Promise<AsyncDisposable & { readonly locate: Locate }> {
  const { directory, dotfiles, file } = settings;
  const hide = await hiddenNames(settings);
  const source = await openSource(settings);
  const close = async () => await source?.[Symbol.asyncDispose]?.();
  if (source !== undefined) {
    const { SourceStore } = await import("../sources/source_store.ts");
    const rules = {
      dotfiles,
      hide,
      cacheBytes: 0,
      freshFor: 0,
      maxListedEntries: 0,
    };
    const store = new SourceStore(source, rules);
    const locate: Locate = (names) => store.locate(`/${names.join("/")}`);
    return { locate, [Symbol.asyncDispose]: close };
  }
  const served = new ServedDirectory(resolve(directory), {
    dotfiles,
    hide,
    file,
  });
  const locate: Locate = (names) => served.locate(join(served.path, ...names));
  return { locate, [Symbol.asyncDispose]: close };
}

/**
 * Makes the links of `--link`.
 *
 * @param settings The settings, with the key.
 * @param url The URL of the server; `undefined` for a Unix socket.
 * @returns Lines to print.
 */
export async function linkLines(
  settings: Settings,
  url: string | undefined,
): Promise<string[]> {
  const links = new SignedLinks({ key: settings.linkSecret! });
  const lines: string[] = [];
  for (const { names, isFolder, time } of await wantedLinks(settings)) {
    const end = Date.now() + time;
    const link = await links.sign(names, { isFolder, end });
    const until = new Date(end).toISOString().replace(/:\d\d\.\d+Z$/, "Z");
    lines.push(
      `Link to /${names.join("/")} without a password until ${until}:`,
    );
    lines.push(`  ${url?.slice(0, -1) ?? settings.prefix}${link}`);
  }
  return lines;
}
