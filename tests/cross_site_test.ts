// Copyright 2026 the pystd authors. MIT license.

/** The command's responses to pages of other sites. */

import { assertEquals } from "@std/assert/equals";
import { startCommand } from "./support/command.ts";
import { makeFiles } from "./support/tree.ts";

const FIELDS = ["Cross-Origin-Resource-Policy", "X-Frame-Options"];
const GUARDED = ["same-origin", "SAMEORIGIN"];

Deno.test("cli blocks pages of other origins", async (t) => {
  await using tree = await makeFiles({
    "share/a.txt": "alpha\n",
    "share/d/b.txt": "beta\n",
    "share/big.txt": "text\n".repeat(1000),
  });
  const share = tree.path("share");
  const rows: [args: string[], values: (string | null)[]][] = [
    [[], GUARDED],
    [["--auth=a:b"], GUARDED],
    [["--no-listing", "--no-compression"], GUARDED],
    [["-H", `${FIELDS[0].toLowerCase()}: same-site`], [
      "same-site",
      "SAMEORIGIN",
    ]],
    [["-H", `${FIELDS[1]}: DENY`], ["same-origin", "DENY"]],
    [["--cors"], [null, null]],
    [["--cors=https://friend.example"], [null, null]],
    [["--plain"], [null, null]],
  ];
  for (const [args, values] of rows) {
    await t.step(args.join(" ") || "no flag", async () => {
      await using command = await startCommand([...args, share]);
      // Found, compressed, listed, redirected, missing: a page cannot tell them
      // apart.
      for (const path of ["/a.txt", "/big.txt", "/d/", "/d", "/missing"]) {
        const response = await fetch(command.url(path), { redirect: "manual" });
        await response.body?.cancel();
        const sent = FIELDS.map((name) => response.headers.get(name));
        assertEquals(sent, values, path);
      }
    });
  }
});

Deno.test("cli makes archives only for its own pages and for navigations", async (t) => {
  await using tree = await makeFiles({ "share/a.txt": "alpha\n" });
  const navigate = { "Sec-Fetch-Mode": "navigate" };
  const rows: [Record<string, string>, alone: number, cors: number][] = [
    [{}, 200, 200],
    [{ "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "image" }, 200, 200],
    [{ "Sec-Fetch-Site": "none", ...navigate }, 200, 200],
    [{ "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "image" }, 403, 403],
    [{ "Sec-Fetch-Site": "same-site", "Sec-Fetch-Dest": "script" }, 403, 403],
    [{ Origin: "https://friend.example" }, 403, 200],
    [{ Origin: "https://stranger.example" }, 403, 403],
    [
      {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Dest": "iframe",
        ...navigate,
      },
      403,
      403,
    ],
    [
      {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Dest": "document",
        ...navigate,
      },
      200,
      200,
    ],
  ];
  for (const cors of [false, true]) {
    await t.step(cors ? "--cors=ORIGIN" : "no --cors", async () => {
      const args = cors ? ["--cors=https://friend.example"] : [];
      const share = tree.path("share");
      await using command = await startCommand(["--archive", ...args, share]);
      for (const [headers, alone, withCors] of rows) {
        for (const method of ["GET", "HEAD"]) {
          const url = command.url("/?archive=zip");
          const response = await fetch(url, { method, headers });
          await response.body?.cancel();
          const expected = cors ? withCors : alone;
          assertEquals(response.status, expected, JSON.stringify(headers));
        }
      }
    });
  }
  await t.step("--cors", async () => {
    const share = tree.path("share");
    await using command = await startCommand(["--archive", "--cors", share]);
    for (const [headers] of rows) {
      const response = await fetch(command.url("/?archive=zip"), { headers });
      await response.body?.cancel();
      assertEquals(response.status, 200, JSON.stringify(headers));
    }
  });
});
