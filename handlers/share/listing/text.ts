// Copyright 2026 the pystd authors. MIT license.

/**
 * Names, sizes and times as text of a page. Everything that comes from the file
 * system or from the client passes through `shown()`, `attribute()` or `quote()`.
 *
 * @module
 */

import { escapeHtml } from "../../../python/html_escape.ts";

/**
 * Formats a time; scripts convert it to the reader's zone.
 *
 * @param mtime The time, in epoch ms.
 * @returns The markup; empty if the time is unknown.
 */
export function timeElement(mtime: number): string {
  if (isNaN(mtime)) return "";
  const iso = new Date(mtime).toISOString();
  // A year beyond 9999 has more digits.
  const [day, time] = iso.split("T");
  return `<time datetime="${iso}">${day} ${time.slice(0, 5)} UTC</time>`;
}

/**
 * Formats a number with its noun.
 *
 * @param count The number.
 * @param what The noun, in the singular.
 * @returns The text.
 */
export function counted(count: number, what: string): string {
  return `${grouped(count)} ${what}${count === 1 ? "" : "s"}`;
}

/**
 * Escapes a name for the page: markup, control characters, and overrides of the
 * text direction, with which `\u202egpj.exe` would look like an image.
 *
 * @param name The name.
 * @returns The markup.
 */
export function shown(name: string): string {
  const text = escapeHtml(name);
  if (!UNSEEN.test(text)) return text;
  return text.replaceAll(UNSEEN_ALL, (character) => {
    const code = character.charCodeAt(0);
    if (code === 0x7f) return "\u2421";
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : "\ufffd";
  });
}

/**
 * Escapes a name for an attribute in double quotes.
 *
 * @param name The name.
 * @returns The value of the attribute.
 */
export function attribute(name: string): string {
  return shown(name).replaceAll('"', "&quot;");
}

/** Overrides of the text direction. */
const OVERRIDES = /[\u202a-\u202e\u2066-\u2069]/g;

/**
 * Replaces overrides of the text direction, which can make a text look like
 * another one.
 *
 * @param text The text.
 * @returns The text with U+FFFD in their places.
 */
export function withoutOverrides(text: string): string {
  return text.replace(OVERRIDES, "\ufffd");
}

/** Control characters, and overrides of the text direction. */
const UNSEEN = /[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;
const UNSEEN_ALL = new RegExp(UNSEEN, "g");

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/**
 * Formats a size for people. `@std/fmt/bytes` is not used: its
 * `toLocaleString()` would double the time that a page takes.
 *
 * @param bytes The size in bytes.
 * @returns Three digits and a unit: `1.23 MB`.
 */
export function humanSize(bytes: number): string {
  let unit = 0;
  let value = bytes;
  // `toFixed()` would round 999.5 to 1000.
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  if (unit === 0) return `${bytes} B`;
  const digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** Formats a number with thousands separators. */
function grouped(value: number): string {
  const digits = `${value}`;
  return value < 1000 ? digits : digits.replace(/\B(?=(?:\d{3})+$)/g, ",");
}
