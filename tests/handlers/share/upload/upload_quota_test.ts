// Copyright 2026 the pystd authors. MIT license.

/** The limits on the total size of uploads. */

import { assertEquals } from "@std/assert/equals";
import { serveUploads } from "../../../support/sharing.ts";

const FULL = [507, "507 The space for uploads is used up\n"];

Deno.test("Uploads adds at most maxTotalBytes, by any method", async () => {
  await using sharing = await serveUploads({ maxTotalBytes: 10 });
  const put = async (
    path: string,
    body: BodyInit,
    headers: HeadersInit = {},
  ): Promise<[number, string]> => {
    const init = { method: "PUT", body, headers };
    const { status, text } = await sharing.fetch(path, init);
    return [status, text];
  };
  assertEquals((await put("/a", "1234"))[0], 201);
  assertEquals(await put("/b", "1234567"), FULL);
  // The size of a chunked body is not known beforehand.
  const chunked = ReadableStream.from([new TextEncoder().encode("1234567")]);
  const sent = await fetch(`http://127.0.0.1:${sharing.port}/c`, {
    method: "PUT",
    body: chunked,
  });
  assertEquals([sent.status, await sent.text()], FULL);
  const form = new FormData();
  form.append("file", new File(["1234567"], "d"));
  const posted = await sharing.fetch("/", { method: "POST", body: form });
  assertEquals(posted.status, 507);
  // Rejected and cancelled uploads do not count.
  const range = (text: string) => ({ "Content-Range": `bytes ${text}` });
  assertEquals((await put("/e", "123", range("0-2/6")))[0], 202);
  assertEquals(await put("/f", "1234"), FULL);
  const cancel = { ...range("*/6"), "Upload-Cancel": "?1" };
  await put("/e", "", cancel);
  assertEquals(sharing.list(), ["a"]);
});

Deno.test("Uploads leaves minFreeBytes free", async () => {
  await using sharing = await serveUploads({ minFreeBytes: 2 ** 60 });
  const put = await sharing.fetch("/a", { method: "PUT", body: "a" });
  assertEquals([put.status, put.text], FULL);
  assertEquals(sharing.list(), []);
});
