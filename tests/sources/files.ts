// Copyright 2026 the pystd authors. MIT license.

/**
 * The files that every source of `cases.ts` has. Imports nothing, since programs
 * for Node and Bun use it, too.
 *
 * @module
 */

/** Bytes of the large file: more than is read at once. */
export const LARGE_BYTES = 400_000;

/** Returns the bytes of the large file, which differ everywhere. */
export function largeBytes(): Uint8Array {
  const bytes = new Uint8Array(LARGE_BYTES);
  for (let i = 0; i < LARGE_BYTES; i++) bytes[i] = (i * 31 + (i >> 8)) & 0xff;
  return bytes;
}

/** The files that every source has. */
export const FILES: Readonly<Record<string, string | Uint8Array>> = {
  "a.txt": "alpha\n",
  "empty": "",
  "large.bin": largeBytes(),
  "docs/README.md": "# Docs\n",
  "docs/b c.txt": "beta\n",
  "docs/deep/c.txt": "gamma\n",
  "site/index.html": "<h1>Site</h1>\n",
  ".secret": "no\n",
  ".git/config": "no\n",
  "é.txt": "accent\n",
  "key.pem": "no\n",
};

/** Hidden names: dotfiles, and private keys. */
export const HIDING: {
  dotfiles: boolean;
  hide: (name: string) => boolean;
} = {
  dotfiles: false,
  hide: (name: string) => name.endsWith(".pem"),
};

/** What uploads of the table accept. */
export const UPLOAD_OPTIONS: {
  hide: (name: string) => boolean;
  maxBytes: number;
} = { hide: HIDING.hide, maxBytes: 5000 };
