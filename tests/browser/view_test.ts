// Copyright 2026 the pystd authors. MIT license.

/**
 * The grid and the viewer in a browser, with and without scripts.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import type { Page } from "playwright-core";
import { Uploads } from "../../handlers/share/upload/uploads.ts";
import { browserTest, openPage, violations } from "./browser.ts";
import { serveTree, type Sharing } from "../support/sharing.ts";
import { makeFiles } from "../support/tree.ts";
import { waitUntil } from "../support/wait.ts";

const HOSTILE = '"><img src=x onerror=alert(1)>.png';

/** A picture of one pixel. */
const PIXEL = Uint8Array.fromBase64(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mNgYPgPAAEDAQAI" +
    "irDtAAAAAElFTkSuQmCC",
);

/** A sound of a tenth of a second: a WAV file of 8-bit silence. */
function silence(): Uint8Array {
  const samples = 800;
  const bytes = new Uint8Array(44 + samples).fill(128);
  const view = new DataView(bytes.buffer);
  const text = (at: number, value: string): void => {
    bytes.set(new TextEncoder().encode(value), at);
  };
  text(0, "RIFF");
  view.setUint32(4, 36 + samples, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // one channel
  view.setUint32(24, 8000, true);
  view.setUint32(28, 8000, true);
  view.setUint16(32, 1, true);
  view.setUint16(34, 8, true);
  text(36, "data");
  view.setUint32(40, samples, true);
  return bytes;
}

const README = `# Hello

[Notes](docs/notes.md#end) and [a picture](/1.png).

<script>alert(2)</script>
[bad](javascript:alert(3)) ![far](https://127.0.0.1:1/far.png)

|a|b|
|-|-|
|1|2|
`;

const FILES: Record<string, string> = {
  "README.md": README,
  "docs/notes.md": "# Notes\n\n![x](../2.png)\n\n## End\n",
  "code/main.py": 'print("<b>")\n'.repeat(200),
  "code/page.html": "<h1>Page</h1><script>alert(4)</script>",
  "code/data.bin": "\0\x01",
  "code/a.pdf": "%PDF-1.1\n%%EOF\n",
  "code/empty.txt": "",
  "drawing.svg":
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">' +
    "<script>alert(5)</script></svg>",
};

async function serve(): Promise<Sharing> {
  const tree = await makeFiles(FILES);
  for (const name of ["1.png", "2.png", "10.png", HOSTILE]) {
    await Deno.writeFile(tree.path(name), PIXEL);
  }
  await Deno.mkdir(tree.path("music"));
  for (const name of ["a.wav", "b & c.wav", "d.wav"]) {
    await Deno.writeFile(tree.path("music", name), silence());
  }
  const uploads = new Uploads(tree.root);
  return serveTree(tree, { dotfiles: false, uploads, title: "<b>Shared</b>" });
}

function url(site: Sharing, path: string): string {
  return `http://127.0.0.1:${site.port}${path}`;
}

/** Pages of every kind. */
const PAGES = [
  "/",
  "/?search=m",
  "/?search=none",
  "/?grid",
  "/empty/?grid",
  "/1.png?view",
  "/drawing.svg?view",
  "/music/a.wav?view",
  "/README.md?view",
  "/docs/notes.md?view",
  "/code/main.py?view",
  "/code/page.html?view",
  "/code/data.bin?view",
  "/code/a.pdf?view",
  "/code/empty.txt?view",
  `/${encodeURIComponent(HOSTILE)}?view`,
];

browserTest(
  "the grid and the viewer fit, and axe finds nothing",
  async (browser) => {
    await using site = await serve();
    await Deno.mkdir(site.tree.path("empty"));
    for (const colorScheme of ["light", "dark"] as const) {
      for (const [width, height] of [[390, 844], [1100, 900]]) {
        for (const javaScriptEnabled of [true, false]) {
          const viewport = { width, height };
          const { page, problems } = await openPage(browser, {
            colorScheme,
            javaScriptEnabled,
            viewport,
          });
          for (const path of PAGES) {
            await page.goto(url(site, path));
            const wide = await page.evaluate(
              "document.documentElement.scrollWidth",
            );
            assert(Number(wide) <= width, `${path}: ${wide} of ${width}`);
            if (javaScriptEnabled) {
              assertEquals(await violations(page), [], `axe: ${path}`);
            }
            assert(await barHeight(page) < 110, `${path}: more than two rows`);
          }
          assertEquals(problems, []);
          await page.context().close();
        }
      }
    }
  },
);

async function barHeight(page: Page): Promise<number> {
  return (await page.locator(".bar").boundingBox())!.height;
}

browserTest("the grid leads to the viewer without scripts", async (browser) => {
  await using site = await serve();
  const { page, problems } = await openPage(browser, {
    javaScriptEnabled: false,
  });
  await page.goto(url(site, "/?sort=name&order=desc"));
  await page.getByRole("button", { name: "Grid" }).click();
  assert(page.url().includes("grid") && page.url().includes("order=desc"));
  assertEquals(await page.locator("#list img").count(), 5);
  await page.getByRole("link", { name: "1.png", exact: true }).click();
  assertEquals(
    await page.getByRole("img", { name: "1.png" }).evaluate((picture) =>
      (picture as unknown as { naturalWidth: number }).naturalWidth
    ),
    1,
  );
  await page.getByRole("link", { name: "Previous" }).click();
  assertEquals(await page.textContent("h1"), "2.png");
  await page.getByRole("link", { name: "<b>Shared</b>" }).click();
  assert(page.url().endsWith("/?grid&sort=name&order=desc"));
  await page.getByRole("button", { name: "List" }).click();
  assertEquals(await page.locator("table#list").count(), 1);
  await page.goto(url(site, "/?grid"));
  await page.getByRole("link", { name: "music" }).click();
  await page.getByRole("link", { name: "b & c.wav" }).click();
  assertEquals(await page.locator("ol.tracks li").count(), 3);
  assertEquals(problems, []);
});

browserTest(
  "the viewer steps by keys and swipes, and Back leaves it",
  async (browser) => {
    await using site = await serve();
    const { page, problems } = await openPage(browser, { hasTouch: true });
    await page.goto(url(site, "/"));
    await page.getByRole("link", { name: "1.png", exact: true }).click();
    await page.waitForURL("**/1.png?view");
    await page.keyboard.press("ArrowRight");
    await page.waitForURL("**/2.png?view");
    await page.keyboard.press("ArrowRight");
    await page.waitForURL("**/10.png?view");
    await swipe(page, 200);
    await page.waitForURL("**/2.png?view");
    await swipe(page, -200);
    await page.waitForURL("**/10.png?view");
    await page.getByRole("link", { name: "Previous" }).click();
    await page.waitForURL("**/2.png?view");
    await page.goBack();
    assertEquals(page.url(), url(site, "/"));
    await page.getByRole("link", { name: "drawing.svg" }).click();
    await page.waitForURL("**/drawing.svg?view");
    await page.keyboard.press("Escape");
    await page.waitForURL("**/");
    // A click with a key that opens a tab keeps its meaning.
    const [tab] = await Promise.all([
      page.context().waitForEvent("page"),
      page.getByRole("link", { name: "2.png" }).click({
        modifiers: ["Control"],
      }),
    ]);
    await tab.waitForLoadState();
    assert(tab.url().endsWith("/2.png"));
    assertEquals(problems, []);
  },
);

async function swipe(page: Page, distance: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const box = (await page.locator(".stage").boundingBox())!;
  const y = box.y + box.height / 2;
  const x = box.x + box.width / 2 - distance / 2;
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", at?: number) =>
    session.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: at === undefined ? [] : [{ x: at, y }],
    });
  await touch("touchStart", x);
  await touch("touchMove", x + distance);
  await touch("touchEnd");
}

