// Copyright 2026 the pystd authors. MIT license.

/**
 * The pages in a browser, with and without scripts. `BROWSER_SHOTS=DIR` in the
 * environment saves screenshots in DIR.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { Buffer } from "node:buffer";
import type { Browser, Page } from "playwright-core";
import { Uploads } from "../../handlers/share/upload/uploads.ts";
import { browserTest, drop, openPage, Relay, violations } from "./browser.ts";
import { serveTree, type Sharing } from "../support/sharing.ts";
import { makeFiles } from "../support/tree.ts";

const HOSTILE = '"><img src=x onerror=alert(1)>';

const FILES: Record<string, string> = {
  [`${HOSTILE}/inside.txt`]: "inside",
  "<script>alert(2)<\u2215script>.txt": "x",
  "javascript:alert(3)": "x",
  "' onclick='alert(4).txt": "x",
  "line\nbreak.txt": "x",
  "\u202egpj.exe": "x",
  "\u65e5\u672c\u8a9e.txt": "x",
  "Zebra/deep/er.txt": "x",
  "alpha/": "",
  "empty/": "",
  "file2.txt": "22",
  "file10.txt": "1010101010",
  "large.bin": "x".repeat(5000),
  "a-name-that-goes-on-and-on-without-a-space-where-it-could-be-broken-in-two-on-a-phone.txt":
    "x",
  "README.md":
    "# Hello\n</pre><script>alert(5)</script><img src=x onerror=alert(6)>\n",
};

const shots = Deno.env.get("BROWSER_SHOTS");

function test(
  name: string,
  fn: (browser: Browser, site: Sharing) => Promise<void>,
): void {
  browserTest(`listing in a browser ${name}`, async (browser) => {
    const tree = await makeFiles(FILES);
    const uploads = new Uploads(tree.root);
    await using site = serveTree(tree, {
      dotfiles: false,
      uploads,
      title: "<b>Shared</b>",
    });
    await fn(browser, site);
  });
}

function url(site: { port: number }, path = "/"): string {
  return `http://127.0.0.1:${site.port}${path}`;
}

/** Returns the visible names, in order. */
function names(page: Page): Promise<string[]> {
  return page.locator("tbody tr:not(.up):visible bdi").allTextContents();
}

test("sorts, filters, opens and downloads", async (browser, site) => {
  const { page, problems } = await openPage(browser);
  await page.goto(url(site));
  const byName = await names(page);
  assertEquals(byName.slice(0, 4), [HOSTILE, "alpha", "empty", "Zebra"]);
  assert(byName.indexOf("file2.txt") < byName.indexOf("file10.txt"));

  await page.getByRole("link", { name: "Size" }).click();
  assert(page.url().endsWith("?sort=size&order=desc"));
  assertEquals((await names(page))[4], "large.bin");
  assertEquals(
    await page.locator("th[aria-sort]").getAttribute("aria-sort"),
    "descending",
  );

  await page.keyboard.press("/");
  await page.keyboard.type("FILE txt");
  assertEquals(await names(page), ["file10.txt", "file2.txt"]);
  assertEquals(await page.textContent("#count"), "2 of 15 items");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/file2.txt?view&sort=size&order=desc");
  assertEquals(await page.textContent("pre"), "22");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download" }).click(),
  ]);
  assertEquals(await Deno.readTextFile(await download.path()), "22");
  await page.keyboard.press("Escape");
  await page.waitForURL("**/?sort=size&order=desc");

  await page.getByRole("link", { name: HOSTILE }).click();
  assertEquals(await names(page), ["inside.txt"]);
  assert(page.url().endsWith("?sort=size&order=desc"));
  assertEquals(await page.locator("nav li").allTextContents(), [
    "<b>Shared</b>",
    HOSTILE,
  ]);
  await page.getByRole("link", { name: "Parent folder" }).click();
  assertEquals((await names(page)).length, Object.keys(FILES).length);

  await page.goto(url(site, "/empty/"));
  assert(
    (await page.textContent(".empty"))?.startsWith("This folder is empty"),
  );
  assertEquals(problems, []);
});

