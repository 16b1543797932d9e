// Copyright 2026 the pystd authors. MIT license.

/**
 * The command with `--manage s3://BUCKET` in a browser.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import type { Page } from "playwright-core";
import { startCommand } from "../support/command.ts";
import { failure, S3Store } from "../support/s3_store.ts";
import { browserTest, openPage, violations } from "./browser.ts";

const HOSTILE = '"><img src=x onerror=alert(1)>';

function select(page: Page, name: string): Promise<void> {
  return page.getByRole("checkbox", { name: `Select ${name}`, exact: true })
    .check();
}

async function act(page: Page, action: string): Promise<void> {
  await page.locator("#manage summary").click();
  await page.getByRole("button", { name: action, exact: true }).click();
}

async function fill(page: Page, to: string, action: string): Promise<void> {
  await page.getByLabel(/^To th(?:is|e) /).fill(to);
  await page.getByRole("button", { name: action, exact: true }).click();
}

/** The files of the bucket, without the objects that stand for folders. */
function filesOf(store: S3Store): string[] {
  return [...store.objects.keys()].filter((key) => !key.endsWith("/")).sort();
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with" : "without";
  browserTest(
    `the files of a bucket are moved, copied and deleted ${how} scripts`,
    async (browser) => {
      await using store = new S3Store({
        "top/a.txt": "a",
        "top/b.txt": "b",
        "top/dir/one.txt": "1",
        "top/dir/two.txt": "2",
        [`top/${HOSTILE}`]: "x",
        "other.txt": "not shared",
      });
      await using command = await startCommand(
        ["--manage", "s3://share/top"],
        {
          permissions: ["--allow-net=127.0.0.1", "--allow-env=AWS_*"],
          env: store.environment,
        },
      );
      const { page, problems } = await openPage(browser, { javaScriptEnabled });
      const check = async () => {
        if (javaScriptEnabled) assertEquals(await violations(page), []);
      };
      await page.goto(command.url("/"));
      await check();

      await select(page, "a.txt");
      await act(page, "Rename or move");
      await check();
      await fill(page, "renamed.txt", "Move");
      await page.getByRole("link", { name: "renamed.txt" }).waitFor();
      assert(store.objects.has("top/renamed.txt"));
      assert(!store.objects.has("top/a.txt"));

      await select(page, "dir");
      await act(page, "Copy");
      await fill(page, "copied", "Copy");
      await page.getByRole("link", { name: "copied" }).waitFor();
      await select(page, "renamed.txt");
      await select(page, HOSTILE);
      await act(page, "Rename or move");
      await fill(page, "copied", "Move");
      await page.waitForURL(command.url("/"));
      assertEquals(filesOf(store), [
        "other.txt",
        "top/b.txt",
        `top/copied/${HOSTILE}`,
        "top/copied/one.txt",
        "top/copied/renamed.txt",
        "top/copied/two.txt",
        "top/dir/one.txt",
        "top/dir/two.txt",
      ]);

      // A name that is taken, and a store that fails, are told.
      await select(page, "b.txt");
      await act(page, "Rename or move");
      await fill(page, "copied/one.txt", "Move");
      assert((await page.textContent("main"))!.includes("0 of 1 item done"));
      await check();
      await page.goto(command.url("/"));
      store.fault = ({ method }) =>
        method === "DELETE" ? failure(403, "AccessDenied") : undefined;
      await select(page, "b.txt");
      await act(page, "Delete");
      await page.getByRole("button", { name: "Delete" }).click();
      assert((await page.textContent("main"))!.includes("0 of 1 item done"));
      store.fault = () => undefined;

      await page.goto(command.url("/"));
      await select(page, "dir");
      await select(page, "b.txt");
      await act(page, "Delete");
      await check();
      assertEquals(await page.textContent("h2"), "Delete 2 items?");
      const text = (await page.textContent("main"))!;
      assert(text.includes("a folder with 2 files"), text);
      await page.getByRole("link", { name: "Cancel" }).click();
      assert(store.objects.has("top/b.txt"));
      await select(page, "dir");
      await select(page, "b.txt");
      await act(page, "Delete");
      await page.getByRole("button", { name: "Delete" }).click();
      await page.waitForURL(command.url("/"));
      assertEquals(filesOf(store), [
        "other.txt",
        `top/copied/${HOSTILE}`,
        "top/copied/one.txt",
        "top/copied/renamed.txt",
        "top/copied/two.txt",
      ]);
      await page.getByRole("link", { name: "copied" }).click();
      await page.getByRole("link", { name: "two.txt" }).waitFor();
      const statuses = /\b(?:412|502)\b/;
      assertEquals(problems.filter((text) => !statuses.test(text)), []);
    },
  );
}