browserTest("a pinch zooms a picture, and leads nowhere", async (browser) => {
  await using site = await serve();
  const { page, problems } = await openPage(browser, {
    hasTouch: true,
    isMobile: true,
    viewport: { width: 390, height: 844 },
  });
  await page.goto(url(site, "/1.png?view"));
  const scale = () => page.evaluate("visualViewport.scale").then(Number);
  assertEquals(await scale(), 1);
  const session = await page.context().newCDPSession(page);
  const box = (await page.locator(".stage").boundingBox())!;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  // Two fingers from each other, one of them down first.
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", at: number[]) =>
    session.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: at.map((offset, id) => ({ x: x + offset, y, id })),
    });
  await touch("touchStart", [-20]);
  await touch("touchStart", [-20, 20]);
  for (let i = 1; i <= 12; i++) {
    await touch("touchMove", [-20 - 10 * i, 20 + 10 * i]);
  }
  await touch("touchEnd", [-140]);
  await touch("touchEnd", []);
  await until(page, "visualViewport.scale > 2");
  // Moving the enlarged picture is no swipe.
  await swipe(page, -200);
  await swipe(page, 200);
  assertEquals(page.url(), url(site, "/1.png?view"));
  assertEquals(await page.textContent("h1"), "1.png");
  assertEquals(problems, []);
});

