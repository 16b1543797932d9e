// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { readCommandLine } from "../../cli/flags.ts";
import { readRules } from "../../cli/rights.ts";
import { checkSecrets } from "../../cli/secrets.ts";
import { readSettings, type Settings } from "../../cli/settings/settings.ts";
import { summary } from "../../cli/summary.ts";

/** Returns the paths that a function asks the file system for. */
async function pathsAskedBy(run: () => unknown): Promise<string[]> {
  const asked: string[] = [];
  const { realPathSync, lstatSync } = Deno;
  const refuse = (path: string | URL): never => {
    asked.push(`${path}`);
    throw new Deno.errors.NotCapable();
  };
  Deno.realPathSync = refuse;
  Deno.lstatSync = refuse;
  try {
    await run();
  } finally {
    Deno.realPathSync = realPathSync;
    Deno.lstatSync = lstatSync;
  }
  return asked;
}

/** Without permission to read, each of these paths would be a prompt. */
Deno.test("cli looks for no files of this machine if it serves a bucket", async () => {
  const args = [
    "--auth-file=users",
    "--allow=ann /x read",
    "--metrics=/metrics",
    "--health=/health",
    "--spa",
    "s3://photos",
  ];
  const settings: Settings = {
    ...readSettings(readCommandLine(args)),
    storage: { bucket: "photos" },
  };
  const asked = await pathsAskedBy(async () => {
    checkSecrets(settings);
    await readRules(settings, new Set(["ann"]));
    summary(settings, { address: ["127.0.0.1", 80], urls: [] });
  });
  assertEquals(asked, []);
});
