// Copyright 2026 the pystd authors. MIT license.

/**
 * Takes the README's pictures of a shared folder as a list and as a grid: light
 * on the left, dark on the right. It needs Chromium.
 *
 * ```sh
 * deno run -A tests/browser/screenshot.ts    # writes docs/listing.png, grid.png
 * ```
 *
 * @module
 */

import type { Browser } from "playwright-core";
import { launch } from "./browser.ts";
import { startCommand } from "../support/command.ts";

const OUTPUT = new URL("../../docs/", import.meta.url);
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
const PHOTOS = [
  "beach",
  "boat",
  "dunes",
  "evening",
  "garden",
  "harbour",
  "island",
  "lighthouse",
  "market",
  "pier",
];
const README = `# Summer on the island

Please add your pictures to "photos".
`;

/** Draws a sky, a sun and two hills, in other colours for each picture. */
function landscape(index: number): string {
  const hue = index * 137 % 360;
  const sun = 40 + index * 53 % 120;
  const hill = 90 + index * 29 % 40;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200">
<linearGradient id="sky" x2="0" y2="1"><stop stop-color="hsl(${hue} 70% 60%)"/>
<stop offset="1" stop-color="hsl(${hue + 40} 80% 88%)"/></linearGradient>
<rect width="200" height="200" fill="url(#sky)"/>
<circle cx="${sun}" cy="60" r="18" fill="#fff3c4"/>
<path d="M0 ${hill}Q60 ${hill - 40} 120 ${hill}T200 ${hill - 10}V200H0z"
fill="hsl(${hue + 150} 35% 45%)"/>
<path d="M0 ${hill + 40}Q80 ${hill} 200 ${hill + 50}V200H0z"
fill="hsl(${hue + 170} 40% 30%)"/></svg>`;
}

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
  for (const [i, name] of PHOTOS.entries()) {
    await Deno.writeTextFile(`${folder}/photos/${name}.svg`, landscape(i));
  }
  await Deno.utime(`${folder}/photos`, folderTime, folderTime);
  await Deno.writeTextFile(`${folder}/README.md`, README);
  return folder;
}

async function shoot(
  browser: Browser,
  url: string,
  colorScheme: "light" | "dark",
): Promise<string> {
  const page = await browser.newPage({ viewport: SIZE, colorScheme });
  await page.goto(url, { waitUntil: "networkidle" });
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
  const root = `http://127.0.0.1:${command.port}/`;
  for (const [name, path] of [["listing", ""], ["grid", "photos/?grid"]]) {
    const light = await shoot(browser, root + path, "light");
    const dark = await shoot(browser, root + path, "dark");
    const page = await browser.newPage({ viewport: SIZE });
    await page.setContent(joined(light, dark));
    const file = new URL(`${name}.png`, OUTPUT);
    await Deno.writeFile(file, await page.screenshot());
  }
} finally {
  await browser.close();
  await Deno.remove(folder, { recursive: true });
}
