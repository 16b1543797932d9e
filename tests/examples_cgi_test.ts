// Copyright 2026 the pystd authors. MIT license.

/** Each script of `examples/cgi-bin/` works as its comment says. */

import { assertEquals } from "@std/assert/equals";
import { CGIHTTPRequestHandler } from "../handlers/cgi.ts";
import { field } from "./support/answers.ts";
import { ask } from "./support/client.ts";
import { isInstalled, ROOT } from "./support/command.ts";
import { HAS_SH, head } from "./support/scripts.ts";
import { TestServer } from "./support/server.ts";

/** The scripts and their interpreters. */
const SCRIPTS: Record<string, string> = {
  "hello.sh": "sh",
  "hello.py": "python3",
  "hello.pl": "perl",
  "hello.ts": "deno",
  "hello.php": "php-cgi",
};

const TARGETS: [query: string, name: string][] = [
  ["", "stranger"],
  ["name=Ada", "Ada"],
  ["other=1&name=Ada+%26+%3Cb%3E&x=y", "Ada &amp; &lt;b&gt;"],
  ["name=Caf%C3%A9", "Caf\xc3\xa9"],
];

Deno.test("every example script is tested", () => {
  const names = [...Deno.readDirSync(`${ROOT}/examples/cgi-bin`)];
  assertEquals(
    names.map(({ name }) => name).sort(),
    Object.keys(SCRIPTS).sort(),
  );
});

for (const [name, interpreter] of Object.entries(SCRIPTS)) {
  // dash has no --version.
  const installed = interpreter === "sh" ? HAS_SH : isInstalled(interpreter);
  Deno.test({
    name: `examples/cgi-bin/${name} greets by the query and by a form`,
    ignore: !HAS_SH || !installed,
    async fn() {
      await using server = new TestServer(
        CGIHTTPRequestHandler.with({ directory: `${ROOT}/examples` }),
      );
      for (const [form, greeted] of TARGETS) {
        const page = `<!DOCTYPE html>\n<p>Hello, ${greeted}!\n`;
        const target = `/cgi-bin/${name}`;
        const type = "Content-Type: application/x-www-form-urlencoded";
        const length = `Content-Length: ${form.length}`;
        const [got] = await ask(server.port, head(`${target}?${form}`));
        const [posted] = await ask(
          server.port,
          head(target, [type, length], "POST"),
          form,
        );
        for (const answer of [got!, posted!]) {
          assertEquals([answer.status, answer.body], [200, page]);
          assertEquals(
            field(answer, "content-type")?.toLowerCase().replace(" ", ""),
            "text/html;charset=utf-8",
          );
        }
      }
    },
  });
}
