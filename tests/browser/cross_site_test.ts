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

/** Sends a request by a script, and returns its status or the error. */
const SEND = `async ({ method, address, mode, headers, body }) => {
  try {
    const init = { method, mode, headers, body, credentials: "include" };
    return String((await fetch(address, init)).status);
  } catch (error) {
    return error.name;
  }
}`;

/** Sends a form, as a page without scripts can. */
const SUBMIT = `({ address, type, fields }) => {
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action: address, enctype: type });
  for (const [name, value] of Object.entries(fields)) {
    const input = document.createElement("input");
    Object.assign(input, { name, value });
    if (name === "file") {
      const data = new DataTransfer();
      data.items.add(new File(["x"], "evil.txt"));
      input.type = "file";
      input.files = data.files;
    }
    form.append(input);
  }
  document.body.append(form);
  HTMLFormElement.prototype.submit.call(form);
}`;

Deno.test({
  name:
    "cli lets no page of another origin change files, or list them by WebDAV",
  sanitizeResources: false,
  sanitizeOps: false,
}, async () => {
  await using tree = await makeFiles({
    "share/a.txt": "alpha",
    "share/d/b.txt": "beta",
  });
  await using stranger = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response("<p>", { headers: { "Content-Type": "text/html" } }),
  );
  const share = tree.path("share");
  const permissions = [
    "--allow-net=127.0.0.1",
    `--allow-read=${share}`,
    `--allow-write=${share}`,
  ];
  await using command = await startCommand(["--dav", "--manage", share], {
    permissions,
  });
  const browser = await launch();
  try {
    const page = await browser.newPage();
    // The same site with another port, and another site.
    for (const host of ["127.0.0.1", "localhost"]) {
      const home = `http://${host}:${stranger.addr.port}/`;
      await page.goto(home);
      const destination = command.url("/moved.txt");
      const attempts = [
        ..."DELETE PUT MOVE COPY MKCOL PROPFIND PROPPATCH LOCK UNLOCK PATCH"
          .split(" ").map((method) => ({ method, mode: "cors" })),
        { method: "POST", mode: "cors" },
        { method: "POST", mode: "no-cors" },
      ];
      for (const { method, mode } of attempts) {
        const made = method === "PUT" || method === "MKCOL";
        const address = command.url(made ? "/evil.txt" : "/a.txt");
        const isMove = method === "MOVE" || method === "COPY";
        const seen = await page.evaluate(
          `(${SEND})(${
            JSON.stringify({
              method,
              mode,
              address,
              headers: isMove ? { Destination: destination } : {},
              body: made ? "evil" : undefined,
            })
          })`,
        );
        assertEquals(seen, "TypeError", `${method} from ${host}`);
      }
      const forms = [
        ["/?manage", "application/x-www-form-urlencoded", {
          do: "delete",
          item: "a.txt",
          sure: "",
        }],
        ["/?manage", "application/x-www-form-urlencoded", {
          do: "move",
          item: "a.txt",
          to: "b.txt",
        }],
        ["/", "multipart/form-data", { file: "" }],
        ["/", "multipart/form-data", { mkdir: "evil" }],
        ["/", "text/plain", { mkdir: "evil" }],
      ] as const;
      for (const [path, type, fields] of forms) {
        const page = await browser.newPage();
        await page.goto(home);
        const address = command.url(path);
        const init = JSON.stringify({ address, type, fields });
        const [answer] = await Promise.all([
          page.waitForResponse((response) =>
            response.url() === address &&
            response.request().method() === "POST"
          ),
          page.evaluate(`(${SUBMIT})(${init})`),
        ]);
        const what = `${path} ${type} ${JSON.stringify(fields)} from ${host}`;
        assertEquals(answer.status() >= 400, true, what);
        if (type !== "text/plain") assertEquals(answer.status(), 403, what);
        await page.close();
      }
    }
    assertEquals(Deno.readTextFileSync(tree.path("share/a.txt")), "alpha");
    const names = [...Deno.readDirSync(tree.path("share"))]
      .map(({ name }) => name).sort();
    assertEquals(names, ["a.txt", "d"]);
  } finally {
    await browser.close();
  }
});
