// Copyright 2026 the pystd authors. MIT license.

/**
 * Renders Markdown (CommonMark, with tables) to markup that is safe by
 * construction: raw HTML is shown as text, links lead to web pages, addresses
 * or files of the share, and pictures are files of the share.
 *
 * Loaded with the first Markdown file that is shown.
 *
 * @module
 */

import MarkdownIt from "markdown-it";
import { attribute, withoutOverrides } from "../listing/text.ts";
import { kindOf } from "../listing/kinds.ts";

/** Links out of the share. */
const OUTSIDE = /^(?:https?:\/\/|mailto:|\/\/)/i;
/** A scheme, before the first character that ends it. */
const SCHEME = /^[^/?#]*:/;
/** Prefix of the headings' identifiers: the page has some of its own. */
const ID_PREFIX = "md-";

const markdown = new MarkdownIt({ html: false });
markdown.validateLink = (url) => OUTSIDE.test(url) || !SCHEME.test(url);

/** What a rule needs to know: the root of the share, and the headings so far. */
interface Environment extends Record<PropertyKey, unknown> {
  root: string;
  ids: Map<string, number>;
}

markdown.renderer.rules.link_open = (tokens, index, options, env, self) => {
  const token = tokens[index];
  const href = `${token.attrGet("href") ?? ""}`;
  if (OUTSIDE.test(href)) {
    token.attrSet("rel", "noopener noreferrer nofollow");
  } else token.attrSet("href", linkTo(href, env as Environment));
  return self.renderToken(tokens, index, options);
};

markdown.renderer.rules.image = (tokens, index, _options, env) => {
  const token = tokens[index];
  const src = `${token.attrGet("src") ?? ""}`;
  const text = attribute(token.content);
  if (OUTSIDE.test(src)) {
    return `<a href="${
      attribute(src)
    }" rel="noopener noreferrer nofollow">${text}</a>`;
  }
  // A query could make the reader's browser request an archive.
  const path = fromRoot(src.replace(/[?#].*$/, ""), env as Environment);
  return `<img src="${attribute(path)}" alt="${text}" loading="lazy">`;
};

markdown.renderer.rules.heading_open = (tokens, index, options, env, self) => {
  const slug = slugOf(tokens[index + 1].content);
  const { ids } = env as Environment;
  const before = ids.get(slug) ?? 0;
  ids.set(slug, before + 1);
  tokens[index].attrSet(
    "id",
    ID_PREFIX + slug + (before === 0 ? "" : `-${before}`),
  );
  return self.renderToken(tokens, index, options);
};

/** Returns a heading as it is named in links. */
function slugOf(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").trim()
    .replace(/\s+/g, "-");
}

/** Returns the link to a file of the share, or to a heading. */
function linkTo(href: string, env: Environment): string {
  const [, path, query, fragment] = /^([^?#]*)(\?[^#]*)?(#.*)?$/.exec(href)!;
  const name = path.slice(path.lastIndexOf("/") + 1);
  const view = query ?? (kindOf(name) === "markdown" ? "?view" : "");
  const id = fragment === undefined ? "" : `#${ID_PREFIX}${fragment.slice(1)}`;
  return fromRoot(path, env) + view + id;
}

/** Makes an absolute path relative: a proxy may publish the share elsewhere. */
function fromRoot(path: string, { root }: Environment): string {
  return path.startsWith("/") ? root + path.replace(/^\/+/, "") : path;
}

/**
 * Renders Markdown.
 *
 * @param text The Markdown.
 * @param root The root of the share, relative to the page.
 * @returns The markup.
 */
export function renderMarkdown(text: string, root: string): string {
  const env: Environment = { root, ids: new Map() };
  return markdown.render(withoutOverrides(text), env);
}
