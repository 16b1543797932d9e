// Copyright 2026 the pystd authors. MIT license.

/**
 * The script of a listing: times in the reader's time zone, a filter, arrow
 * keys. Uploads have a module of their own.
 *
 * It never turns text into markup: names are set through `textContent`.
 *
 * @module
 */

import { compactScript } from "./compact.ts";
import { MANAGE_SCRIPT } from "../manage/manage_script.ts";
import { MENU_SCRIPT } from "./menu_script.ts";
import { UPLOAD_SCRIPT } from "../upload/upload_script.ts";

const READING_SCRIPT = `
const items = () =>
  [...document.querySelectorAll("#list tbody tr, ul#list > li")];
const isPlain = (event) => !event.button && !event.ctrlKey &&
  !event.metaKey && !event.shiftKey && !event.altKey;

const zoned = new Intl.DateTimeFormat(undefined,
  { dateStyle: "medium", timeStyle: "short" });
function showTimes() {
  const times = [...document.querySelectorAll("time")];
  const some = () => {
    for (const time of times.splice(0, 500)) {
      const date = new Date(time.dateTime);
      time.title = date.toString();
      time.textContent = zoned.format(date);
    }
    if (times.length > 0) setTimeout(some);
  };
  some();
}

const filter = find("[name=search]");
const count = find("#count");
let summary = count.textContent;
function applyFilter() {
  const plain = (text) => text.toLowerCase().normalize("NFC");
  const words = plain(filter.value).split(/\\s+/).filter(Boolean);
  let left = 0;
  let all = 0;
  for (const item of items()) {
    if (item.className === "up") continue;
    const name = plain(find("bdi", item).textContent);
    item.hidden = !words.every((word) => name.includes(word));
    all++;
    if (!item.hidden) left++;
  }
  count.textContent = words.length === 0
    ? summary : left + " of " + all + (all === 1 ? " item" : " items");
}
filter.addEventListener("input", applyFilter);

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const active = document.activeElement;
  if (event.key === "/" && !/INPUT|TEXTAREA/.test(active.tagName)) {
    event.preventDefault();
    filter.select();
    return;
  }
  if (active !== filter && !active.closest("#list")) return;
  const links = items().filter((item) => !item.hidden)
    .map((item) => find("a", item)).filter(Boolean);
  if (event.key === "Escape" && active === filter) {
    filter.value = "";
    applyFilter();
  } else {
    const at = links.indexOf(active);
    const step = stepOf(event.key, links, at);
    if (step === undefined) return;
    event.preventDefault();
    (links[at + step] ?? (step < 0 ? filter : active)).focus();
  }
});

/** How far an arrow key moves: in a grid, up and down by a row. */
function stepOf(key, links, at) {
  const inGrid = find("ul#list") && at !== -1;
  if (inGrid && key === "ArrowRight") return 1;
  if (inGrid && key === "ArrowLeft") return -1;
  const top = (link) => link.getBoundingClientRect().top;
  const columns = inGrid
    ? links.filter((link) => top(link) === top(links[at])).length : 1;
  if (key === "ArrowDown") return at + columns < links.length ? columns : 0;
  return key === "ArrowUp" ? -columns : undefined;
}

/** Icons of files that the viewer shows. */
const VIEWED = /^[acipvt]$/;
addEventListener("click", (event) => {
  const link = event.target.closest("tbody a");
  if (!link || !isPlain(event)) return;
  const icon = find("svg", link.closest("tr")).getAttribute("class");
  if (!VIEWED.test(icon)) return;
  event.preventDefault();
  const order = location.search.includes("search=")
    ? "" : location.search.replace("?", "&");
  location.href = link.href + "?view" + order;
});
/** What else to do when the list has been replaced. */
const afterRefresh = [];
async function refresh() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  find("main").replaceWith(find("main", page));
  summary = find("#count", page).textContent;
  applyFilter();
  for (const update of afterRefresh) update();
  showTimes();
}
showTimes();
`;

/** The script of a listing. */
export const LISTING_SCRIPT: string = enclosed(MENU_SCRIPT + READING_SCRIPT);

/** The script of a listing with uploads. */
export const UPLOADING_SCRIPT: string = enclosed(
  MENU_SCRIPT + READING_SCRIPT + UPLOAD_SCRIPT,
);

/** The script of a listing whose entries can be selected. */
export const MANAGING_SCRIPT: string = enclosed(
  MENU_SCRIPT + READING_SCRIPT + UPLOAD_SCRIPT + MANAGE_SCRIPT,
);

function enclosed(script: string): string {
  return compactScript(`(() => {\n"use strict";${script}})();`);
}
