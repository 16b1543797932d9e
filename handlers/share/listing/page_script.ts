// Copyright 2026 the pystd authors. MIT license.

/**
 * The script of a listing: times in the reader's time zone, a filter, arrow
 * keys. Uploads have a module of their own.
 *
 * It never turns text into markup: names are set through `textContent`.
 *
 * @module
 */

import { UPLOAD_SCRIPT } from "../upload/upload_script.ts";

const READING_SCRIPT = `
const find = (selector, within = document) => within.querySelector(selector);
const make = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};
const bar = find(".bar");
const rows = () => [...find("tbody").rows];

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

const filter = make("input", { type: "search", placeholder: "Filter",
  autocomplete: "off", spellcheck: false });
filter.setAttribute("aria-label", "Filter by name");
const count = find("#count");
let summary = count.textContent;
function applyFilter() {
  const plain = (text) => text.toLowerCase().normalize("NFC");
  const words = plain(filter.value).split(/\\s+/).filter(Boolean);
  let left = 0;
  for (const row of rows()) {
    if (row.className === "up") continue;
    const name = plain(find("bdi", row).textContent);
    row.hidden = !words.every((word) => name.includes(word));
    if (!row.hidden) left++;
  }
  count.textContent = words.length === 0 ? summary : left + " of " + summary;
}
filter.addEventListener("input", applyFilter);
bar.prepend(filter);

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const active = document.activeElement;
  if (event.key === "/" && !/INPUT|TEXTAREA/.test(active.tagName)) {
    event.preventDefault();
    filter.select();
    return;
  }
  if (active !== filter && !active.closest("tbody")) return;
  const links = rows().filter((row) => !row.hidden)
    .map((row) => find("a", row)).filter(Boolean);
  if (event.key === "Escape" && active === filter) {
    filter.value = "";
    applyFilter();
  } else if (event.key === "Enter" && active === filter) {
    if (filter.value !== "") links.find((link) =>
      link.closest("tr").className !== "up")?.click();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const step = event.key === "ArrowDown" ? 1 : -1;
    const next = links[links.indexOf(active) + step];
    event.preventDefault();
    (next ?? (step < 0 ? filter : active)).focus();
  }
});

async function refresh() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  find("main").replaceWith(find("main", page));
  summary = find("#count", page).textContent;
  applyFilter();
  showTimes();
}
showTimes();
`;

/** The script of a listing. */
export const LISTING_SCRIPT: string = enclosed(READING_SCRIPT);

/** The script of a listing with uploads. */
export const UPLOADING_SCRIPT: string = enclosed(
  READING_SCRIPT + UPLOAD_SCRIPT,
);

function enclosed(script: string): string {
  return `(() => {\n"use strict";${script}})();`;
}