/** Waits until an expression is true; the page's policy forbids `eval`. */
function until(page: Page, expression: string): Promise<void> {
  return waitUntil(async () => await page.evaluate(expression) === true);
}

browserTest("a grid loads the pictures that are in view", async (browser) => {
  const tree = await makeFiles({});
  for (let i = 0; i < 2000; i++) {
    Deno.writeFileSync(tree.path(`${i}.png`), PIXEL);
  }
  await using site = serveTree(tree, {});
  const { page, problems } = await openPage(browser, {
    viewport: { width: 1100, height: 900 },
  });
  const pictures: string[] = [];
  page.on("requestfinished", (request) => {
    const path = new URL(request.url()).pathname;
    if (path.endsWith(".png")) pictures.push(path);
  });
  await page.goto(url(site, "/?grid"), { waitUntil: "networkidle" });
  assertEquals(await page.locator("#list img").count(), 2000);
  const seen = pictures.length;
  assert(seen > 10 && seen < 400, `${seen} pictures`);
  assert(!pictures.includes("/1999.png"));
  await page.evaluate("scrollTo(0, document.body.scrollHeight)");
  await until(
    page,
    "[...document.querySelectorAll('#list img')].at(-1).naturalWidth > 0",
  );
  assert(pictures.length < 800, `${pictures.length} pictures`);
  assertEquals(problems, []);
});

browserTest("the search finds files in all folders", async (browser) => {
  await using site = await serve();
  for (const javaScriptEnabled of [true, false]) {
    const { page, problems } = await openPage(browser, { javaScriptEnabled });
    await page.goto(url(site, "/"));
    await page.getByRole("searchbox").fill("MAIN");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/?search=MAIN");
    assertEquals(await page.textContent("#count"), "1 item");
    await page.getByRole("link", { name: "code/main.py" }).click();
    const at = javaScriptEnabled ? "/code/main.py?view" : "/code/main.py";
    await page.waitForURL(url(site, at));
    await page.goBack();
    assertEquals(await page.getByRole("searchbox").inputValue(), "MAIN");
    await page.getByRole("link", { name: "Leave the search" }).click();
    await page.waitForURL(url(site, "/"));
    assertEquals(problems, []);
  }
});

browserTest("a folder of music plays through", async (browser) => {
  await using site = await serve();
  const { page, problems } = await openPage(browser);
  await page.goto(url(site, "/music/a.wav?view"));
  await page.getByRole("link", { name: "b & c.wav" }).click();
  await page.waitForURL("**/d.wav?view");
  assertEquals(await page.textContent("h1"), "d.wav");
  assertEquals(await page.title(), "d.wav - <b>Shared</b>");
  assertEquals(await page.textContent("[aria-current=true]"), "d.wav");
  const download = page.getByRole("link", { name: "Download" });
  assert((await download.getAttribute("href"))!.endsWith("/music/d.wav"));
  assertEquals(problems, []);
});

