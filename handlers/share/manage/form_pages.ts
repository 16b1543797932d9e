// Copyright 2026 the pystd authors. MIT license.

/**
 * The pages that ask before something is deleted, moved or copied, and that say
 * what failed. They have no script.
 *
 * @module
 */

import { quote } from "../../../protocol/percent_encoding.ts";
import { breadcrumbs, documentHead } from "../listing/page.ts";
import { BASE_STYLE } from "../listing/page_style.ts";
import { listingPolicy } from "../listing/security_policy.ts";
import { attribute, counted, humanSize, shown } from "../listing/text.ts";

const STYLE = `${BASE_STYLE}
main { max-width: 40rem }
main form { display: flex; flex-wrap: wrap; gap: .6rem; margin-top: 1rem }
main label, main [name=to] { flex: 1 1 100% }
li { overflow-wrap: anywhere }
li span { color: var(--dim) }
.danger { border-color: var(--bad); color: var(--bad) }
`;

/** The `Content-Security-Policy` of the pages. */
export const FORM_POLICY: string = await listingPolicy(STYLE, "");

/** What the form does. */
export type Action = "delete" | "move" | "copy" | "size";

/** What a form is about. */
export interface FormView {
  /** What it does. */
  action: Action;
  /** Name of the root. */
  title: string;
  /** Names in the path of the folder. */
  names: readonly string[];
  /** Names of the selected entries of the folder. */
  items: readonly string[];
  /** The query of the listing, for an attribute. */
  back: string;
}

/** What an item contains. */
export interface ItemSize {
  /** Its name; empty for the folder itself. */
  name: string;
  /** Its kind. */
  kind: "file" | "directory" | "missing";
  /** Number of folders in it. */
  folders: number;
  /** Number of files in it. */
  files: number;
  /** Their size, in bytes. */
  bytes: number;
  /** Whether everything was counted in the time that there was. */
  whole: boolean;
}

const VERBS: Readonly<Record<Action, string>> = {
  delete: "Delete",
  move: "Move",
  copy: "Copy",
  size: "Size of",
};

/**
 * Formats the page that says what the items are, and asks.
 *
 * @param view What the form is about.
 * @param sizes What the items contain.
 * @returns The page.
 */
export function askPage(view: FormView, sizes: readonly ItemSize[]): string {
  const { action, items } = view;
  const what = items.length === 0
    ? "this folder"
    : items.length === 1
    ? shown(items[0])
    : counted(items.length, "item");
  const question = `${VERBS[action]} <bdi>${what}</bdi>${
    action === "size" ? "" : "?"
  }`;
  return frame(
    view,
    question,
    `${list(sizes)}${warning(view, sizes)}${form(view)}`,
  );
}

/**
 * Formats the page that says what failed.
 *
 * @param view What the form is about.
 * @param failed The items that failed, with the reasons.
 * @returns The page.
 */
export function failurePage(
  view: FormView,
  failed: readonly { name: string; message: string }[],
): string {
  const done = view.items.length - failed.length;
  const items = failed.map(({ name, message }) =>
    `<li><bdi>${shown(name)}</bdi> <span>${shown(message)}</span>\n`
  );
  const text = `${done} of ${counted(view.items.length, "item")} done`;
  return frame(
    view,
    "Not everything was possible",
    `<p>${text}. These were not changed, or not completely:</p>
<ul>
${items.join("")}</ul>
<form action="./"><button>Back to the folder</button></form>
`,
  );
}

function frame(view: FormView, heading: string, content: string): string {
  const { title, names, back } = view;
  return `${documentHead(title, STYLE)}<header>
${breadcrumbs([title, ...names], back, "")}
</header>
<main>
<h2>${heading}</h2>
${content}</main>
</body>
</html>
`;
}

function list(sizes: readonly ItemSize[]): string {
  const rows = sizes.map((size) =>
    `<li><bdi>${
      size.name === "" ? "All of it" : shown(size.name)
    }</bdi> <span>${sizeText(size)}</span>\n`
  );
  return `<ul>\n${rows.join("")}</ul>\n`;
}

/** Says what the sizes do not show. */
function warning({ action }: FormView, sizes: readonly ItemSize[]): string {
  const isDelete = action === "delete";
  const texts = isDelete ? ["This cannot be undone."] : [];
  if (sizes.some(({ kind }) => kind === "directory")) {
    if (isDelete) texts.push("Hidden files in a folder are deleted with it.");
    if (action === "copy") {
      texts.push("Hidden files in a folder are not copied.");
    }
  }
  return texts.length === 0 ? "" : `<p>${texts.join(" ")}</p>\n`;
}

function sizeText({ kind, folders, files, bytes, whole }: ItemSize): string {
  if (kind === "missing") return "cannot be opened";
  if (kind === "file") return humanSize(bytes);
  if (whole && files + folders === 0) return "an empty folder";
  const parts = [counted(files, "file")];
  if (folders > 0) parts.push(counted(folders, "folder"));
  return `a folder with ${whole ? "" : "more than "}${parts.join(" and ")}, ${
    humanSize(bytes)
  }`;
}

function form(view: FormView): string {
  const { action, items, back } = view;
  const cancel = `<a class="button" href="./${back}">${
    action === "size" ? "Back" : "Cancel"
  }</a>`;
  if (action === "size") return `<p>${cancel}</p>\n`;
  const hidden = items.map((name) =>
    `<input type="hidden" name="item" value="${quote(name)}">\n`
  ).join("");
  const verb = VERBS[action];
  const button = action === "delete"
    ? `<button name="sure" class="danger">${verb}</button>`
    : `<button>${verb}</button>`;
  return `<form method="post" action="?manage${
    back.replace("?", "&amp;")
  }"><input type="hidden" name="do" value="${action}">
${hidden}${
    action === "delete" ? "" : destination(view)
  }${button}${cancel}</form>
`;
}

/** Asks for the place; a new name in it renames one item. */
function destination({ action, names, items }: FormView): string {
  const folder = `/${names.map((name) => `${name}/`).join("")}`;
  const [name] = items;
  const value = items.length > 1
    ? folder
    : folder + (action === "copy" ? `Copy of ${name}` : name);
  const label = items.length > 1
    ? "To the folder"
    : "To this name, or to a folder";
  return `<label for="to">${label}</label><input id="to" name="to" required spellcheck="false" autocomplete="off" value="${
    attribute(value)
  }">`;
}
