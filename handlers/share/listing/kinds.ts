// Copyright 2026 the pystd authors. MIT license.

/**
 * Kinds of files by their names: they decide on icons, and on how a file is
 * viewed.
 *
 * @module
 */

import { TEXT_EXTENSIONS, typeByName } from "../text_types.ts";

/** What a file is, as far as its name tells. */
export type Kind =
  | "picture"
  | "video"
  | "audio"
  | "pdf"
  | "markdown"
  | "text"
  | "code"
  | "document"
  | "archive"
  | "other";

/** Extensions by kind; those of `text_types.ts` are code, too. */
const EXTENSIONS: Readonly<Partial<Record<Kind, string>>> = {
  picture: "png jpg jpeg jfif gif svg webp avif heic bmp ico tif tiff psd",
  video: "mp4 mkv webm mov avi m4v mpg mpeg ogv",
  audio: "mp3 flac wav ogg oga opus m4a aac wma mid",
  pdf: "pdf",
  markdown: "md markdown mkd",
  text: "txt log csv tsv rst nfo srt vtt diff patch adoc org",
  code: "html htm css js mjs cjs json xml",
  document: "doc docx odt rtf epub ods xls xlsx ppt pptx odp",
  archive: "zip gz tgz bz2 xz zst 7z rar tar br iso dmg deb rpm jar apk",
};

const BY_EXTENSION: ReadonlyMap<string, Kind> = new Map(
  Object.entries(EXTENSIONS).flatMap(([kind, extensions]) =>
    extensions.split(" ").map((extension) => [extension, kind as Kind] as const)
  ),
);

/** Pictures that common browsers do not show. */
const NOT_SHOWN = /\.(?:heic|tiff?|psd)$/i;

/**
 * Tells what a file is.
 *
 * @param name The file's name.
 * @returns Its kind.
 */
export function kindOf(name: string): Kind {
  const dot = name.lastIndexOf(".");
  const extension = dot === -1 ? "" : name.slice(dot + 1).toLowerCase();
  const kind = BY_EXTENSION.get(extension);
  if (kind !== undefined) return kind;
  if (Object.hasOwn(TEXT_EXTENSIONS, `.${extension}`)) return "code";
  return typeByName(name) === undefined ? "other" : "text";
}

/**
 * Tells whether browsers show a picture, so that a grid can.
 *
 * @param name The file's name.
 * @returns Whether they do.
 */
export function isShownPicture(name: string): boolean {
  return kindOf(name) === "picture" && !NOT_SHOWN.test(name);
}

/** Kinds that the arrow keys of the viewer step through together. */
const GROUPS: Readonly<Partial<Record<Kind, number>>> = {
  picture: 1,
  video: 1,
  audio: 2,
  pdf: 3,
  markdown: 3,
  text: 3,
  code: 3,
};

/**
 * Tells which files the viewer steps through together: pictures and videos,
 * music, documents.
 *
 * @param name The file's name.
 * @returns A number for each group; `undefined` if the viewer cannot show it.
 */
export function viewGroup(name: string): number | undefined {
  return GROUPS[kindOf(name)];
}