test("takes no name, text or query for markup", async (browser, site) => {
  const { page, problems } = await openPage(browser);
  const attacks = [
    "/",
    "/?sort=%22%3E%3Cimg%20src=x%20onerror=alert(7)%3E",
    "/?format=%3Cscript%3Ealert(8)%3C/script%3E&order=%22",
    `/${encodeURIComponent(HOSTILE)}/?q="><script>alert(9)</script>`,
    "/%3Cscript%3Ealert(10)%3C%2Fscript%3E",
    "//evil.example/..",
  ];
  for (const attack of attacks) {
    await page.goto(url(site, attack));
    assertEquals(await page.locator("img:not(#share img)").count(), 0);
    assert(await page.locator("script").count() <= 1);
  }
  await page.goto(url(site));
  assertEquals(await page.locator("[onclick], [onerror]").count(), 0);
  const links = await page.locator("tbody a").evaluateAll((all) =>
    (all as { href: string }[]).map(({ href }) => new URL(href).origin)
  );
  assertEquals([...new Set(links)], [url(site).slice(0, -1)]);
  // The policy blocks injected scripts.
  assertEquals(problems.filter((text) => !text.includes("404")), []);
  await page.evaluate(() => {
    const { document } = globalThis as unknown as {
      document: {
        body: { insertAdjacentHTML(where: string, html: string): void };
      };
    };
    document.body.insertAdjacentHTML(
      "beforeend",
      '<img src="data:," onerror="alert(11)">',
    );
  });
  await page.waitForTimeout(100);
  assert(problems.some((text) => text.includes("Content Security Policy")));
  assert(!problems.some((text) => text.startsWith("dialog")));
});

test("works with scripts off", async (browser, site) => {
  const { page, problems } = await openPage(browser, {
    javaScriptEnabled: false,
  });
  await page.goto(url(site));
  await page.getByRole("link", { name: "Modified" }).click();
  assert(page.url().endsWith("?sort=date&order=desc"));
  await page.getByRole("link", { name: HOSTILE }).click();
  assertEquals(await names(page), ["inside.txt"]);
  await page.getByText("Add", { exact: true }).click();
  await page.locator("#upload input").setInputFiles({
    name: "form.txt",
    mimeType: "text/plain",
    buffer: Buffer.from("by form"),
  });
  await page.getByRole("button", { name: "Upload", exact: true })
    .click();
  assertEquals((await names(page)).toSorted(), ["form.txt", "inside.txt"]);
  assertEquals(await site.read(`${HOSTILE}/form.txt`), "by form");
  await page.getByText("Add", { exact: true }).click();
  await page.locator("[name=mkdir]").fill("new folder");
  await page.getByRole("button", { name: "Create" }).click();
  assertEquals((await names(page))[0], "new folder");
  assertEquals(problems, []);
});

test("fits a phone, in the dark and by day", async (browser, site) => {
  const looks = new Set<string>();
  for (const colorScheme of ["light", "dark"] as const) {
    for (const [width, height] of [[360, 740], [1100, 900]]) {
      for (const javaScriptEnabled of [true, false]) {
        const { page, problems } = await openPage(browser, {
          colorScheme,
          javaScriptEnabled,
          viewport: { width, height },
        });
        for (const path of ["/", "/empty/", "/none"]) {
          await page.goto(url(site, path));
          const wide = await page.evaluate(
            "document.documentElement.scrollWidth",
          );
          assert(Number(wide) <= width, `${path}: ${wide} of ${width}`);
          await shoot(page, [path, colorScheme, width, javaScriptEnabled]);
          if (javaScriptEnabled) {
            assertEquals(await violations(page), [], `axe: ${path}`);
          }
        }
        looks.add(
          await page.evaluate(
            "getComputedStyle(document.body).color",
          ),
        );
        assertEquals(problems.filter((text) => !text.includes("404")), []);
        await page.context().close();
      }
    }
  }
  assertEquals(looks.size, 2);
});

