// Copyright 2026 the pystd authors. MIT license.

/**
 * The listing with `--manage` in a browser.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import type { Page } from "playwright-core";
import { Archives } from "../../handlers/share/archive/archives.ts";
import { Management } from "../../handlers/share/manage/management.ts";
import { Uploads } from "../../handlers/share/upload/uploads.ts";
import { serveTree, type Sharing } from "../support/sharing.ts";
import { makeFiles } from "../support/tree.ts";
import { browserTest, openPage, violations } from "./browser.ts";

const HOSTILE = '"><img src=x onerror=alert(1)>';

async function serve(): Promise<Sharing> {
  const tree = await makeFiles({
    "a.txt": "a",
    "b.txt": "b",
    "c.txt": "c",
    "d.txt": "d",
    "dir/one.txt": "1",
    [HOSTILE]: "x",
  });
  const uploads = new Uploads(tree.root, { overwrite: true });
  return serveTree(tree, {
    dotfiles: false,
    uploads,
    manage: new Management(uploads),
    archives: new Archives(),
  });
}

function url(site: Sharing, path = "/"): string {
  return `http://127.0.0.1:${site.port}${path}`;
}

function select(page: Page, name: string): Promise<void> {
  return page.getByRole("checkbox", { name: `Select ${name}`, exact: true })
    .check();
}

async function act(page: Page, action: string): Promise<void> {
  await page.locator("#manage summary").click();
  await page.getByRole("button", { name: action, exact: true }).click();
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with" : "without";
  browserTest(
    `what is selected is moved and deleted ${how} scripts`,
    async (browser) => {
      await using site = await serve();
      const { page, problems } = await openPage(browser, { javaScriptEnabled });
      const check = async () => {
        if (javaScriptEnabled) assertEquals(await violations(page), []);
      };
      for (const path of ["/?grid&sort=size&order=asc", "/"]) {
        await page.goto(url(site, path));
        await check();
      }
      await select(page, "a.txt");
      await act(page, "Rename or move");
      await check();
      await page.getByLabel("To this name, or to a folder").fill("dir");
      await page.getByRole("button", { name: "Move" }).click();
      assertEquals(await site.read("dir/a.txt"), "a");

      await select(page, "dir");
      await select(page, HOSTILE);
      await act(page, "Delete");
      await check();
      assertEquals(await page.textContent("h2"), "Delete 2 items?");
      assert(
        (await page.textContent("main"))!.includes("a folder with 2 files"),
      );
      await page.getByRole("link", { name: "Cancel" }).click();
      assertEquals(await site.read(HOSTILE), "x");
      await select(page, "dir");
      await select(page, HOSTILE);
      await act(page, "Delete");
      await page.getByRole("button", { name: "Delete" }).click();
      assertEquals(site.list(), ["b.txt", "c.txt", "d.txt"]);

      await select(page, "b.txt");
      await act(page, "Copy");
      await page.getByLabel("To this name, or to a folder").fill("c.txt");
      await page.getByRole("button", { name: "Copy" }).click();
      assert((await page.textContent("main"))!.includes("0 of 1 item done"));
      await check();
      await page.getByRole("button", { name: "Back to the folder" }).click();

      await page.locator("#add summary").click();
      await page.getByLabel("Name of a new text file").fill("note.txt");
      await page.getByLabel("Its text").fill("some text");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByRole("link", { name: "note.txt" }).waitFor();
      assertEquals(await site.read("note.txt"), "some text");
      await page.goto(url(site));
      await select(page, "c.txt");
      await page.locator("#manage summary").click();
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: "Download as .zip" }).click(),
      ]);
      const zip = await Deno.readTextFile(await download.path());
      assert(zip.includes("files/c.txt") && !zip.includes("files/d.txt"));
      assertEquals(
        problems.filter((text) => !text.includes("412")),
        [],
      );
    },
  );
}

browserTest("entries are selected with Shift and by keys", async (browser) => {
  await using site = await serve();
  const { page, problems } = await openPage(browser);
  await page.goto(url(site));
  const box = (name: string) =>
    page.getByRole("checkbox", { name: `Select ${name}` });
  await box("b.txt").click();
  await box("d.txt").click({ modifiers: ["Shift"] });
  assertEquals(await page.textContent("#manage summary"), "Selected (3)");
  await box("c.txt").press("Space");
  assertEquals(await page.textContent("#manage summary"), "Selected (2)");
  await page.reload();
  await page.getByRole("link", { name: "a.txt" }).focus();
  await page.keyboard.press("F2");
  await page.getByLabel("To this name, or to a folder").fill("renamed.txt");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "renamed.txt" }).focus();
  await page.keyboard.press("Delete");
  await page.getByRole("button", { name: "Delete" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(url(site));
  assertEquals(await site.read("renamed.txt"), undefined);
  assertEquals(problems, []);
});

/** Presses Tab until an element has the focus; its name is its label or text. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(`(() => {
      const element = document.activeElement;
      return element.getAttribute("aria-label") ??
        (element.labels?.[0] ?? element).textContent.trim();
    })()`);
    if (focused === name) return;
  }
  throw new Error(`Tab does not lead to ${name}`);
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with" : "without";
  browserTest(
    `the keyboard alone selects, renames and deletes ${how} scripts`,
    async (browser) => {
      await using site = await serve();
      const { page, problems } = await openPage(browser, { javaScriptEnabled });
      await page.goto(url(site));
      await tabTo(page, "Select a.txt");
      await page.keyboard.press("Space");
      await openMenu(page);
      await tabTo(page, "Rename or move");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Move a.txt?" }).waitFor();
      await tabTo(page, "To this name, or to a folder");
      await page.keyboard.press("Control+A");
      await page.keyboard.type("0.txt");
      await page.keyboard.press("Enter");
      await page.getByRole("link", { name: "0.txt" }).waitFor();
      assertEquals(await site.read("0.txt"), "a");

      await page.goto(url(site));
      await tabTo(page, "Select dir");
      await page.keyboard.press("Space");
      await openMenu(page);
      await tabTo(page, "Delete");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Delete dir?" }).waitFor();
      await tabTo(page, "Delete");
      await page.keyboard.press("Enter");
      await page.waitForURL(url(site));
      assertEquals(site.list().includes("dir/"), false);
      assertEquals(await site.read("0.txt"), "a");
      assertEquals(problems, []);
    },
  );
}

/** Opens the menu of what is selected, from wherever the focus is. */
async function openMenu(page: Page): Promise<void> {
  for (let i = 0; i < 60; i++) {
    const isMenu = await page.evaluate(
      "document.activeElement.matches('#manage summary')",
    );
    if (isMenu) return await page.keyboard.press("Enter");
    await page.keyboard.press("Shift+Tab");
  }
  throw new Error("Shift+Tab does not lead to the menu");
}

browserTest(
  "the bar with all menus has one row, or two on a phone",
  async (browser) => {
    await using site = await serve();
    for (const [width, rows] of [[390, 2], [1100, 1]]) {
      const viewport = { width, height: 800 };
      const { page } = await openPage(browser, { viewport });
      await page.goto(url(site));
      await page.getByRole("checkbox").first().check();
      const { height } = (await page.locator(".bar").boundingBox())!;
      assert(height < rows * 50, `${height} at ${width}`);
      for (const menu of await page.locator("summary").all()) {
        await menu.click();
        const wide = await page.evaluate(
          "document.documentElement.scrollWidth",
        );
        assertEquals(wide, width);
      }
    }
  },
);
