// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { assertThrows } from "@std/assert/throws";
import { UsageError } from "../../../cli/errors.ts";
import { readCommandLine } from "../../../cli/flags.ts";
import {
  readSiteSettings,
  type SiteSettings,
} from "../../../cli/settings/site.ts";

const DEFAULTS: SiteSettings = {
  title: undefined,
  listing: true,
  spa: false,
  prefix: "",
  health: undefined,
  metrics: undefined,
  serverTiming: false,
  cleanUrls: false,
  cacheControl: undefined,
  cors: false,
  compression: true,
  precompressed: false,
  logFormat: "python",
};

Deno.test("readSiteSettings reads each flag", () => {
  const cases: [string[], Partial<SiteSettings>][] = [
    [[], {}],
    [["--title", "Photos & co"], { title: "Photos & co" }],
    [["--no-listing"], { listing: false }],
    [["--spa", "dir"], { spa: true }],
    [["--spa=app.html"], { spa: "app.html" }],
    [["--clean-urls"], { cleanUrls: true }],
    [["--prefix", "/files/of-mine/"], { prefix: "/files/of-mine" }],
    [["--prefix", "/"], { prefix: "" }],
    [["--cache-control", "max-age=60"], { cacheControl: "max-age=60" }],
    [["--cors"], { cors: true }],
    [["--cors=*"], { cors: true }],
    [["--cors=https://a.example:8"], { cors: "https://a.example:8" }],
    [["--no-compression"], { compression: false }],
    [["--precompressed"], { precompressed: true }],
    [["--log-format=json"], { logFormat: "json" }],
  ];
  for (const [args, wanted] of cases) {
    assertEquals(readSiteSettings(readCommandLine(args)), {
      ...DEFAULTS,
      ...wanted,
    });
  }
});

Deno.test("readSiteSettings refuses invalid values", () => {
  const cases: [string[], string][] = [
    [["--plain", "--spa"], '"--plain" and "--spa" cannot be combined'],
    [["--cgi", "--cors"], '"--cgi" and "--cors" cannot be combined'],
    [["--cors=a.example"], 'Invalid origin "a.example"'],
    [["--cors=https://a.example/x"], 'Invalid origin "https://a.example/x"'],
    [["--cache-control", "a\nb"], 'Invalid value for "--cache-control"'],
    [["--prefix", "files"], 'Invalid value for "--prefix": expected a path'],
    [["--prefix", "/a/../b"], 'Invalid value for "--prefix": expected a path'],
    [["--metrics", "/./m"], 'Invalid value for "--metrics": expected a path'],
    [["--health", "/m/.."], 'Invalid value for "--health": expected a path'],
    [["--log-format=xml"], 'Invalid log format "xml"'],
  ];
  for (const [args, message] of cases) {
    assertThrows(
      () => readSiteSettings(readCommandLine(args)),
      UsageError,
      message,
    );
  }
});
