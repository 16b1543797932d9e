// Copyright 2026 the pystd authors. MIT license.

/**
 * Checks that a release is consistent, and publishes only the files that users
 * need.
 *
 * ```sh
 * deno task release:check            # before every merge
 * deno task release:check v0.1.0     # on a tag: also compares the version
 * ```
 *
 * @module
 */

/** The data of a release. */
export interface Release {
  /** The text of `deno.json`. */
  config: string;
  /** The text of `version.ts`. */
  version: string;
  /** The text of each page by its path: `README.md`, `docs/cgi.md`. */
  pages: ReadonlyMap<string, string>;
  /** The source of each entry point by its path. */
  entries: ReadonlyMap<string, string>;
  /** The paths to publish. */
  published: readonly string[];
  /** The modules that the entry points import, directly or not. */
  loaded: readonly string[];
  /** The tag of the release, if any. */
  tag?: string;
}

interface Config {
  name: string;
  version: string;
  exports: Record<string, string>;
  imports: Record<string, string>;
}

const CHANGELOG = "CHANGELOG.md";
/** Published files other than modules and pages. */
const PAPERS = ["LICENSE", "deno.json"];

/**
 * Finds inconsistencies.
 *
 * @param release The data of the release.
 * @returns A line for each problem.
 */
export function findFaults(release: Release): string[] {
  const config = JSON.parse(release.config) as Config;
  return [
    ...versionFaults(release, config),
    ...exportFaults(release, config),
    ...listFaults(release),
    ...linkFaults(release),
    ...importFaults(config),
  ];
}

function* versionFaults(release: Release, config: Config): Generator<string> {
  const { version } = config;
  if (!/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version)) {
    yield `deno.json: "${version}" is no semantic version`;
  }
  const inModule = /VERSION = "([^"]*)"/.exec(release.version)?.[1];
  if (inModule !== version) {
    yield `version.ts says ${inModule}, deno.json ${version}`;
  }
  const [, newest, state] =
    /^## (\S+)(?: \((.*)\))?$/m.exec(release.pages.get(CHANGELOG) ?? "") ?? [];
  if (newest !== version) {
    yield `CHANGELOG.md starts with ${newest}, deno.json has ${version}`;
  }
  const pinned = new RegExp(`jsr:${config.name}@([\\d.]+\\d)`, "g");
  for (const [path, text] of release.pages) {
    if (path === CHANGELOG) continue;
    for (const [, other] of text.matchAll(pinned)) {
      if (other !== version) yield `${path} installs ${other}, not ${version}`;
    }
  }
  if (release.tag === undefined) return;
  if (release.tag.replace(/^v/, "") !== version) {
    yield `The tag is ${release.tag}, deno.json has ${version}`;
  }
  if (!/^\d{4}-\d\d-\d\d$/.test(state ?? "")) {
    yield `CHANGELOG.md has no date for ${version}, but "${state}"`;
  }
}

