// Copyright 2026 the pystd authors. MIT license.

/**
 * The viewer: `FILE?view` is a page that shows a file, with links to the files
 * before and after it. `FILE` itself stays the bytes of the file.
 *
 * Loaded with the first request for it.
 *
 * @module
 */

import { queueShortWork } from "../../../files/time_slices.ts";
import { preferredCoding } from "../../../protocol/negotiation.ts";
import { unquotePath } from "../../../protocol/percent_encoding.ts";
import { collapsePath, splitTarget } from "../../../protocol/request_target.ts";
import type { ReadyFile } from "../../simple.ts";
import { closeFile, readStart } from "../../simple/body.ts";
import { LIVE_CODINGS } from "../coding/codings.ts";
import { kindOf } from "../listing/kinds.ts";
import { readChoice } from "../listing/query.ts";
import { loadRendering } from "../listing/readme.ts";
import { listingPolicy } from "../listing/security_policy.ts";
import { sendPage, sendPageFields } from "../listing/send_page.ts";
import type { ResolvedShareOptions } from "../options.ts";
import type { ShareRequest } from "../request.ts";
import { neighboursOf } from "./neighbours.ts";
import { type Content, viewPage } from "./view_page.ts";
import { VIEW_SCRIPT } from "./view_script.ts";
import { VIEW_STYLE } from "./view_style.ts";

/** Largest Markdown file to render: the costliest takes 0.2 s. */
const MAX_MARKDOWN_BYTES = 64 * 1024;

const POLICY = await listingPolicy(VIEW_STYLE, VIEW_SCRIPT, [
  "media-src 'self'",
]);
/** Browsers show a PDF as an object, with a viewer of their own. */
const PDF_POLICY = await listingPolicy(VIEW_STYLE, VIEW_SCRIPT, [
  "object-src 'self'",
  "frame-src 'self'",
]);

/** The options and limits of the viewer. */
export interface ViewContext {
  /** The handler's options, with their defaults. */
  resolved: ResolvedShareOptions;
  /** Whether names that start with a dot are shown. */
  dotfiles: boolean;
  /** Most bytes of a text that are shown. */
  maxTextBytes: number;
}

/**
 * Sends the page of a file.
 *
 * @param request The request.
 * @param path The file's path, from `translatePath()`.
 * @param file The file; it is closed.
 * @param context See {@linkcode ViewContext}.
 * @returns The body to send.
 */
export async function sendView(
  request: ShareRequest,
  path: string,
  file: ReadyFile,
  { resolved, dotfiles, maxTextBytes }: ViewContext,
): Promise<Uint8Array> {
  const target = splitTarget(request.path);
  const names = collapsePath(unquotePath(target.path));
  const choice = readChoice(new URLSearchParams(target.query));
  const root = "../".repeat(names.length - 1) || "./";
  const content = await contentOf(file, names.at(-1)!, root, maxTextBytes);
  const folder = path.slice(0, path.lastIndexOf("/")) || "/";
  const page = viewPage({
    names,
    title: resolved.title,
    size: file.info.size,
    choice,
    mayLink: resolved.links !== undefined && request.user !== undefined,
    neighbours: await neighboursOf(
      { files: request.files, path: folder, dotfiles },
      names.at(-1)!,
      choice,
    ),
    content,
  });
  const coding = resolved.compression
    ? preferredCoding(request.field("accept-encoding"), LIVE_CODINGS)
    : undefined;
  const bytes = new TextEncoder().encode(page);
  return sendPage(request, bytes, coding, (used) => {
    request.sendResponse(200);
    request.sendHeader("Content-Type", "text/html; charset=utf-8");
    request.sendHeader("Cache-Control", "no-cache");
    request.sendHeader("Vary", "Accept-Encoding");
    if (used !== undefined) request.sendHeader("Content-Encoding", used);
    sendPageFields(request, content.kind === "pdf" ? PDF_POLICY : POLICY);
  });
}

/** Types that are shown by an element, which runs no script of the file. */
const ELEMENTS: readonly [type: RegExp, kind: "picture" | "video" | "audio"][] =
  [
    [/^image\//, "picture"],
    [/^video\//, "video"],
    [/^audio\//, "audio"],
  ];

async function contentOf(
  file: ReadyFile,
  name: string,
  root: string,
  maxTextBytes: number,
): Promise<Content> {
  try {
    const kind = ELEMENTS.find(([type]) => type.test(file.type))?.[1];
    if (kind !== undefined) return { kind };
    if (file.type === "application/pdf") return { kind: "pdf" };
    if (file.coding !== undefined) return { kind: "none" };
    const text = textOf(file, await readStart(file, maxTextBytes));
    if (text === undefined) return { kind: "none" };
    const { size } = file.info;
    if (kindOf(name) === "markdown" && size <= MAX_MARKDOWN_BYTES) {
      const { renderMarkdown } = await loadRendering();
      const markup = await queueShortWork(() => renderMarkdown(text, root));
      return { kind: "markdown", markup };
    }
    return { kind: "text", text, cut: size > maxTextBytes };
  } finally {
    closeFile(file);
  }
}

/** Decodes the start of a text; `undefined` if the file is not one. */
function textOf(file: ReadyFile, bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    // A cut may split a character.
    return new TextDecoder("utf-8", { fatal: true })
      .decode(bytes, { stream: bytes.length < file.info.size });
  } catch {
    // Text in another encoding, if the name says that it is text.
    return file.type.startsWith("text/")
      ? new TextDecoder("latin1").decode(bytes)
      : undefined;
  }
}
