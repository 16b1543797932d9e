// Copyright 2026 the pystd authors. MIT license.

/**
 * Takes the README's picture of a shared folder: light on the left, dark on the
 * right. It needs Chromium.
 *
 * ```sh
 * deno run -A tests/browser/screenshot.ts    # writes docs/listing.png
 * ```
 *
 * @module
 */

import type { Browser } from "playwright-core";
import { launch } from "./browser.ts";
import { startCommand } from "../support/command.ts";

const OUTPUT = new URL("../../docs/listing.png", import.meta.url);
const SIZE = { width: 760, height: 470 };

/** Files of the folder in the picture: size in bytes and time. */
const FILES: readonly (readonly [name: string, size: number, time: string])[] =
  [
    ["harbour.jpg", 3_481_600, "2026-07-04T09:12:00Z"],
    ["interview.mp3", 28_311_552, "2026-07-11T16:40:00Z"],
    ["island.mp4", 734_003_200, "2026-07-12T18:05:00Z"],
    ["minutes.pdf", 182_272, "2026-07-15T08:30:00Z"],
    ["notes.txt", 4_212, "2026-07-15T09:01:00Z"],
    ["map-2.svg", 41_984, "2026-06-29T20:20:00Z"],
    ["map-10.svg", 43_008, "2026-06-30T20:20:00Z"],
  ];
const FOLDERS = ["drafts", "photos", "recordings"];
const README = `# Summer on the island

Please add your pictures to "photos".
`;

async function makeFolder(): Promise<string> {
  const folder = await Deno.makeTempDir();
  const folderTime = new Date("2026-07-16T10:00:00Z");
  for (const name of FOLDERS) {
    await Deno.mkdir(`${folder}/${name}`);
    await Deno.utime(`${folder}/${name}`, folderTime, folderTime);
  }
  for (const [name, size, time] of FILES) {
    const path = `${folder}/${name}`;
    await Deno.writeFile(path, new Uint8Array());
    await Deno.truncate(path, size);
    await Deno.utime(path, new Date(time), new Date(time));
  }
  await Deno.writeTextFile(`${folder}/README.md`, README);
  return folder;
}

async function shoot(
  browser: Browser,
  url: string,
  colorScheme: "light" | "dark",
): Promise<string> {
  const page = await browser.newPage({ viewport: SIZE, colorScheme });
  await page.goto(url);
  return (await page.screenshot()).toString("base64");
}

/** Shows the dark picture to the right of a slanted line. */
function joined(light: string, dark: string): string {
  return `<!DOCTYPE html><style>
    body { margin: 0; position: relative }
    img { position: absolute; top: 0; left: 0 }
    .dark { clip-path: polygon(58% 0, 100% 0, 100% 100%, 42% 100%) }
  </style>
  <img src="data:image/png;base64,${light}">
  <img class="dark" src="data:image/png;base64,${dark}">`;
}

const folder = await makeFolder();
const flags = ["--title", "Summer", "--upload=photos", "--archive"];
const browser = await launch();
try {
  await using command = await startCommand([...flags, folder], {
    permissions: ["-A"],
  });
  const url = `http://127.0.0.1:${command.port}/`;
  const light = await shoot(browser, url, "light");
  const dark = await shoot(browser, url, "dark");
  const page = await browser.newPage({ viewport: SIZE });
  await page.setContent(joined(light, dark));
  await Deno.writeFile(OUTPUT, await page.screenshot());
} finally {
  await browser.close();
  await Deno.remove(folder, { recursive: true });
}
