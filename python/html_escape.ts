// Copyright 2026 the pystd authors. MIT license.

/**
 * Escapes `&`, `<` and `>` for HTML text between tags, not for attributes
 * (`html.escape(text, quote=False)`).
 */
export function escapeHtml(text: string): string {
  if (!/[&<>]/.test(text)) return text;
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}
