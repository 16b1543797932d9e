// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import {
  type ResumableUploadKey,
  ResumableUploads,
} from "../../../../handlers/share/upload/resumable_uploads.ts";
import { stub } from "../../../support/stub.ts";
import { makeTree } from "../../../support/tree.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

Deno.test("ResumableUploads removes an upload that was not resumed for a day", async () => {
  await using tree = await makeTree();
  let now = 1e12;
  using _ = stub(Date, "now", () => () => now);
  const uploads = new ResumableUploads();
  /** Begins or resumes an upload, and interrupts it; returns its size before. */
  const cutOff = async (name: string): Promise<number> => {
    const key: ResumableUploadKey = {
      folder: tree.root,
      name,
      size: 10,
      id: "",
      owner: "",
    };
    const file = await uploads.open(key);
    const { size } = file;
    await file.write(new Uint8Array(1));
    await file.written();
    await uploads.close(key, file, true);
    return size;
  };
  const kept = (): number => [...Deno.readDirSync(tree.root)].length;
  assertEquals([await cutOff("a"), await cutOff("b")], [0, 0]);
  now += DAY_MS;
  assertEquals([await cutOff("b"), kept()], [1, 2]);
  now++;
  assertEquals([await cutOff("c"), kept()], [0, 2]);
  assertEquals([await cutOff("b"), await cutOff("a")], [2, 0]);
});

Deno.test("ResumableUploads.open waits for an upload that is being closed", async () => {
  await using tree = await makeTree();
  const uploads = new ResumableUploads();
  const key = { folder: tree.root, name: "a", size: 10, id: "", owner: "" };
  const file = await uploads.open(key);
  // Closing has to wait for this write.
  await file.write(new Uint8Array(3));
  const closing = uploads.close(key, file, true);
  const next = await uploads.open(key);
  assertEquals(next.size, 3);
  await closing;
  await uploads.close(key, next, false);
  assertEquals([...Deno.readDirSync(tree.root)], []);
});
