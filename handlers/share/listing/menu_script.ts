// Copyright 2026 the pystd authors. MIT license.

/**
 * The script of the menus, in the listing and in the viewer: it closes them,
 * and copies the address of the page.
 *
 * @module
 */

/** The script, without what encloses it. */
export const MENU_SCRIPT = `
const find = (selector, within = document) => within.querySelector(selector);
const make = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};
addEventListener("click", ({ target }) => {
  for (const menu of document.querySelectorAll("details[open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
});
addEventListener("keydown", (event) => {
  const menu = find("details[open]");
  if (event.key !== "Escape" || !menu) return;
  event.stopImmediatePropagation();
  menu.open = false;
  find("summary", menu).focus();
});
const address = make("input", { readOnly: true });
address.setAttribute("aria-label", "Address of this page");
const copy = make("button", { type: "button", textContent: "Copy link" });
copy.addEventListener("click", async () => {
  address.select();
  try {
    // The clipboard needs HTTPS, or this machine.
    if (navigator.clipboard) await navigator.clipboard.writeText(address.value);
    else document.execCommand("copy");
    copy.textContent = "Copied";
  } catch {
    copy.textContent = "Press Ctrl+C";
  }
});
const share = find("#share");
share?.addEventListener("toggle", () => {
  const token = /[?&](link=[^&]*)/.exec(location.search);
  address.value = location.href.split(/[?#]/)[0] + (token ? "?" + token[1] : "");
  copy.textContent = "Copy link";
});
if (share) find("div", share).prepend(address, copy);
`;
