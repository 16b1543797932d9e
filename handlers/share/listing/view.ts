// Copyright 2026 the pystd authors. MIT license.

/**
 * What a page of a listing shows.
 *
 * @module
 */

import type { Choice } from "./query.ts";

/** The content and order of a listing. */
export interface View extends Choice {
  /** Names in the path of the directory; none for the root. */
  names: readonly string[];
  /** Name of the root. */
  title: string;
  /** Whether the reader may upload into the directory. */
  uploads: boolean;
  /** What a reader who has not signed in could do after that; empty if nothing. */
  signIn: string;
  /** Whether the reader may make links that need no password. */
  links: boolean;
  /** Whether the reader may delete, move and copy what is in the directory. */
  manages: boolean;
  /** Free space on the disk; absent if unknown or if the reader cannot use it. */
  freeBytes?: number;
  /** Formats of archives of the directory. */
  archives: readonly string[];
}

/** The README below the entries. */
export interface Readme {
  /** The file's name. */
  name: string;
  /** The start of its text. */
  text: string;
  /** Whether the text is cut. */
  cut: boolean;
  /** The markup of rendered Markdown; absent if the text is shown. */
  markup?: string;
}

/** Counts of a listing. */
export interface Totals {
  /** Number of folders. */
  folders: number;
  /** Number of files, and of entries that cannot be opened. */
  files: number;
  /** Total size of the files, in bytes. */
  bytes: number;
}
