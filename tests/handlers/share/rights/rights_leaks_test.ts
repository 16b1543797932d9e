// Copyright 2026 the pystd authors. MIT license.

/** What a user may not read leaves no trace in any answer. */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { isLargeDirectory } from "../../../../files/list_directory.ts";
import { ask } from "../../../support/client.ts";
import { serveWithFlags, signedIn } from "../../../support/rights.ts";
import type { Sharing } from "../../../support/sharing.ts";

/** In all names and texts that ann may not read. */
const MARK = "hush";
const LARGE = MARK.repeat(100_000);

const RULES = [
  "ann / manage",
  "eve /hush manage",
  "eve /pictures/hush.png read",
  "eve /docs/README.md read",
  "eve /site/index.html read",
  "eve /site/hush.html read",
  "eve /site/app.js.gz read",
  "eve /404.html read",
  "eve /caf\u00e9hush manage",
];

function serve(...more: string[]): Promise<Sharing> {
  return serveWithFlags(
    {
      "a.txt": "open",
      "hush/x.txt": MARK,
      "hush/deep/hush.txt": MARK,
      "pictures/a.png": "png",
      "pictures/hush.png": MARK,
      "pictures/z.png": "png",
      "docs/README.md": MARK,
      "docs/a.txt": "open",
      "site/index.html": LARGE,
      "site/hush.html": MARK,
      "site/app.js": "open".repeat(1000),
      "site/app.js.gz": MARK,
      "404.html": LARGE,
      "cafe\u0301hush/x": MARK,
    },
    [
      "--dav",
      "--manage",
      "--archive",
      "--hash",
      "--auth=ann:secret",
      "--auth=eve:secret",
      ...RULES.map((rule) => `--allow=${rule}`),
      ...more,
    ],
    {
      "link": "hush",
      "link.txt": "hush/x.txt",
      "broken": "hush/none",
      "docs/link": "../hush",
    },
  );
}

/** Lets eve request all files: large ones stay open for the next request. */
async function openAll(sharing: Sharing): Promise<void> {
  for (const path of sharing.list()) {
    const target = encodeURI(path.replace(/^share/, ""));
    await sharing.fetch(target, { headers: signedIn("eve") });
  }
}

const READING = [
  "/",
  "/?grid",
  "/?format=json",
  "/?format=text",
  "/?sort=size&order=desc",
  "/?search=u",
  "/?search=x&format=json",
  "/?search=t&format=text",
  "/?json",
  "/?zip",
  "/?archive=zip",
  "/?archive=zip&item=hus%68&item=a.txt&item=link",
  "/pictures/",
  "/pictures/?grid",
  "/pictures/a.png?view",
  "/pictures/z.png?view",
  "/docs/",
  "/docs/?format=json",
  "/docs/a.txt?view",
  "/site/",
  "/site/?format=json",
  "/site/app.js",
  "/missing",
  "/link",
  "/link/",
  "/link/x.txt",
  "/link.txt",
  "/link.txt?view",
  "/link.txt?qr",
  "/link.txt?hash",
  "/link.txt?sha256",
  "/broken",
  "/docs/link/deep/",
];

