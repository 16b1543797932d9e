// Copyright 2026 the pystd authors. MIT license.

/**
 * Moves and copies of folders in buckets that fail after any number of changes, and
 * are sent again.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { toFetchHandler } from "../../fetch.ts";
import { ShareHTTPRequestHandler } from "../../handlers/share.ts";
import { SourceManagement } from "../../handlers/share/manage/source_management.ts";
import { SourceUploads } from "../../handlers/share/upload/source_uploads.ts";
import type { Source } from "../../sources/source.ts";

/** The contents of objects, by key. */
type Contents = Record<string, string>;

/** A bucket that fails. */
export interface FailingBucket extends AsyncDisposable {
  /** The source. */
  readonly source: Source;
  /** Returns what the bucket has. */
  contents(): Contents;
  /** Lets all changes fail after some. */
  failAfter(most: number): void;
}

/** A folder that is moved or copied to `x`. */
export const MOVED: Contents = {
  "d/1": "one",
  "d/2": "two",
  "d/e/3": "three",
  "d/e/4": "four",
};

/** What a moved or copied folder replaces. */
export const REPLACED: Contents = {
  "x/1": "old one",
  "x/9": "old nine",
  "x/.h": "old hidden",
  "x/e": "old file in place of a folder",
  "x/2/f": "old folder in place of a file",
};

/** Other things that a folder replaces. */
const PLACES: Readonly<Record<string, Contents>> = {
  "nothing": {},
  "a folder": REPLACED,
  "a file": { "x": "old" },
  "a file and a folder of one name": { ...REPLACED, "x": "old" },
};

class Handler extends ShareHTTPRequestHandler {
  override logMessage(): void {}
}

/**
 * Lets a bucket fail after each number of changes, and checks that nothing is lost.
 *
 * @param name The bucket, for the names of the tests.
 * @param make Makes a bucket with some objects.
 */
export function testInterrupted(
  name: string,
  make: (files: Contents) => FailingBucket,
): void {
  for (const method of ["MOVE", "COPY"] as const) {
    for (const [place, old] of Object.entries(PLACES)) {
      const title =
        `${method} onto ${place} loses nothing wherever ${name} fails`;
      Deno.test(title, async (t) => {
        let isDone = false;
        for (let most = 0; !isDone; most++) {
          await t.step(`after ${most} changes`, async () => {
            await using bucket = make({ ...MOVED, ...old });
            isDone = await interrupt(bucket, { method, old, most });
          });
        }
      });
    }
  }
}

/** What is interrupted. */
interface Interruption {
  readonly method: "MOVE" | "COPY";
  /** What is replaced. */
  readonly old: Contents;
  /** The changes before the bucket fails. */
  readonly most: number;
}

/** Returns whether the request succeeded. */
async function interrupt(
  bucket: FailingBucket,
  { method, old, most }: Interruption,
): Promise<boolean> {
  const { source } = bucket;
  const uploads = new SourceUploads(source, { overwrite: true });
  const manage = new SourceManagement(uploads);
  const handler = toFetchHandler(Handler.with({ source, uploads, manage }));
  const send = async (): Promise<number> => {
    const headers = { Destination: "/x" };
    const request = new Request("http://h/d", { method, headers });
    const { status, body } = await handler(request);
    await body?.cancel();
    return status;
  };
  bucket.failAfter(most);
  const status = await send();
  const isDone = status < 300;
  assert(isDone || status === 502 || status === 503, `${status}`);
  checkNothingLost(bucket.contents(), old, method);
  bucket.failAfter(Infinity);
  const again = await send();
  const isGone = isDone && method === "MOVE";
  assertEquals(again < 300 ? "done" : again, isGone ? 404 : "done");
  const kept = method === "COPY" ? MOVED : {};
  const wanted = { ...kept, ...renamed(MOVED) };
  assertEquals(withoutFolders(bucket.contents()), wanted);
  return isDone;
}

/**
 * Checks that all files are in one place at least, and that the old ones went only
 * when the new ones were complete.
 */
function checkNothingLost(
  found: Contents,
  old: Contents,
  method: "MOVE" | "COPY",
): void {
  const fresh = renamed(MOVED);
  for (const [key, text] of Object.entries(MOVED)) {
    const copy = found[key.replace("d/", "x/")];
    const isThere = method === "MOVE" && copy === text;
    assert(found[key] === text || isThere, key);
  }
  const isComplete = Object.entries(fresh)
    .every(([key, text]) => found[key] === text);
  for (const [key, text] of Object.entries(old)) {
    const isReplaced = fresh[key] !== undefined && found[key] === fresh[key];
    // A file takes the place of a folder.
    const isCovered = key === "x/2/f" && found["x/2"] === "two";
    assert(
      found[key] === text || isComplete || isReplaced || isCovered,
      `${key}: ${found[key]}`,
    );
  }
}

/**
 * Returns what the folder is in the other place.
 *
 * @param files The files in `d`.
 * @returns The files in `x`.
 */
export function renamed(files: Contents): Contents {
  return Object.fromEntries(
    Object.entries(files).map(([key, text]) =>
      [key.replace("d/", "x/"), text] as const
    ),
  );
}

/** The objects but for the empty ones that stand for folders. */
function withoutFolders(objects: Contents): Contents {
  return Object.fromEntries(
    Object.entries(objects).filter(([key]) => !key.endsWith("/")),
  );
}
