// Copyright 2026 the pystd authors. MIT license.

/**
 * Uploads in a browser: how far they are, what failed, pasting, signing in.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import type { Page } from "playwright-core";
import {
  BasicAuthenticator,
  parseUser,
} from "../../handlers/share/auth/basic_authenticator.ts";
import { Uploads } from "../../handlers/share/upload/uploads.ts";
import { serveTree, type Sharing } from "../support/sharing.ts";
import { makeFiles } from "../support/tree.ts";
import { browserTest, drop, openPage, violations } from "./browser.ts";

async function serve(
  files: Record<string, string>,
  ...uploaders: string[]
): Promise<Sharing> {
  const tree = await makeFiles(files);
  const users = new Map(uploaders.map((user) => parseUser(user)!));
  return serveTree(tree, {
    uploads: new Uploads(tree.root),
    auth: users.size === 0
      ? undefined
      : new BasicAuthenticator({ uploaders: users }),
  });
}

function url(site: Sharing, path = "/"): string {
  return `http://127.0.0.1:${site.port}${path}`;
}

browserTest(
  "an upload shows percent, speed and the time left",
  async (browser) => {
    await using site = await serve({});
    await using outside = await makeFiles({ "small.txt": "s" });
    await Deno.writeFile(outside.path("big.bin"), new Uint8Array(4 << 20));
    const { page, problems } = await openPage(browser);
    const notes: string[] = [];
    await page.exposeFunction("seen", (text: string) => notes.push(text));
    await page.goto(url(site));
    await page.evaluate(`new MutationObserver(() => {
    for (const note of document.querySelectorAll("#queue span")) {
      seen(note.textContent);
    }
  }).observe(document.querySelector("#queue"), { subtree: true,
    childList: true, characterData: true })`);
    const session = await page.context().newCDPSession(page);
    await session.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: 2 << 20,
    });
    await drop(page, [outside.path("big.bin"), outside.path("small.txt")]);
    await page.locator("tbody a", { hasText: "small.txt" }).waitFor();
    assert(
      notes.some((note) =>
        /^[1-9]\d? %, [\d.]+ [kM]B\/s, \d+ s left$/.test(note)
      ),
      notes.join("\n"),
    );
    assert(notes.includes("waiting"));
    assertEquals(await page.locator("#queue span").allTextContents(), [
      "done",
      "done",
    ]);
    assertEquals(
      await page.getByRole("status").first().textContent(),
      "small.txt: done. 2 of 2 uploaded",
    );
    assertEquals(await violations(page), []);
    await page.getByRole("button", { name: "Clear" }).click();
    assertEquals(await page.locator("#uploads").isVisible(), false);
    assertEquals(problems, []);
  },
);

browserTest("a failed upload says why, and can be retried", async (browser) => {
  await using site = await serve({ "a.txt": "old" });
  await using outside = await makeFiles({ "a.txt": "new" });
  const { page } = await openPage(browser);
  await page.goto(url(site));
  await drop(page, [outside.path("a.txt")]);
  const note = page.locator("#queue .bad");
  await note.waitFor();
  assertEquals(
    await note.textContent(),
    "A file with this name already exists",
  );
  assertMatch(
    (await page.getByRole("status").first().textContent())!,
    /^a\.txt: A file with this name already exists\. 0 of 1 uploaded, 1 failed$/,
  );
  assertEquals(await violations(page), []);
  await Deno.remove(site.tree.path("a.txt"));
  await page.getByRole("button", { name: "Retry" }).click();
  await page.locator("#queue").getByText("done").waitFor();
  assertEquals(await site.read("a.txt"), "new");
});

/** Pastes text, or a picture under the name that browsers give it. */
async function paste(page: Page, script: string): Promise<void> {
  await page.evaluate(`{
    const clipboardData = new DataTransfer();
    ${script};
    document.body.dispatchEvent(new ClipboardEvent("paste",
      { clipboardData, bubbles: true, cancelable: true }));
  }`);
}

browserTest(
  "what is pasted is uploaded under a name that was asked for",
  async (browser) => {
    await using site = await serve({ "sub/": "" });
    const { page, problems } = await openPage(browser);
    await page.goto(url(site, "/sub/"));
    await paste(page, `clipboardData.setData("text/plain", "pasted text")`);
    const dialog = page.getByRole("dialog");
    await dialog.waitFor();
    assertEquals(await violations(page), []);
    const name = dialog.getByLabel("Save what you pasted as");
    assertMatch(await name.inputValue(), /^text \d{4}-\d\d-\d\d .*\.txt$/);
    await page.keyboard.press("Escape");
    assertEquals(site.list(), ["sub/"]);
    await paste(page, `clipboardData.setData("text/plain", "pasted text")`);
    await name.fill("note.txt");
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "note.txt" }).waitFor();
    assertEquals(await site.read("sub/note.txt"), "pasted text");
    await paste(page, `clipboardData.items.add(new File(["x"], "image.png"))`);
    assertMatch(await name.inputValue(), /^picture .*\.png$/);
    await dialog.getByRole("button", { name: "Upload" }).click();
    await page.getByRole("link", { name: /^picture/ }).waitFor();
    await paste(page, `clipboardData.items.add(new File(["y"], "own.pdf"))`);
    await page.getByRole("link", { name: "own.pdf" }).waitFor();
    // Pasting into a field stays a paste.
    await page.getByRole("searchbox").focus();
    await page.evaluate(`document.activeElement.dispatchEvent(
    new ClipboardEvent("paste", { clipboardData: new DataTransfer(),
      bubbles: true }))`);
    assertEquals(await dialog.isVisible(), false);
    assertEquals(problems, []);
  },
);

browserTest("who may not upload is asked to sign in first", async (browser) => {
  await using site = await serve({ "a & b/c.txt": "" }, "ann:secret");
  for (const javaScriptEnabled of [true, false]) {
    const anonymous = await openPage(browser, { javaScriptEnabled });
    await anonymous.page.goto(url(site, "/a%20%26%20b/"));
    assertEquals(await anonymous.page.locator("#add").count(), 0);
    assertEquals(await anonymous.page.locator("#upload").count(), 0);
    if (javaScriptEnabled) {
      assertEquals(await violations(anonymous.page), []);
    }

    const { page, problems } = await openPage(browser, {
      javaScriptEnabled,
      httpCredentials: {
        username: "ann",
        password: "secret",
        send: "unauthorized",
      },
    });
    await page.goto(url(site, "/a%20%26%20b/"));
    await page.getByRole("button", { name: "Sign in to add files" }).click();
    await page.getByText("Add", { exact: true }).click();
    assertEquals(page.url(), url(site, "/a%20%26%20b/"));
    assertEquals(await page.locator("#upload").isVisible(), true);
    assertEquals(problems.filter((text) => !text.includes("401")), []);
  }
});