Deno.test("nothing that a user may not read is in an answer", async () => {
  await using sharing = await serve("--precompressed");
  await openAll(sharing);
  for (const method of ["GET", "PROPFIND"]) {
    for (const path of READING) {
      const { text, headers } = await sharing.fetch(path, {
        method,
        headers: { ...signedIn("ann"), Depth: "1", Accept: "text/html" },
      });
      const all = text.replaceAll(/\?(?:search|archive)=[^"]*/g, "") +
        JSON.stringify([...headers]);
      assert(!all.toLowerCase().includes(MARK), `${method} ${path}: ${all}`);
    }
  }
});

Deno.test("a tar.gz has no name that a user may not read", async () => {
  await using sharing = await serve();
  const url = `http://127.0.0.1:${sharing.port}/?archive=tar.gz`;
  const { body } = await fetch(url, { headers: signedIn("ann") });
  const plain = body!.pipeThrough(new DecompressionStream("gzip"));
  const text = await new Response(plain).text();
  assert(text.includes("files/docs/a.txt"));
  assert(!text.includes(MARK));
});

Deno.test("a site has no page that a user may not read", async () => {
  await using sharing = await serve("--clean-urls", "--overwrite");
  await openAll(sharing);
  for (const path of ["/site/", "/site/hus%68", "/missing", "/site/none"]) {
    const { text } = await sharing.fetch(path, { headers: signedIn("ann") });
    assert(!text.includes(MARK), path);
  }
});

Deno.test("a copy has nothing that a user may not read", async () => {
  await using sharing = await serve();
  const { status } = await sharing.fetch("/docs/", {
    method: "COPY",
    headers: { ...signedIn("ann"), Destination: "/copy" },
  });
  assertEquals(status, 201);
  const copied = sharing.list().filter((path) => path.startsWith("share/copy"));
  assertEquals(copied, ["share/copy/", "share/copy/a.txt"]);
});

Deno.test("a file is only for those who may read it, also after others", async () => {
  await using sharing = await serve();
  const statusOf = async (user: string, path: string): Promise<number> =>
    (await sharing.fetch(path, { headers: signedIn(user) })).status;
  for (let turn = 0; turn < 3; turn++) {
    assertEquals(await statusOf("eve", "/hush/x.txt"), 200);
    assertEquals(await statusOf("eve", "/hush/"), 200);
    assertEquals(await statusOf("ann", "/hush/x.txt"), 403);
    assertEquals(await statusOf("ann", "/link/x.txt"), 404);
    assertEquals(await statusOf("ann", "/link.txt"), 404);
  }
});

Deno.test("the next request of a connection has its own user's rights", async () => {
  await using sharing = await serve();
  const request = (user: string, more = ""): string =>
    "GET /hush/x.txt HTTP/1.1\r\nHost: localhost\r\n" +
    `Authorization: ${signedIn(user).Authorization}\r\n${more}\r\n`;
  const answers = await ask(
    sharing.port,
    request("eve") + request("ann") + request("eve") +
      request("ann", "Connection: close\r\n"),
  );
  assertEquals(answers.map(({ status }) => status), [200, 403, 200, 403]);
});

/** Spellings of one path that ann may not read. */
const SPELLINGS = [
  "/hush/x.txt",
  "/hus%68/x.txt",
  "/hush%2fx.txt",
  "//hush//x.txt",
  "/hush/./x.txt",
  "/docs/../hush/x.txt",
  "/docs/%2e%2e/hush/x.txt",
  "/../hush/x.txt",
  "/HUSH/x.txt",
  "/Hush/X.TXT",
  "/hu\u200dsh/x.txt",
  "/\uff48ush/x.txt",
  "/hush/deep/../x.txt",
  "/caf\u00e9hush/x",
  "/cafe\u0301hush/x",
  "/CAFE\u0301HUSH/x",
];

Deno.test("no spelling of a path gives rights", async () => {
  await using sharing = await serve();
  for (const spelling of SPELLINGS) {
    const path = spelling.replace(
      /[^\x20-\x7e]+/g,
      (text) => encodeURIComponent(text),
    );
    for (const method of ["GET", "PUT", "DELETE", "MKCOL", "PROPFIND"]) {
      const length = method === "PUT" ? "Content-Length: 0\r\n" : "";
      const [{ status }] = await ask(
        sharing.port,
        `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${length}` +
          `Authorization: ${signedIn("ann").Authorization}\r\n` +
          "Depth: 0\r\nConnection: close\r\n\r\n",
      );
      assertEquals(status, 403, `${method} ${path}`);
    }
    const { status } = await sharing.fetch("/a.txt", {
      method: "COPY",
      headers: { ...signedIn("ann"), Destination: path },
    });
    // By RFC 3986, two slashes begin the name of a server.
    assertEquals(status, path.startsWith("//") ? 502 : 403, path);
  }
  assertEquals(await sharing.read("share/hush/x.txt"), MARK);
});

/** Methods, with fields that make their answers depend on what exists. */
const PROBES: [method: string, fields: Record<string, string>][] = [
  ["GET", {}],
  ["HEAD", {}],
  ["GET", { "If-None-Match": "*" }],
  ["GET", { "If-Match": "*" }],
  ["GET", { Range: "bytes=99-" }],
  ["OPTIONS", {}],
  ["PUT", { "If-None-Match": "*" }],
  ["PUT", { "Content-Range": "bytes */9" }],
  ["POST", {}],
  ["MKCOL", {}],
  ["DELETE", {}],
  ["DELETE", { "If-Match": "*" }],
  ["MOVE", { Destination: "/new" }],
  ["COPY", { Destination: "/new" }],
  ["PROPFIND", { Depth: "0" }],
  ["PROPFIND", { Depth: "infinity" }],
  ["PROPPATCH", {}],
  ["LOCK", {}],
  ["UNLOCK", { "Lock-Token": "<urn:x>" }],
  ["SPAM", {}],
];

Deno.test("an answer does not depend on whether an unreadable path exists", async () => {
  await using sharing = await serve();
  const pairs = [
    ["/hush/x.txt", "/hush/n.txt"],
    ["/hush/deep/", "/hush/none/"],
    ["/hush/deep", "/hush/none"],
    ["/hush/deep/?archive=zip", "/hush/none/?archive=zip"],
    ["/hush/x.txt?view", "/hush/n.txt?view"],
    ["/hush/x.txt?hash", "/hush/n.txt?hash"],
  ];
  for (const [there, missing] of pairs) {
    for (const [method, fields] of PROBES) {
      for (const user of ["ann", ""]) {
        const answer = async (path: string): Promise<unknown> => {
          const headers = { ...signedIn(user), ...fields };
          const got = await sharing.fetch(path, { method, headers });
          const fieldsGot = [...got.headers].filter(([name]) =>
            name !== "date"
          );
          return [got.status, got.text, fieldsGot];
        };
        const name = `${method} ${there} ${user}`;
        assertEquals(await answer(there), await answer(missing), name);
      }
    }
  }
});

Deno.test("a link to an unreadable path is as a broken one", async () => {
  await using sharing = await serve();
  for (const method of ["GET", "HEAD", "PROPFIND", "COPY", "PROPPATCH"]) {
    for (const [there, missing] of [["/link.txt", "/broken"]]) {
      const answer = async (path: string): Promise<unknown> => {
        const headers = { ...signedIn("ann"), Destination: "/new", Depth: "0" };
        const { status, text } = await sharing.fetch(path, { method, headers });
        return [status, text];
      };
      assertEquals(await answer(there), await answer(missing), method);
    }
  }
  for (const [there, missing] of [["/link/n", "/broken/n"]]) {
    const allow = async (path: string): Promise<string | null> => {
      const init = { method: "OPTIONS", headers: signedIn("ann") };
      return (await sharing.fetch(path, init)).headers.get("allow");
    };
    assertEquals(await allow(there), await allow(missing));
  }
  const { text } = await sharing.fetch("/?format=json", {
    headers: signedIn("ann"),
  });
  const names = JSON.parse(text).entries.map(({ name }: { name: string }) =>
    name
  );
  assertEquals(names, ["docs", "pictures", "site", "a.txt"]);
});

Deno.test("a large listing that several users request has each one's names", async () => {
  const rules = ["* / read", `eve /docs/${MARK}.txt read`];
  await using sharing = await serveWithFlags({ [`docs/${MARK}.txt`]: MARK }, [
    "--auth=eve:secret",
    ...rules.map((rule) => `--allow=${rule}`),
  ]);
  const folder = sharing.tree.path("share/docs");
  for (let i = 0; i < 4000; i++) {
    Deno.writeTextFileSync(`${folder}/${"n".repeat(40)}${i}`, "");
  }
  assert(isLargeDirectory(folder));
  const users = ["", "eve", "", "eve", "eve", ""];
  const pages = await Promise.all(users.map(async (user) => {
    const headers = { ...signedIn(user), Accept: "text/html" };
    return (await sharing.fetch("/docs/", { headers })).text;
  }));
  for (const [i, page] of pages.entries()) {
    assert(page.includes("n3999"), page.slice(0, 200));
    assertEquals(page.includes(MARK), users[i] === "eve", users[i]);
  }
});
