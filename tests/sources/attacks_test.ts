// Copyright 2026 the pystd authors. MIT license.

/**
 * Attacks by what a source contains: zip files that were made to do harm, names that
 * lead elsewhere, a store that lies.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { S3Source } from "../../sources/s3.ts";
import { SourceError } from "../../sources/source.ts";
import { ZipSource } from "../../sources/zip.ts";
import {
  isInstalled,
  type RunningCommand,
  runProgram,
  startCommand,
} from "../support/command.ts";
import { memoryOf } from "../support/download.ts";
import { failure, S3Store } from "../support/s3_store.ts";
import { makeFiles } from "../support/tree.ts";
import { untar } from "./cases.ts";

const HAS_PYTHON = isInstalled("python3");

/** Runs Python with `z`, a new zip file. */
async function makeZip(path: string, program: string): Promise<void> {
  const { code, stderr } = await runProgram("python3", [
    "-c",
    `import sys, zipfile, warnings
warnings.simplefilter("ignore")
z = zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED)
${program}
z.close()`,
    path,
  ]);
  assertEquals(code, 0, stderr);
}

const HIDDEN = [
  ".git/config",
  ".env",
  "d/.x/y.txt",
  "site.key",
  "d/site.key",
  "b.key/inner.txt",
];
const SHOWN = { "a.txt": "alpha\n", "d/b.txt": "beta\n" };

/** Asks for hidden names in every way. */
async function findNothing(
  t: Deno.TestContext,
  command: RunningCommand,
): Promise<void> {
  for (const name of HIDDEN) {
    await t.step(name, async () => {
      const folder = name.slice(0, name.lastIndexOf("/") + 1);
      const paths = [
        ...["", "?view", "?sha256", "?hash", "?json", "?zip", "/"]
          .map((end) => `/${name}${end}`),
        `//${name}`,
        `/d/../${name}`,
        `/%2e/${name.replace(".", "%2e")}`,
      ];
      if (/^\.|\/\.|\.key\//.test(folder)) {
        paths.push(
          ...["", "?json", "?zip", "?archive=tar.gz", "?search=c"]
            .map((end) => `/${folder}${end}`),
        );
      }
      for (const path of paths) {
        for (const method of ["GET", "HEAD"]) {
          const response = await fetch(command.url(path), { method });
          await response.body?.cancel();
          assertEquals([path, response.status], [path, 404]);
        }
      }
    });
  }
  await t.step("listings, searches, archives", async () => {
    for (
      const path of [
        "/",
        "/?json",
        "/d/?json",
        "/?search=.&json",
        "/?search=key&json",
      ]
    ) {
      const text = await (await fetch(command.url(path))).text();
      for (const part of [".git", ".env", ".x", "site.key", "b.key"]) {
        assert(!text.includes(part), `${path}: ${part}`);
      }
    }
    const archive = await fetch(command.url("/?archive=tar.gz"));
    const files = await untar(await archive.bytes());
    assertEquals(
      Object.keys(files).map((name) => name.slice(name.indexOf("/") + 1))
        .sort(),
      Object.keys(SHOWN),
    );
  });
}

const FLAGS = ["--archive", "--hash", "--hide=*.key"];

Deno.test({
  name: "hidden names of a zip file cannot be reached",
  ignore: !HAS_PYTHON,
  async fn(t) {
    await using tree = await makeFiles({});
    const path = tree.path("a.zip");
    await makeZip(
      path,
      `for n in ${JSON.stringify(HIDDEN)}: z.writestr(n, "secret")
for n, c in ${JSON.stringify(SHOWN)}.items(): z.writestr(n, c)`,
    );
    await using command = await startCommand([...FLAGS, path]);
    await findNothing(t, command);
  },
});

Deno.test("hidden names of a bucket cannot be reached, nor uploaded", async (t) => {
  await using store = new S3Store(SHOWN);
  for (const name of HIDDEN) store.put(name, "secret");
  await using command = await startCommand([
    ...FLAGS,
    "--upload",
    "--overwrite",
    "s3://share",
  ], {
    permissions: ["--allow-net", "--allow-env=AWS_*"],
    env: store.environment,
  });
  await findNothing(t, command);
  for (const name of [...HIDDEN, ".new", "new.key", ".well-known/x"]) {
    const before = store.objects.get(name);
    const put = await fetch(command.url(`/${name}?parents`), {
      method: "PUT",
      body: "x",
    });
    await put.body?.cancel();
    const made = await fetch(command.url(`/${name}/`), { method: "MKCOL" });
    await made.body?.cancel();
    const form = new FormData();
    form.append("f", new File(["x"], name));
    const posted = await fetch(command.url("/"), {
      method: "POST",
      body: form,
    });
    await posted.body?.cancel();
    assertEquals([name, put.status, made.status], [name, 403, 403]);
    assertEquals(store.objects.get(name), before);
  }
});

