// Copyright 2026 the pystd authors. MIT license.

/**
 * The script of the viewer: arrow keys and swipes, and music that plays
 * through. Steps replace the entry of the history, so that Back leads to the
 * folder. A pinch is the browser's own.
 *
 * @module
 */

import { compactScript } from "../listing/compact.ts";
import { MENU_SCRIPT } from "../listing/menu_script.ts";

/** The script. */
export const VIEW_SCRIPT: string = compactScript(`(() => {
"use strict";${MENU_SCRIPT}
const step = (rel) => find(".bar [rel=" + rel + "]");
function go(rel) {
  const link = step(rel);
  if (link) location.replace(link.href);
}
for (const rel of ["prev", "next"]) {
  step(rel)?.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(rel);
  });
}
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  // Players use the arrows to seek.
  if (event.target.closest("video, audio, summary, input")) return;
  if (event.key === "ArrowLeft") go("prev");
  else if (event.key === "ArrowRight") go("next");
  else if (event.key === "Escape") {
    location.assign(find("nav li:nth-last-child(2) a").href);
  }
});

const stage = find(".stage");
let start;
stage?.addEventListener("touchstart", ({ touches }) => {
  const isZoomed = visualViewport && visualViewport.scale > 1;
  start = touches.length === 1 && !isZoomed ? touches[0] : undefined;
}, { passive: true });
stage?.addEventListener("touchend", ({ changedTouches: [end] }) => {
  if (!start) return;
  const x = end.clientX - start.clientX;
  const y = end.clientY - start.clientY;
  if (Math.abs(x) > 60 && Math.abs(x) > 2 * Math.abs(y)) {
    go(x < 0 ? "next" : "prev");
  }
});
const next = step("next");
if (find(".stage img") && next) new Image().src = next.href.split("?")[0];

const tracks = [...document.querySelectorAll(".tracks a")];
const player = find("audio");
function play(link) {
  const file = link.href.split("?")[0];
  const name = link.textContent;
  const heading = find("h1");
  document.title = document.title.replace(heading.textContent, () => name);
  heading.firstChild.textContent = name;
  find(".tracks [aria-current]")?.removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
  for (const other of document.querySelectorAll(".file")) other.href = file;
  const at = tracks.indexOf(link);
  for (const [rel, track] of [["prev", at - 1], ["next", at + 1]]) {
    const button = step(rel);
    if (button && tracks[track]) button.href = tracks[track].href;
  }
  history.replaceState(null, "", link.href);
  player.src = file;
  player.play();
}
for (const link of tracks) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    play(link);
  });
}
player?.addEventListener("ended", () => {
  const at = tracks.findIndex((link) => link.hasAttribute("aria-current"));
  if (tracks[at + 1]) play(tracks[at + 1]);
});
})();`);
