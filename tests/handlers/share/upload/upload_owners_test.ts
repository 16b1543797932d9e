// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import type { Authenticator } from "../../../../handlers/share.ts";
import { Uploads } from "../../../../handlers/share/upload/uploads.ts";
import { serveTree, type Sharing } from "../../../support/sharing.ts";
import { makeTree } from "../../../support/tree.ts";

/** Reads the user's name from a field. */
const auth: Authenticator = {
  handle(handler) {
    handler.user = handler.field("x-user");
    return false;
  },
};

async function serve(): Promise<Sharing> {
  const tree = await makeTree();
  return serveTree(tree, { auth, uploads: new Uploads(tree.root) });
}

/** Sends a part of an upload, or asks for its offset. */
async function part(
  sharing: Sharing,
  user: string | undefined,
  range: string,
  body: string,
  fields: Record<string, string> = {},
): Promise<[status: number, offset: string | null]> {
  const headers: Record<string, string> = {
    "Content-Range": `bytes ${range}`,
    ...fields,
  };
  if (user !== undefined) headers["X-User"] = user;
  const { status, headers: answered } = await sharing.fetch("/f", {
    method: "PUT",
    body,
    headers,
  });
  return [status, answered.get("upload-offset")];
}

Deno.test("Uploads lets nobody else resume, inspect or cancel an upload", async () => {
  await using sharing = await serve();
  const ann = "ann";
  assertEquals(await part(sharing, ann, "0-2/6", "abc"), [202, "3"]);
  for (const other of ["bob", undefined]) {
    // For another user the upload does not exist.
    assertEquals(await part(sharing, other, "*/6", ""), [204, "0"]);
    assertEquals(await part(sharing, other, "3-5/6", "xyz"), [409, "0"]);
    const cancel = { "Upload-Cancel": "?1" };
    assertEquals((await part(sharing, other, "*/6", "", cancel))[0], 204);
  }
  assertEquals(await part(sharing, ann, "*/6", ""), [204, "3"]);
  assertEquals((await part(sharing, ann, "3-5/6", "def"))[0], 201);
  assertEquals(await sharing.read("f"), "abcdef");
});

Deno.test("Uploads identifies clients without a user name by their address", async () => {
  await using sharing = await serve();
  assertEquals(await part(sharing, undefined, "0-2/6", "abc"), [202, "3"]);
  assertEquals(await part(sharing, undefined, "*/6", ""), [204, "3"]);
  // A user with that name is not the client at that address.
  assertEquals((await part(sharing, "127.0.0.1", "*/6", ""))[1], "0");
  assertEquals((await part(sharing, undefined, "*/6", ""))[1], "3");
});
