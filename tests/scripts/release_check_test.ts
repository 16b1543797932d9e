// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { findFaults, type Release } from "../../scripts/release_check.ts";

const CONFIG = {
  name: "@pystd/x",
  version: "1.2.3",
  exports: { ".": "./mod.ts" },
  imports: { "@std/path": "jsr:@std/path@^1.1.6" },
};

const GOOD: Release = {
  config: JSON.stringify(CONFIG),
  version: 'export const VERSION = "1.2.3";\n',
  changelog: "# Changelog\n\n## 1.2.3 (unreleased)\n\n## 1.2.2 (2026-01-02)\n",
  docs: "| entry | what |\n| `.` | all |\n",
  entries: new Map([["./mod.ts", "/** @module */"]]),
  published: ["CHANGELOG.md", "LICENSE", "README.md", "deno.json", "mod.ts"],
  loaded: ["mod.ts"],
};

Deno.test("findFaults finds what does not fit in a release", () => {
  const config = (more: object): string =>
    JSON.stringify({ ...CONFIG, ...more });
  const cases: [change: Partial<Release>, faults: string[]][] = [
    [{}, []],
    [{ version: 'VERSION = "1.2.4"' }, [
      "version.ts says 1.2.4, deno.json 1.2.3",
    ]],
    [{ changelog: "## 1.2.2 (2026-01-02)\n" }, [
      "CHANGELOG.md starts with 1.2.2, deno.json has 1.2.3",
    ]],
    [{ tag: "v1.2.3" }, [
      'CHANGELOG.md has no date for 1.2.3, but "unreleased"',
    ]],
    [{ tag: "v1.2.3", changelog: "## 1.2.3 (2026-02-03)\n" }, []],
    [{ tag: "v1.3.0", changelog: "## 1.2.3 (2026-02-03)\n" }, [
      "The tag is v1.3.0, deno.json has 1.2.3",
    ]],
    [{ entries: new Map([["./mod.ts", ""]]) }, [
      "./mod.ts has no @module documentation",
    ]],
    [{ entries: new Map() }, ["exports: there is no ./mod.ts for ."]],
    [{ docs: "| `.`, `./gone` | all |" }, [
      "The documentation names ./gone, which is no entry point",
    ]],
    [{ docs: "nothing" }, [
      "The documentation does not name the entry point `.`",
    ]],
    [{ published: [...GOOD.published, "tests/a_test.ts"] }, [
      "tests/a_test.ts is published, and nothing loads it",
    ]],
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
