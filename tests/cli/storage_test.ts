// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { assertStringIncludes } from "@std/assert/string-includes";
import { readCommandLine } from "../../cli/flags.ts";
import { readRules } from "../../cli/rights.ts";
import { checkSecrets } from "../../cli/secrets.ts";
import { readSettings, type Settings } from "../../cli/settings/settings.ts";
import { summary } from "../../cli/summary.ts";
import { runToEnd } from "../support/command.ts";
import { failure, S3Store } from "../support/s3_store.ts";

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

Deno.test("cli says in a line why a bucket cannot be served", async () => {
  await using store = new S3Store();
  store.fault = () => failure(403, "AccessDenied");
  const { code, stderr } = await runToEnd(["s3://share"], {
    permissions: ["--allow-net=127.0.0.1", "--allow-env=AWS_*"],
    env: { AWS_ENDPOINT_URL: store.endpoint },
  });
  assertStringIncludes(
    stderr,
    'Cannot serve "s3://share": the storage refused the request (S3: GET',
  );
  assertStringIncludes(stderr, "403 AccessDenied");
  assertEquals([code, stderr.trim().split("\n").length], [1, 1]);
});

Deno.test("cli says in a line that a file is no zip file", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/a.zip`;
  await Deno.writeTextFile(path, "text");
  const { code, stderr } = await runToEnd([path], {
    permissions: ["--allow-net=127.0.0.1", `--allow-read=${folder}`],
  });
  await Deno.remove(folder, { recursive: true });
  assertStringIncludes(stderr, `Cannot serve "${path}": it is no zip file (`);
  assertEquals([code, stderr.trim().split("\n").length], [1, 1], stderr);
});

Deno.test("cli names the host and the bucket that it cannot reach", async () => {
  const closed = new S3Store();
  await closed[Symbol.asyncDispose]();
  const host = new URL(closed.endpoint).host;
  const { code, stderr } = await runToEnd(["s3://share/top"], {
    permissions: ["--allow-net=127.0.0.1", "--allow-env=AWS_*"],
    env: {
      AWS_ENDPOINT_URL: closed.endpoint,
      AWS_ACCESS_KEY_ID: "the-id",
      AWS_SECRET_ACCESS_KEY: "the-secret",
    },
  });
  assertStringIncludes(
    stderr,
    `Cannot serve "s3://share/top": the storage cannot be reached (S3: GET ${host}/share/: `,
  );
  assertEquals([code, stderr.trim().split("\n").length], [1, 1]);
  assertEquals(/the-id|the-secret|prefix=/.exec(stderr), null, stderr);
});

Deno.test("cli names the variable of a bucket that is wrong or missing", async () => {
  const keys = {
    AWS_ACCESS_KEY_ID: "the-id",
    AWS_SECRET_ACCESS_KEY: "the-secret",
  };
  const url = "Cannot use AWS_ENDPOINT_URL";
  const rows: [env: Record<string, string>, text: string][] = [
    [
      { AWS_ACCESS_KEY_ID: "the-id" },
      "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not",
    ],
    [
      { AWS_SECRET_ACCESS_KEY: "the-secret", AWS_ACCESS_KEY_ID: "" },
      "AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not",
    ],
    [{ ...keys, AWS_ENDPOINT_URL: "127.0.0.1:9000" }, `${url}: expected a URL`],
    [
      { ...keys, AWS_ENDPOINT_URL_S3: "http://ann:the-secret@127.0.0.1" },
      `${url}_S3: expected a URL`,
    ],
  ];
  for (const [env, text] of rows) {
    const { code, stderr } = await runToEnd(["s3://share"], {
      permissions: ["--allow-net=127.0.0.1", "--allow-env=AWS_*"],
      env: { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "", ...env },
    });
    assertStringIncludes(stderr, text);
    assertEquals([code, stderr.trim().split("\n").length], [1, 1], stderr);
    assertEquals(/the-id|the-secret/.exec(stderr), null, stderr);
  }
});

Deno.test("cli refuses flags that need a directory before it asks for permissions", async () => {
  const needs = 'needs a directory of this machine, not "s3://share"';
  const rows: [args: string[], text: string][] = [
    [["s3://share", "--manage", "--dav"], `Option "--dav" ${needs}`],
    [["s3://share", "--dav"], `Option "--dav" ${needs}`],
    [["s3://share", "--cgi"], `Option "--cgi" ${needs}`],
    [
      ["s3://share", "--follow-symlinks"],
      `Option "--follow-symlinks" ${needs}`,
    ],
    [["s3://share", "--upload=in"], 'takes no folder for "s3://share"'],
    [["s3://_"], 'Invalid address "s3://_"'],
  ];
  for (const [args, text] of rows) {
    const { code, stderr } = await runToEnd(args, { permissions: [] });
    assertStringIncludes(stderr, text);
    assertEquals([code, stderr.trim().split("\n").length], [2, 1], stderr);
  }
});
