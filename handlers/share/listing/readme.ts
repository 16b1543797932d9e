// Copyright 2026 the pystd authors. MIT license.

/**
 * The README below a listing: as rendered Markdown, or as text.
 *
 * @module
 */

import type { ListingEntry } from "../../../files/entries.ts";
import { type MaybePromise, whenReady } from "../../../files/maybe_promise.ts";
import type { ReadyFile } from "../../simple.ts";
import { closeFile, readStart } from "../../simple/body.ts";
import { kindOf } from "./kinds.ts";
import type { Readme } from "./view.ts";

/** Bytes of a README that are shown. */
const README_BYTES = 64 * 1024;
const README = /^readme(?:\.md|\.txt|\.markdown)?$/i;

type Rendering = typeof import("../viewer/markdown.ts");

let rendering: Rendering | undefined;
let loading: Promise<Rendering> | undefined;

/**
 * Loads what renders Markdown, with the first README that needs it.
 *
 * @returns The module.
 */
export function loadRendering(): Promise<Rendering> {
  return loading ??= import("../viewer/markdown.ts")
    .then((loaded) => rendering = loaded);
}

/**
 * Finds the README of a directory.
 *
 * @param entries The entries of the directory.
 * @param onlyOne Whether none is shown if there are several.
 * @returns The entry.
 */
export function findReadme(
  entries: readonly ListingEntry[],
  onlyOne: boolean,
): ListingEntry | undefined {
  const [entry, another] = entries.filter(({ name, kind }) =>
    kind === "file" && README.test(name)
  );
  return onlyOne && another !== undefined ? undefined : entry;
}

/**
 * Reads a README for its page.
 *
 * @param name The file's name.
 * @param file The file; it is closed.
 * @param root The root of the share, relative to the page.
 * @returns The README, `undefined` if it cannot be read; a promise if what
 * renders it has to be loaded.
 */
export function readReadme(
  name: string,
  file: ReadyFile,
  root: string,
): MaybePromise<Readme | undefined> {
  return whenReady(readText(name, file), (readme) => {
    if (readme === undefined || kindOf(name) !== "markdown") return readme;
    const render = ({ renderMarkdown }: Rendering): Readme => ({
      ...readme,
      markup: renderMarkdown(readme.text, root),
    });
    return rendering === undefined
      ? loadRendering().then(render)
      : render(rendering);
  });
}

function readText(
  name: string,
  file: ReadyFile,
): MaybePromise<Readme | undefined> {
  const make = (bytes: Uint8Array): Readme => {
    closeFile(file);
    const text = new TextDecoder().decode(bytes);
    return { name, text, cut: file.info.size > README_BYTES };
  };
  const fail = (): undefined => {
    closeFile(file);
    return undefined;
  };
  // Compressed by its owner.
  if (file.coding !== undefined) return fail();
  try {
    const bytes = readStart(file, README_BYTES);
    return bytes instanceof Promise ? bytes.then(make, fail) : make(bytes);
  } catch {
    return fail();
  }
}
