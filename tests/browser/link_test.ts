// Copyright 2026 the pystd authors. MIT license.

/**
 * Signed links, and pages for users with different rights, in a browser.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import type { Browser, Page } from "playwright-core";
import { Archives } from "../../handlers/share/archive/archives.ts";
import {
  BasicAuthenticator,
  parseUser,
} from "../../handlers/share/auth/basic_authenticator.ts";
import { SignedLinks } from "../../handlers/share/link/signed_links.ts";
import { Management } from "../../handlers/share/manage/management.ts";
import {
  parseRule,
  PathRights,
} from "../../handlers/share/rights/path_rights.ts";
import { Uploads } from "../../handlers/share/upload/uploads.ts";
import { browserTest, openPage, violations } from "./browser.ts";
import { serveTree, type Sharing } from "../support/sharing.ts";
import { makeFiles } from "../support/tree.ts";

/** A picture of one pixel. */
const PIXEL = Uint8Array.fromBase64(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mNgYPgPAAEDAQAI" +
    "irDtAAAAAElFTkSuQmCC",
);

const PHONE = { width: 375, height: 700 };
const DESKTOP = { width: 1280, height: 800 };

async function serve(...rules: string[]): Promise<Sharing> {
  const tree = await makeFiles({
    "a & b/deep/x.txt": "x",
    "private/y.txt": "y",
  });
  for (const name of ["1.png", "2.png"]) {
    await Deno.writeFile(tree.path(`a & b/${name}`), PIXEL);
  }
  const users = new Map([parseUser("ann:secret")!]);
  const optional = rules.length > 0;
  const rights = optional
    ? new PathRights({ rules: rules.map(parseRule) })
    : undefined;
  const uploads = new Uploads(tree.root);
  const key = crypto.getRandomValues(new Uint8Array(32));
  return serveTree(tree, {
    auth: new BasicAuthenticator({ users, optional }),
    rights,
    links: new SignedLinks({ key, rights }),
    ...optional ? { uploads, manage: new Management(uploads) } : {},
    archives: new Archives(),
  });
}

function url(site: Sharing, path: string): string {
  return `http://127.0.0.1:${site.port}${path}`;
}

function signedIn(site: Sharing) {
  const origin = `http://127.0.0.1:${site.port}`;
  return { httpCredentials: { username: "ann", password: "secret", origin } };
}

/** Makes a link from the page that is open, and returns its address. */
async function makeLink(page: Page, time: string): Promise<string> {
  await page.locator("#share summary").click();
  await page.getByRole("button", { name: time, exact: true }).click();
  return await page.locator("#link").evaluate((link) =>
    (link as unknown as { href: string }).href
  );
}

function isLoaded(page: Page, selector: string): Promise<boolean> {
  return page.locator(selector).first().evaluate(async (image) => {
    const picture = image as unknown as {
      decode(): Promise<void>;
      naturalWidth: number;
    };
    await picture.decode();
    return picture.naturalWidth > 0;
  });
}

/** Opens a link as somebody without a password. */
async function visit(
  browser: Browser,
  javaScriptEnabled: boolean,
  link: string,
): Promise<{ page: Page; problems: string[] }> {
  const opened = await openPage(browser, { javaScriptEnabled });
  const response = await opened.page.goto(link);
  assertEquals(response?.status(), 200, link);
  return opened;
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with" : "without";
  for (const viewport of [PHONE, DESKTOP]) {
    browserTest(
      `a user makes a link to a folder ${how} scripts, ${viewport.width} px`,
      async (browser) => {
        await using site = await serve();
        const { page, problems } = await openPage(browser, {
          javaScriptEnabled,
          viewport,
          ...signedIn(site),
        });
        await page.goto(url(site, "/a%20&%20b/"));
        const link = await makeLink(page, "1 hour");
        assert(link.startsWith(url(site, "/a%20&%20b/?link=d1.")), link);
        assertEquals(await page.textContent("h1"), "Link to a & b");
        assert(await isLoaded(page, "main img"));
        if (javaScriptEnabled) {
          assertEquals(await violations(page), []);
          assertEquals(await page.inputValue("main input"), link);
          await page.getByRole("button", { name: "Copy link" }).click();
          await page.getByText("Copied").waitFor();
        }
        const fits = await page.locator("body").evaluate((body) =>
          (body as unknown as { scrollWidth: number }).scrollWidth
        );
        assert(fits <= viewport.width, `${fits}`);
        assertEquals(problems, []);

        const other = await visit(browser, javaScriptEnabled, link);
        await other.page.getByRole("button", { name: "Grid" }).click();
        assert(await isLoaded(other.page, "#list img"));
        await other.page.getByRole("link", { name: "1.png" }).click();
        assert(await isLoaded(other.page, ".stage img"));
        await other.page.getByRole("link", { name: "Next" }).click();
        assert(await isLoaded(other.page, ".stage img"));
        await other.page.goto(url(site, "/a%20&%20b/deep/"));
        assertEquals(await other.page.getByText("x.txt").count(), 1);
        assertEquals(await other.page.locator("[name=share]").count(), 0);
        assertEquals(other.problems, []);
        for (const path of ["/", "/private/y.txt"]) {
          const response = await other.page.request.get(url(site, path));
          assertEquals(response.status(), 401, path);
        }
      },
    );
  }

  browserTest(
    `a user makes a link to a file ${how} scripts`,
    async (browser) => {
      await using site = await serve();
      const { page, problems } = await openPage(browser, {
        javaScriptEnabled,
        ...signedIn(site),
      });
      await page.goto(url(site, "/a%20&%20b/1.png?view"));
      const link = await makeLink(page, "7 days");
      assert(link.startsWith(url(site, "/a%20&%20b/1.png?link=f2.")), link);
      assertEquals(problems, []);
      const view = link.replace("?", "?view&");
      const other = await visit(browser, javaScriptEnabled, view);
      assert(await isLoaded(other.page, ".stage img"));
      assertEquals(
        await other.page.getByRole("link", { name: "Next" }).count(),
        0,
      );
      const changed = await other.page.goto(link.replace(/.$/, "_"));
      assertEquals(changed?.status(), 403);
      assertEquals(
        await other.page.textContent("h1"),
        "403: This link is not valid",
      );
    },
  );
}

browserTest("pages of users with rights have no errors", async (browser) => {
  await using site = await serve(
    "* / read",
    "ann /a & b manage",
    "ann /private upload",
  );
  const stranger = await openPage(browser);
  await stranger.page.goto(url(site, "/"));
  assertEquals(await violations(stranger.page), []);
  assertEquals(await stranger.page.getByText("private").count(), 0);
  assertEquals(
    await stranger.page.getByRole("button", { name: "Sign in" }).count(),
    1,
  );
  const { page, problems } = await openPage(browser, signedIn(site));
  for (
    const [path, add, manage] of [
      ["/", 0, 0],
      ["/private/", 1, 0],
      ["/a%20&%20b/", 1, 1],
    ] as const
  ) {
    await page.goto(url(site, path));
    assertEquals(await violations(page), [], path);
    assertEquals(await page.locator("#add").count(), add, path);
    assertEquals(await page.locator("#manage").count(), manage, path);
  }
  assertEquals([...problems, ...stranger.problems], []);
});
