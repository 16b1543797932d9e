// Copyright 2026 the pystd authors. MIT license.

/**
 * Runs each example as its comment says, and checks its responses.
 *
 * @module
 */

import { assertEquals } from "@std/assert/equals";
import { assertStringIncludes } from "@std/assert/string-includes";
import { TextLineStream } from "@std/streams/text-line-stream";

/** A running example. */
interface Running extends AsyncDisposable {
  url: string;
  ended: Promise<Deno.CommandStatus>;
}

async function runExample(name: string, ...args: string[]): Promise<Running> {
  const root = new URL("../", import.meta.url);
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--allow-net",
      new URL(`examples/${name}.ts`, root).pathname,
      ...args,
    ],
    cwd: root.pathname,
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream()).getReader();
  const { value = "" } = await lines.read();
  const port = /^Serving on port ([0-9]+)$/.exec(value)?.[1];
  let over = false;
  const ended = child.status.finally(() => over = true);
  return {
    url: `http://127.0.0.1:${port}/`,
    ended,
    async [Symbol.asyncDispose](): Promise<void> {
      await lines.cancel();
      if (!over) child.kill("SIGKILL");
      await ended;
    },
  };
}

Deno.test("run serves with the given handler until it is interrupted", async () => {
  await using example = await runExample("run", "0");
  for (let i = 0; i < 2; i++) {
    const response = await fetch(example.url);
    assertEquals(response.status, 501);
    assertStringIncludes(await response.text(), "Unsupported method");
  }
});

Deno.test("run_while_true ends when its condition is false", async () => {
  await using example = await runExample("run_while_true", "0", "2");
  for (let i = 0; i < 2; i++) {
    const response = await fetch(example.url);
    assertEquals(response.status, 501);
    await response.body?.cancel();
  }
  assertEquals((await example.ended).code, 0);
});

Deno.test("dump_request returns a GET request to its client", async () => {
  await using example = await runExample("dump_request", "0");
  const response = await fetch(`${example.url}a?b=<c>`);
  const page = await response.text();
  assertEquals(response.headers.get("server")?.split(" ")[0], "MyHandler/1.1");
  assertStringIncludes(page, "this.command= <tt>GET</tt>");
  assertStringIncludes(page, "this.path= <tt>/a?b=%3Cc%3E</tt>");
  assertStringIncludes(page, "<p>accept= <tt>*/*</tt></p>");
  assertEquals((await example.ended).code, 0);
});

Deno.test("dump_request returns the fields of a posted form", async () => {
  await using example = await runExample("dump_request", "0");
  const body = new URLSearchParams({ name: "<value>" });
  const response = await fetch(example.url, { method: "POST", body });
  const page = await response.text();
  assertStringIncludes(page, "this.command= <tt>POST</tt>");
  assertStringIncludes(page, "form input= <tt>name=%3Cvalue%3E</tt>");
});