async function shoot(page: Page, parts: unknown[]): Promise<void> {
  if (shots === undefined) return;
  const name = parts.join("-").replaceAll("/", "_");
  await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true });
}

test("shows times in the reader's zone", async (browser, site) => {
  await Deno.utime(site.tree.path("file2.txt"), 1700000000, 1700000000);
  const { page } = await openPage(browser, { timezoneId: "Asia/Tokyo" });
  await page.goto(url(site));
  const row = page.locator("tr", { hasText: "file2.txt" });
  assertEquals(await row.locator("time").textContent(), "15 Nov 2023, 07:13");
});

test("uploads what is dropped, folders too", async (browser, site) => {
  await using outside = await makeFiles({
    "one.txt": "one",
    "folder/two.txt": "two",
    "folder/deep/three & four.txt": "three",
    "file2.txt": "another",
  });
  const { page, problems } = await openPage(browser);
  await page.goto(url(site, "/alpha/"));
  await drop(page, [outside.path("one.txt"), outside.path("folder")]);
  await page.locator("tbody tr:not(.up)").nth(1).waitFor();
  assertEquals(await names(page), ["folder", "one.txt"]);
  assertEquals(await site.read("alpha/folder/deep/three & four.txt"), "three");
  assertEquals(await page.locator("#queue li").count(), 3);
  assertEquals(problems, []);

  await page.goto(url(site));
  await drop(page, [outside.path("file2.txt")]);
  await page.locator("#queue .bad").waitFor();
  assertEquals(
    await page.textContent("#queue .bad"),
    "A file with this name already exists",
  );
  assertEquals(await site.read("file2.txt"), "22");
});

test("resumes an upload that was cut off", async (browser, site) => {
  const size = 24 * 1024 * 1024;
  await using outside = await makeFiles({});
  const content = new Uint8Array(size);
  for (let i = 0; i < size; i += 4096) content[i] = i >> 12;
  await Deno.writeFile(outside.path("big.bin"), content);
  await using relay = new Relay(site.port);
  const { page } = await openPage(browser);
  const progress: number[] = [];
  await page.exposeFunction("seen", (value: number) => progress.push(value));
  await page.goto(url(relay, "/alpha/"));
  await page.evaluate(`new MutationObserver(() => {
    const bar = document.querySelector("#queue progress");
    if (bar) seen(bar.value);
  }).observe(document.querySelector("#queue"), { subtree: true,
    childList: true, attributes: true })`);
  relay.cutAfter = 9 * 1024 * 1024;
  await drop(page, [outside.path("big.bin")]);
  await page.locator("tbody a", { hasText: "big.bin" }).waitFor();
  assert(relay.cuts >= 2, `${relay.cuts} cuts`);
  const saved = await Deno.readFile(site.tree.path("alpha/big.bin"));
  assertEquals(saved.length, size);
  assert(saved.every((byte, i) => byte === content[i]));
  assert(progress.some((value) => value > 0 && value < size));
  assertEquals(site.list().filter((name) => name.includes(".part")), []);
});

test("cancels an upload, and leaves nothing", async (browser, site) => {
  await using outside = await makeFiles({});
  await Deno.writeFile(outside.path("big.bin"), new Uint8Array(8 << 20));
  await using relay = new Relay(site.port);
  const { page } = await openPage(browser);
  await page.goto(url(relay, "/alpha/"));
  // Small, so that no retry can be faster than the click.
  relay.cutAfter = 1 << 20;
  await drop(page, [outside.path("big.bin")]);
  await page.locator("#queue").getByText("interrupted").waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.locator("#queue").getByText("cancelled").waitFor();
  assertEquals(site.list().filter((name) => name.includes("big")), []);
  assertEquals(site.list().filter((name) => name.includes(".part")), []);
});