Deno.test("keys that are no paths are neither listed nor served", async () => {
  await using store = new S3Store(SHOWN);
  const odd = [
    "a//b",
    "../x",
    "d/../y",
    "d/./z",
    "./w",
    "/top",
    "d/",
    "d//",
    "nul\0x",
  ];
  for (const key of odd) store.put(key, "odd");
  store.put("line\nbreak\x1b[31m.txt", "odd");
  store.put(`${"k".repeat(1020)}.txt`, "long");
  await using command = await startCommand(["--archive", "s3://share"], {
    permissions: ["--allow-net", "--allow-env=AWS_*"],
    env: store.environment,
  });
  const { entries } = await (await fetch(command.url("/?json"))).json();
  assertEquals(
    entries.map(({ name }: { name: string }) => name).sort(),
    ["a", "a.txt", "d", "k".repeat(1020) + ".txt", "line\nbreak\x1b[31m.txt"]
      .sort(),
  );
  const listed = await (await fetch(command.url("/d/?json"))).json();
  assertEquals(listed.entries.length, 1);
  const line = await fetch(command.url("/line%0Abreak%1B%5B31m.txt"));
  assertEquals(await line.text(), "odd");
  const long = await fetch(command.url(`/${"k".repeat(1020)}.txt`));
  assertEquals(await long.text(), "long");
  const longer = await fetch(command.url(`/${"k".repeat(1025)}`));
  await longer.body?.cancel();
  assertEquals(longer.status, 404);
  const archive = await fetch(command.url("/?archive=tar.gz"));
  const files = Object.keys(await untar(await archive.bytes()));
  assert(!files.some((name) => /\.\.|\/\/|\/\.\//.test(name)), files.join());
  assert(!(command.stderr + command.stdout).includes("\x1b"));
});

Deno.test({
  name:
    "a zip bomb is unpacked no faster than its client reads, and not from afar",
  ignore: !HAS_PYTHON || Deno.build.os !== "linux",
  async fn(t) {
    await using tree = await makeFiles({});
    const path = tree.path("a.zip");
    // 1.2 GB of zeros in 1.2 MB.
    await makeZip(
      path,
      `with z.open("bomb", "w", force_zip64=True) as f:
    zeros = bytes(1 << 24)
    for _ in range(75): f.write(zeros)`,
    );
    await using command = await startCommand([...FLAGS, path]);
    const size = 75 * 2 ** 24;
    const before = (await memoryOf(command.pid)).now;
    await t.step("its length, and a part of it", async () => {
      const head = await fetch(command.url("/bomb"), { method: "HEAD" });
      assertEquals(head.headers.get("content-length"), `${size}`);
      const part = await fetch(command.url("/bomb"), {
        headers: { range: "bytes=1000000-1000009" },
      });
      assertEquals([part.status, await part.bytes()], [
        206,
        new Uint8Array(10),
      ]);
    });
    await t.step("a part that is far from the start", async () => {
      const part = await fetch(command.url("/bomb"), {
        headers: { range: "bytes=-10" },
      });
      await part.body?.cancel();
      assertEquals(part.status, 416);
    });
    await t.step("64 parts that are far from the start", async () => {
      const ranges = Array.from(
        { length: 64 },
        (_, i) => `${2 ** 30 - 100 * i - 99}-${2 ** 30 - 100 * i - 90}`,
      );
      const parts = await fetch(command.url("/bomb"), {
        headers: { range: `bytes=${ranges.join()}` },
      });
      const length = parts.headers.get("content-length");
      await parts.body?.cancel();
      assertEquals([parts.status, length], [200, `${size}`]);
    });
    await t.step("a client that stops reading", async () => {
      const clients = await Promise.all(
        Array.from({ length: 8 }, async () => {
          const response = await fetch(command.url("/bomb"));
          const reader = response.body!.getReader();
          await reader.read();
          return reader;
        }),
      );
      const archive = await fetch(command.url("/?archive=zip"));
      const reader = archive.body!.getReader();
      for (let length = 0; length < 2 ** 24;) {
        length += (await reader.read()).value!.length;
      }
      const { now } = await memoryOf(command.pid);
      for (const client of [...clients, reader]) await client.cancel();
      assert(now - before < 150 * 2 ** 20, `${(now - before) >> 20} MiB`);
    });
  },
});

Deno.test({
  name:
    "a zip file that changes while it is served gives 502, and no other bytes",
  ignore: !HAS_PYTHON,
  async fn() {
    await using tree = await makeFiles({});
    const path = tree.path("a.zip");
    await makeZip(path, `z.writestr(zipfile.ZipInfo("a.bin"), bytes(400000))`);
    await using source = await ZipSource.open(path);
    const entry = source.find("a.bin")!;
    const part = { start: 10, end: 20, entry };
    await (await source.read("a.bin", part)).cancel();
    const bytes = await Deno.readFile(path);
    await Deno.writeFile(path, bytes.fill(65, 100, 200_000));
    await Deno.utime(path, 1, 1);
    await assertRejects(
      () => source.read("a.bin", part),
      SourceError,
      "changed",
    );
    await Deno.truncate(path, 50);
    await assertRejects(
      () => source.read("a.bin", part),
      SourceError,
      "changed",
    );
  },
});

Deno.test({
  name: "zip files with wrong sizes, overlaps or a cut directory do no harm",
  ignore: !HAS_PYTHON,
  async fn(t) {
    await using tree = await makeFiles({});
    const path = tree.path("a.zip");
    await makeZip(
      path,
      `z.writestr("a.txt", "alpha" * 1000)
z.writestr("b.txt", "beta" * 1000)
z.writestr("a.txt/c", "clash")
z.writestr("bad\\udcff.txt".encode("utf-8", "surrogateescape").decode("latin1"), "x")
z.writestr("ctl\\r\\nX: y\\x1b.txt", "control")`,
    );
    const whole = await Deno.readFile(path);
    const text = new TextDecoder("latin1").decode(whole);
    const directory = text.indexOf("PK\x01\x02");
    await t.step("a cut directory", async () => {
      for (
        const end of [directory + 10, whole.length - 30, whole.length - 1, 100]
      ) {
        await assertRejects(
          () => ZipSource.open(whole.slice(0, end)),
          SourceError,
        );
      }
    });
    const read = async (source: ZipSource, name: string) => {
      const entry = source.find(name)!;
      const part = { start: 0, end: entry.size, entry };
      return await new Response(await source.read(name, part)).bytes();
    };
    await t.step("other sizes and overlaps", async () => {
      // Of the second entry: the size, then where its data begins.
      const second = text.indexOf("PK\x01\x02", directory + 4);
      for (
        const [offset, value] of [[24, 100], [24, 9_000_000], [42, 0]] as const
      ) {
        const bytes = whole.slice();
        new DataView(bytes.buffer).setUint32(second + offset, value, true);
        await using source = await ZipSource.open(bytes);
        await assertRejects(
          () => read(source, "b.txt"),
          SourceError,
          "damaged",
        );
      }
    });
    await t.step("odd names", async () => {
      await using source = await ZipSource.open(whole);
      assertEquals(source.find("a.txt")?.kind, "directory");
      assertEquals((await read(source, "a.txt/c")).length, 5);
      await using command = await startCommand(["--archive", path]);
      for (const target of ["/", "/?json", "/?archive=zip", "/?search=x"]) {
        const response = await fetch(command.url(target));
        await response.body?.cancel();
        assertEquals([response.status, response.headers.get("x")], [200, null]);
      }
    });
  },
});

Deno.test("a store that lies costs neither memory nor time without end", async (t) => {
  await using store = new S3Store({ "a.txt": "alpha\n" });
  const source = new S3Source({ ...store.options, retries: 0, timeout: 300 });
  const list = async (): Promise<void> => {
    for await (const _page of source.list("")) { /* all of it */ }
  };
  const xml = (body: string): Response => new Response(body);
  let pages = 0;
  const lies: [name: string, fault: S3Store["fault"], why: RegExp][] = [
    [
      "empty pages without an end",
      () =>
        xml(`<ListBucketResult><IsTruncated>true</IsTruncated>
        <NextContinuationToken>${pages++}</NextContinuationToken></ListBucketResult>`),
      /without an end/,
    ],
    [
      "the same page again and again",
      () =>
        xml(`<ListBucketResult><IsTruncated>true</IsTruncated>
        <NextContinuationToken>x</NextContinuationToken></ListBucketResult>`),
      /without an end/,
    ],
    [
      "entities",
      () =>
        xml(
          `<!DOCTYPE a [<!ENTITY x "y">]><ListBucketResult>&x;</ListBucketResult>`,
        ),
      /no XML/,
    ],
    [
      "millions of elements",
      () =>
        xml(`<ListBucketResult>${"<a/>".repeat(900_000)}</ListBucketResult>`),
      /no XML/,
    ],
    ["elements without an end", () => xml("<a>".repeat(1_000_000)), /no XML/],
    [
      "more XML than a list has",
      () => xml(" ".repeat(5_000_000)),
      /too much XML/,
    ],
    [
      "an error of 10 MB",
      () => new Response("x".repeat(10_000_000), { status: 400 }),
      /400/,
    ],
    ["a byte now and then", () => {
      let timer: ReturnType<typeof setInterval>;
      return new Response(
        new ReadableStream({
          start(controller): void {
            timer = setInterval(
              () => controller.enqueue(new Uint8Array([32])),
              20,
            );
          },
          cancel: () => clearInterval(timer),
        }),
      );
    }, /no answer within 300 ms/],
    ["an error with lines of its own", () => {
      const message = `a\n127.0.0.1 - - "GET /" 200${"!".repeat(5000)}`;
      return new Response(
        `<Error><Code>X</Code><Message>${message}</Message></Error>`,
        { status: 400 },
      );
    }, /^[^\n]{1,400}$/],
  ];
  for (const [name, fault, why] of lies) {
    await t.step(name, async () => {
      store.fault = fault;
      const error = await assertRejects(list, SourceError);
      assert(why.test(error.detail!), error.detail);
    });
  }
  assert(pages < 200, `${pages} pages`);
});

Deno.test("a redirect takes nothing to another host", async () => {
  let asked = 0;
  await using other = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response(`${++asked}`),
  );
  await using store = new S3Store({ "a.txt": "alpha\n" });
  const headers = { location: `http://127.0.0.1:${other.addr.port}/x` };
  for (const status of [301, 302, 307, 308]) {
    store.fault = () => new Response(null, { status, headers });
    const source = new S3Source({ ...store.options, retries: 0 });
    await assertRejects(() => source.find("a.txt"), SourceError);
    await assertRejects(
      () => source.write("b", new Blob(["x"]).stream(), { overwrite: true }),
      SourceError,
    );
  }
  assertEquals(asked, 0);
});

/** The command, then a question about the variables that it could read before. */
const PROGRAM = (cli: string): string => `
import { main } from "${cli}";
const serving = main(Deno.args);
const asking = setInterval(async () => {
  let answer = "";
  try {
    answer = Deno.env.get("AWS_SECRET_ACCESS_KEY") ?? "";
  } catch (error) {
    answer = error.name;
    clearInterval(asking);
  }
  console.log("env: " + answer);
}, 50);
Deno.exit(await serving);
`;

Deno.test("the command can read no keys once it serves, and shows none", async () => {
  await using store = new S3Store({ "a.txt": "alpha\n" });
  await using tree = await makeFiles({
    "main.ts": PROGRAM(`${new URL("../../cli.ts", import.meta.url)}`),
  });
  const environment = {
    ...store.environment,
    AWS_SECRET_ACCESS_KEY: "s3cret-of-the-key",
    AWS_SESSION_TOKEN: "t0ken",
  };
  await using command = await startCommand(["s3://share"], {
    module: tree.path("main.ts"),
    permissions: [
      "--allow-net",
      "--allow-env=AWS_*",
      `--config=${new URL("../../deno.json", import.meta.url).pathname}`,
    ],
    env: environment,
  });
  await command.says(/env: Not\w+/);
  store.fault = () => failure(403, "SignatureDoesNotMatch");
  for (const path of ["/a.txt", "/", "/none/"]) {
    const response = await fetch(command.url(path));
    assert(!/s3cret|t0ken/.test(await response.text()));
  }
  const { stdout, stderr } = await command.stop();
  const shown = (stdout + stderr).replace(/^env: s3cret-of-the-key$/gm, "");
  assert(!/s3cret|t0ken/.test(shown), shown);
  assert(/SignatureDoesNotMatch/.test(stderr), stderr);
});
