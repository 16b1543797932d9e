// Copyright 2026 the pystd authors. MIT license.

/**
 * Escapes text for an HTML page, where it stands between tags: quotes stay, as
 * in CPython's pages.
 *
 * @param text The text.
 * @returns It with `&`, `<` and `>` escaped (`html.escape(text, quote=False)`).
 */
export function escapeHtml(text: string): string {
  if (!/[&<>]/.test(text)) return text;
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}
