// Copyright 2026 the pystd authors. MIT license.

/**
 * Source code and other text, which browsers show only as `text/plain`: the
 * registered type of `a.sh` or `a.toml` makes them download it, and that of
 * `a.ts` is a video.
 *
 * @module
 */

import type { ReadyFile } from "../../files/file_store.ts";
import { isOpenFile } from "../../files/piece_reader.ts";

/** The type of source code and other text. */
const TEXT_TYPE = "text/plain";
/** That type, with the charset that `guessType()` adds. */
const SOURCE_TYPE = `${TEXT_TYPE}; charset=utf-8`;
/** The registered type of `.ts`: an MPEG transport stream. */
const MPEG_TYPE = "video/mp2t";

/**
 * Extensions of text whose type browsers do not show. HTML, CSS, JavaScript,
 * JSON, XML and SVG keep their types, and so does CSV, which spreadsheets open.
 */
const EXTENSIONS =
  "ada adb adoc ads asciidoc asm astro awk bash bat bats bib bzl c cabal cc " +
  "cfg cl clj cljs cls cmake cmd cnf coffee conf cpp cr cs csproj cts cu cue " +
  "cxx d dart desktop diff dockerfile el elm env erb erl ex exs f f90 fish " +
  "fs fsx gd gemspec glsl go gql gradle graphql groovy h haml hcl hh hpp hrl " +
  "hs hxx ini ino ipynb java jinja jl json5 jsonc jsonl jsx kdl kt kts lean " +
  "less lhs lisp lock log lua m make markdown md mdx mk mkd ml mli mm mts " +
  "nasm ndjson nfo nim nix nu org pas patch php pl pm po pp properties proto " +
  "ps1 psm1 pug purs py pyi pyw pyx r rake rb rego rkt rmd rs rst s sass sbt " +
  "scala scm scss sed service sh sol sql srt styl sum sv svelte swift tcl " +
  "tex tf tfvars toml ts tsx txt typ v vb vert vhd vim vue wat wgsl yaml yml " +
  "zig zsh";

/** Types by extension that replace the registered ones. */
export const TEXT_EXTENSIONS: Readonly<Record<string, string>> = Object
  .fromEntries(
    EXTENSIONS.split(" ").map((extension) => [`.${extension}`, TEXT_TYPE]),
  );

/** Names of text files without a telling extension, in lower case. */
const NAMES: ReadonlySet<string> = new Set(
  ("authors bsdmakefile changelog changes codeowners containerfile " +
    "contributing contributors copying copyright credits dockerfile gemfile " +
    "gnumakefile go.mod jenkinsfile justfile licence license maintainers " +
    "makefile news notice owners pipfile procfile rakefile readme security " +
    "thanks todo vagrantfile").split(" "),
);

/** Settings files, whose names only look like an extension. */
const SETTINGS =
  /^\.(?:bash|docker|editor|env|eslint|git|npm|prettier|profile|vim|zsh)[a-z_]*$/;

/**
 * Returns the type of a text file that its name tells, but no extension.
 *
 * @param path The file's path, with `/` between names.
 * @returns The type; `undefined` if it is no such file.
 */
export function typeByName(path: string): string | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  return NAMES.has(name) || SETTINGS.test(name) ? TEXT_TYPE : undefined;
}

/** Length of a packet; with a time before each, as cameras write. */
const PACKETS = [{ length: 188, sync: 0 }, { length: 192, sync: 4 }];
const SYNC_BYTE = 0x47;
/** Packets that are checked: text with three `G` at these places is unlikely. */
const CHECKED = 3;

/**
 * Gives a `.ts` or `.mts` file the type of a video if its first bytes are those
 * of an MPEG transport stream (ISO/IEC 13818-1: packets of 188 bytes that begin
 * with 0x47).
 *
 * @param path The file's path.
 * @param file The file; its type is changed.
 */
export function detectVideo(path: string, file: ReadyFile): void {
  if (file.type !== SOURCE_TYPE || !/\.m?ts$/i.test(path)) return;
  let start: Uint8Array;
  if ("file" in file) {
    // A source has no bytes at once: there, the name tells the type.
    if (!isOpenFile(file.file)) return;
    start = new Uint8Array(Math.min(192 * CHECKED, file.info.size));
    if (!file.file.readFullySync(start, 0)) return;
  } else start = file.bytes;
  if (isTransportStream(start)) file.type = MPEG_TYPE;
}

function isTransportStream(bytes: Uint8Array): boolean {
  return PACKETS.some(({ length, sync }) => {
    if (bytes.length < length) return false;
    for (let i = 0; i < CHECKED; i++) {
      const at = i * length + sync;
      if (at < bytes.length && bytes[at] !== SYNC_BYTE) return false;
    }
    return true;
  });
}
