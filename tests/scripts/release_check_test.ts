// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { findFaults, type Release } from "../../scripts/release_check.ts";

const CONFIG = {
  name: "@pystd/x",
  version: "1.2.3",
  exports: { ".": "./mod.ts" },
  imports: { "@std/path": "jsr:@std/path@^1.1.6" },
};

/** Consistent pages, except those given. */
function pages(change: Record<string, string>): ReadonlyMap<string, string> {
  return new Map(Object.entries({
    "CHANGELOG.md": "## 1.2.3 (unreleased)\n\n## 1.2.2 (2026-01-02)\n",
    "README.md": "| entry | what |\n| `.` | all |\n",
    "docs/a.md": "# A\n\n## What it's for\n",
    ...change,
  }));
}

const GOOD: Release = {
  config: JSON.stringify(CONFIG),
  version: 'export const VERSION = "1.2.3";\n',
  pages: pages({}),
  entries: new Map([["./mod.ts", "/** @module */"]]),
  published: [
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "deno.json",
    "docs/a.md",
    "mod.ts",
  ],
  loaded: ["mod.ts"],
};

Deno.test("findFaults finds inconsistencies of a release", () => {
  const config = (more: object): string =>
    JSON.stringify({ ...CONFIG, ...more });
  const dated = pages({ "CHANGELOG.md": "## 1.2.3 (2026-02-03)\n" });
  const cases: [change: Partial<Release>, faults: string[]][] = [
    [{}, []],
    [{ version: 'VERSION = "1.2.4"' }, [
      "version.ts says 1.2.4, deno.json 1.2.3",
    ]],
    [{ pages: pages({ "CHANGELOG.md": "## 1.2.2 (2026-01-02)\n" }) }, [
      "CHANGELOG.md starts with 1.2.2, deno.json has 1.2.3",
    ]],
    [{ pages: pages({ "docs/a.md": "jsr:@pystd/x@1.2.2/cli" }) }, [
      "docs/a.md installs 1.2.2, not 1.2.3",
    ]],
    [
      { pages: pages({ "docs/a.md": "jsr:@pystd/x@1.2.3/cli jsr:@pystd/x" }) },
      [],
    ],
    [{ tag: "v1.2.3" }, [
      'CHANGELOG.md has no date for 1.2.3, but "unreleased"',
    ]],
    [{ tag: "v1.2.3", pages: dated }, []],
    [{ tag: "v1.3.0", pages: dated }, [
      "The tag is v1.3.0, deno.json has 1.2.3",
    ]],
    [{ entries: new Map([["./mod.ts", ""]]) }, [
      "./mod.ts has no @module documentation",
    ]],
    [{ entries: new Map() }, ["exports: there is no ./mod.ts for ."]],
    [{ pages: pages({ "README.md": "| `.`, `./gone` | all |" }) }, [
      "The documentation names ./gone, which is no entry point",
    ]],
    [{ pages: pages({ "README.md": "nothing" }) }, [
      "The documentation does not name the entry point `.`",
    ]],
    [{ published: [...GOOD.published, "tests/a_test.ts"] }, [
      "tests/a_test.ts is published, and nothing loads it",
    ]],
    [{ published: [...GOOD.published, "docs/a.png"] }, [
      "docs/a.png is published, and nothing loads it",
    ]],
    [{
      published: [...GOOD.published, "docs/a.png"],
      pages: pages({ "docs/a.md": "![A](./a.png)" }),
    }, []],
    [{ loaded: ["mod.ts", "io/a.ts"] }, [
      "io/a.ts is needed, and not published",
    ]],
    [{ config: config({ imports: { "@std/path": "./links/path/mod.ts" } }) }, [
      "imports: @std/path leads to ./links/path/mod.ts, not to a registry",
    ]],
  ];
  for (const [change, faults] of cases) {
    assertEquals(findFaults({ ...GOOD, ...change }), faults);
  }
});

Deno.test("findFaults finds links that are broken on JSR", () => {
  const nothing = (page: string, target: string): string =>
    `${page}: ${target} leads to nothing that is published`;
  const cases: [page: string, text: string, faults: string[]][] = [
    ["README.md", "`.` [a](./docs/a.md), [b](https://example.com/x.md)", []],
    ["README.md", "`.` [a](docs/a.md#what-its-for) [c](#up)\n# Up", []],
    ["README.md", "`.` `[a](./gone.md)`\n```md\n[a](./gone.md)\n```\n", []],
    ["README.md", "`.` [a](./examples)", [nothing("README.md", "./examples")]],
    ["README.md", "`.` ![a](./a.png 'A')", [nothing("README.md", "./a.png")]],
    ["README.md", "`.`\n\n[a]: ./b.md\n", [nothing("README.md", "./b.md")]],
    ["README.md", "`.` [a](http://h/)", [nothing("README.md", "http://h/")]],
    ["README.md", "`.` [a](#up)", ["README.md: #up leads to no heading"]],
    ["docs/a.md", "[r](../README.md), [c](../CHANGELOG.md)", []],
    ["docs/a.md", "[r](./README.md)", [nothing("docs/a.md", "./README.md")]],
    ["docs/a.md", "[r](../README.md#x)", [
      "docs/a.md: ../README.md#x leads to no heading",
    ]],
  ];
  for (const [page, text, faults] of cases) {
    const release = { ...GOOD, pages: pages({ [page]: text }) };
    assertEquals(findFaults(release), faults, text);
  }
});
