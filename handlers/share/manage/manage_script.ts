// Copyright 2026 the pystd authors. MIT license.

/**
 * The script of the listing that selects entries: by checkboxes, with Shift, and
 * by keys. Delete asks to delete, F2 to rename.
 *
 * Part of the listing's script: `find`, `make` and `items` are defined there.
 *
 * @module
 */

/** The script. */
export const MANAGE_SCRIPT = `
/** Checkboxes: a click with Shift selects all up to the one before. */
const boxes = () => items().filter((item) => !item.hidden)
  .map((item) => find("[type=checkbox]", item)).filter(Boolean);
const menu = find("#manage");
let lastBox;
function showSelected() {
  const { length } = boxes().filter((box) => box.checked);
  find("summary", menu).textContent = "Selected" +
    (length === 0 ? "" : " (" + length + ")");
}
if (menu) {
  const all = make("button", { type: "button", textContent: "Select all" });
  all.addEventListener("click", () => {
    const list = boxes();
    const isOn = !list.every((box) => box.checked);
    for (const box of list) box.checked = isOn;
    showSelected();
  });
  find("form", menu).prepend(all);
  addEventListener("click", ({ target, shiftKey }) => {
    if (target.name !== "item") return;
    const list = boxes();
    const [from, to] = [list.indexOf(lastBox), list.indexOf(target)].sort(
      (a, b) => a - b);
    if (shiftKey && from !== -1) {
      for (const box of list.slice(from, to + 1)) box.checked = target.checked;
    }
    lastBox = target;
    showSelected();
  });
  addEventListener("keydown", ({ key, target, ctrlKey, altKey, metaKey }) => {
    if (ctrlKey || altKey || metaKey || !target.closest("#list")) return;
    const action = { Delete: "delete", F2: "move" }[key];
    if (!action) return;
    const own = find("[type=checkbox]", target.closest("tr, li"));
    if (own && !boxes().some((box) => box.checked)) own.checked = true;
    find("[value=" + action + "]", menu).click();
  });
  afterRefresh.push(showSelected);
  showSelected();
}
`;