browserTest(
  "Markdown is shown with its links and pictures",
  async (browser) => {
    await using site = await serve();
    const { page, problems } = await openPage(browser);
    await page.goto(url(site, "/"));
    const readme = page.locator(".readme");
    assertEquals(await readme.locator("h1").textContent(), "Hello");
    assertEquals(await readme.locator("td").allTextContents(), ["1", "2"]);
    assertEquals(await readme.locator("script, img").count(), 0);
    assertEquals(
      await readme.locator("a").evaluateAll((links) =>
        (links as unknown as { href: string }[]).map(({ href }) => href)
      ),
      [
        url(site, "/docs/notes.md?view#md-end"),
        url(site, "/1.png"),
        "https://127.0.0.1:1/far.png",
      ],
    );
    await readme.getByRole("link", { name: "Notes" }).click();
    await page.waitForURL("**/docs/notes.md?view#md-end");
    assertEquals(await page.locator("main h1").textContent(), "Notes");
    await page.waitForFunction(
      "document.querySelector('main img').naturalWidth",
    );
    assertEquals(problems, []);
  },
);

browserTest(
  "the address of a page can be copied, and has a QR code",
  async (browser) => {
    await using site = await serve();
    for (const path of ["/docs/?grid", "/docs/notes.md?view"]) {
      const { page, problems } = await openPage(browser, {
        permissions: ["clipboard-read", "clipboard-write"],
      });
      await page.goto(url(site, path));
      await page.getByText("Share", { exact: true }).click();
      const address = url(site, path.split("?")[0]);
      const field = page.getByLabel("Address of this page");
      // The event of the opened menu comes after the click.
      await page.waitForFunction(
        "document.querySelector('#share input').value !== ''",
      );
      assertEquals(await field.inputValue(), address);
      await page.getByRole("button", { name: "Copy link" }).click();
      await page.getByRole("button", { name: "Copied" }).waitFor();
      assertEquals(
        await page.evaluate("navigator.clipboard.readText()"),
        address,
      );
      await page.waitForFunction(
        "document.querySelector('#share img').naturalWidth > 20",
      );
      assertEquals(await violations(page), []);
      await page.keyboard.press("Escape");
      assertEquals(await field.isVisible(), false);
      assertEquals(problems, []);
    }
  },
);

browserTest("the viewer runs nothing of a file", async (browser) => {
  await using site = await serve();
  const { page, problems } = await openPage(browser);
  for (const path of ["/code/page.html", "/drawing.svg", "/README.md"]) {
    await page.goto(url(site, `${path}?view`));
    assertEquals(await page.locator("script").count(), 1, path);
  }
  await page.goto(url(site, "/code/page.html?view"));
  assert((await page.textContent("pre"))!.includes("<script>alert(4)"));
  // By itself, an uploaded page is in a sandbox: it has another origin.
  await page.goto(url(site, "/drawing.svg"));
  assertEquals(await page.evaluate("origin"), "null");
  assert(problems.every((text) => text.includes("sandbox")), `${problems}`);
});

browserTest("a large video seeks by ranges", async (browser) => {
  const tree = await makeFiles({});
  // Larger than what a browser buffers; only its head is a real file.
  await Deno.writeFile(tree.path("large.wav"), longSound());
  await Deno.truncate(tree.path("large.wav"), 2 ** 31);
  await using site = serveTree(tree, {});
  const { page } = await openPage(browser);
  const ranges: (string | undefined)[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith(".wav")) ranges.push(request.headers()["range"]);
  });
  await page.goto(url(site, "/large.wav?view"));
  await page.waitForFunction("document.querySelector('audio').duration > 1000");
  await page.evaluate(`new Promise((resolve) => {
    const player = document.querySelector("audio");
    player.onseeked = resolve;
    player.currentTime = player.duration / 2;
  })`);
  const starts = ranges.map((range) => Number(range?.match(/\d+/)?.[0]));
  assert(starts.some((start) => start > 2 ** 29), `${ranges}`);
});

/** The head of a sound of 2 GiB. */
function longSound(): Uint8Array {
  const bytes = silence();
  const view = new DataView(bytes.buffer);
  view.setUint32(4, 2 ** 31 - 8, true);
  view.setUint32(40, 2 ** 31 - 44, true);
  return bytes;
}