function* exportFaults(release: Release, config: Config): Generator<string> {
  const docs = [...release.pages.values()].join("\n");
  for (const [entry, path] of Object.entries(config.exports)) {
    const source = release.entries.get(path);
    if (source === undefined) {
      yield `exports: there is no ${path} for ${entry}`;
    } else if (!source.includes("@module")) {
      yield `${path} has no @module documentation`;
    }
    if (!docs.includes(`\`${entry}\``)) {
      yield `The documentation does not name the entry point \`${entry}\``;
    }
    if (!release.published.includes(path.replace(/^\.\//, ""))) {
      yield `${path} is exported and not published`;
    }
  }
  // Tables of entry points name them in the first column.
  for (const [, cell] of docs.matchAll(/^\| (`\.[^|]*)\|/gm)) {
    for (const [, entry] of cell!.matchAll(/`(\.(?:\/[\w/-]+)?)`/g)) {
      if (entry! in config.exports) continue;
      yield `The documentation names ${entry}, which is no entry point`;
    }
  }
}

function* listFaults(release: Release): Generator<string> {
  const { loaded, pages } = release;
  const wanted = new Set([...loaded, ...pages.keys(), ...PAPERS]);
  const shown = new Set(imagesOf(pages));
  for (const path of release.published) {
    if (!wanted.has(path) && !shown.has(path)) {
      yield `${path} is published, and nothing loads it`;
    }
    wanted.delete(path);
  }
  for (const path of wanted) yield `${path} is needed, and not published`;
}

/** Returns the paths of the images in the pages. */
function* imagesOf(pages: Release["pages"]): Generator<string> {
  for (const [page, text] of pages) {
    for (const [, target] of text.matchAll(/!\[[^\]]*\]\((\.[^)\s]+)\)/g)) {
      yield new URL(target!, `file:///${page}`).pathname.slice(1);
    }
  }
}

/**
 * On JSR a relative link leads to a file of the package. So a page may link only to
 * published files, or to the web.
 */
function* linkFaults({ pages, published }: Release): Generator<string> {
  for (const [page, text] of pages) {
    const prose = text.replaceAll(CODE, "");
    for (const [, inline, reference] of prose.matchAll(LINK)) {
      const target = inline ?? reference!;
      if (/^https:\/\/./.test(target)) continue;
      const url = new URL(target, `file:///${page}`);
      const path = url.pathname.slice(1);
      if (url.protocol !== "file:" || !published.includes(path)) {
        yield `${page}: ${target} leads to nothing that is published`;
      } else if (url.hash !== "") {
        const headings = headingsOf(pages.get(path) ?? "");
        if (headings.includes(url.hash.slice(1))) continue;
        yield `${page}: ${target} leads to no heading`;
      }
    }
  }
}

/** Code blocks and spans, which contain no links. */
const CODE = /^( *)```[^]*?^\1```$|(`+)[^]*?[^`]\2(?!`)/gm;
/** `[text](target)` and `[text]: target`. */
const LINK = /\]\(([^)\s]*)[^)]*\)|^\[[^\]]+\]: *(\S+)/gm;

/** Returns the anchors of the headings in a page. */
function headingsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title!.toLowerCase().replaceAll(/[^\w -]/g, "").replaceAll(" ", "-")
  );
}

/** Users of JSR can only import from JSR or npm. */
function* importFaults(config: Config): Generator<string> {
  for (const [name, target] of Object.entries(config.imports)) {
    if (/^(?:jsr|npm):.+@[~^]?\d/.test(target)) continue;
    yield `imports: ${name} leads to ${target}, not to a registry`;
  }
}

const ROOT = new URL("../", import.meta.url);

async function run(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  const output = decoder.decode(stdout) + decoder.decode(stderr);
  if (!success) throw new Error(`Cannot run deno ${args.join(" ")}: ${output}`);
  return output;
}

function read(path: string): Promise<string> {
  return Deno.readTextFile(new URL(path, ROOT));
}

/** Returns the paths of our files in a text with `file:` URLs. */
function* pathsIn(text: string): Generator<string> {
  for (const [, path] of text.matchAll(/"?(file:\/\/[^\s"]+)/g)) {
    if (path!.startsWith(ROOT.href)) yield path!.slice(ROOT.href.length);
  }
}

async function modulesOf(entry: string): Promise<string[]> {
  const { modules } = JSON.parse(
    await run("info", "--json", entry),
  ) as { modules: { specifier: string; kind?: string }[] };
  return modules.flatMap(({ specifier }) => [...pathsIn(specifier)])
    .filter((path) => !path.startsWith("links/"));
}

async function gather(tag: string | undefined): Promise<Release> {
  const config = await read("deno.json");
  const lock = await read("deno.lock");
  const { exports } = JSON.parse(config) as Config;
  const entries = new Map<string, string>();
  const loaded = new Set<string>();
  for (const path of Object.values(exports)) {
    entries.set(path, await read(path));
    for (const module of await modulesOf(path)) loaded.add(module);
  }
  const dryRun = await run("publish", "--dry-run", "--allow-dirty");
  if (await read("deno.json") !== config || await read("deno.lock") !== lock) {
    throw new Error(
      "Cannot continue: publishing has changed deno.json or its lock file",
    );
  }
  const pages = new Map<string, string>();
  for (const path of [CHANGELOG, "README.md", "SECURITY.md"]) {
    pages.set(path, await read(path));
  }
  for await (const { name } of Deno.readDir(new URL("docs", ROOT))) {
    if (!name.endsWith(".md")) continue;
    pages.set(`docs/${name}`, await read(`docs/${name}`));
  }
  return {
    config,
    version: await read("version.ts"),
    pages,
    entries,
    published: [...pathsIn(dryRun.slice(dryRun.indexOf("Simulating")))],
    loaded: [...loaded],
    tag,
  };
}

if (import.meta.main) {
  const release = await gather(Deno.args[0]);
  const faults = findFaults(release);
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) Deno.exit(1);
  console.log(`${release.published.length} files, all consistent`);
}
