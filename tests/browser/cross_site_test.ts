// Copyright 2026 the pystd authors. MIT license.

/** What a page of another site learns about the command's files. */

import { assertEquals } from "@std/assert/equals";
import { startCommand } from "../support/command.ts";
import { makeFiles } from "../support/tree.ts";
import { launch } from "./browser.ts";

/** Loads an address in all ways a page can, and returns the results. */
const PROBE = `(address) => Promise.all([
  ["img", "src"], ["script", "src"], ["link", "href"], ["object", "data"],
  ["iframe", "src"],
].map(([tag, property]) => new Promise((resolve) => {
  const element = document.createElement(tag);
  if (tag === "link") element.rel = "stylesheet";
  element.onload = () => resolve(tag + " loads");
  element.onerror = () => resolve(tag + " fails");
  element[property] = address;
  document.body.append(element);
})))`;

Deno.test({
  name: "cli does not reveal to other origins which files exist",
  // The browser's pipes stay open.
  sanitizeResources: false,
  sanitizeOps: false,
}, async (t) => {
  await using tree = await makeFiles({
    "share/a.js": "1;\n",
    "share/a.css": "a {}\n",
    "share/a.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>',
    "share/a.html": "<p>",
    "share/a.txt": "alpha\n",
    "share/d/": "",
  });
  await using stranger = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response("<p>", { headers: { "Content-Type": "text/html" } }),
  );
  const browser = await launch();
  const outcomes = async (args: string[]): Promise<Set<string>> => {
    await using command = await startCommand([...args, tree.path("share")]);
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${stranger.addr.port}/`);
    const seen = new Set<string>();
    for (
      const name of ["a.js", "a.css", "a.svg", "a.html", "a.txt", "d/", "no"]
    ) {
      const url = command.url(`/${name}`);
      seen.add(String(await page.evaluate(`(${PROBE})("${url}")`)));
    }
    await page.close();
    return seen;
  };
  try {
    await t.step("existing and missing files look the same", async () => {
      assertEquals(
        [...await outcomes([])],
        ["img fails,script fails,link fails,object fails,iframe loads"],
      );
    });
    await t.step("with --cors they do not", async () => {
      assertEquals((await outcomes(["--cors"])).size > 1, true);
    });
  } finally {
    await browser.close();
  }
});
