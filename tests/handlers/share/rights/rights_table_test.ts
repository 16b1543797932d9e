// Copyright 2026 the pystd authors. MIT license.

/** Every method with every right on every kind of path. */

import { assertEquals } from "@std/assert/equals";
import { serveWithFlags, signedIn } from "../../../support/rights.ts";
import type { Sharing } from "../../../support/sharing.ts";

/**
 * The kinds of paths: a file, a folder, the parent of a path that a rule gives to
 * somebody else, a hidden file, a missing one, a link to a file, a link to a folder
 * of somebody else, a file of somebody else, a missing one there.
 */
const PATHS = [
  "/d/f",
  "/d/s/",
  "/d/p/",
  "/d/.h",
  "/d/m",
  "/d/l",
  "/d/x",
  "/d/p/eve/f",
  "/d/p/eve/m",
];

const LOCK = '<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope>' +
  "<locktype><write/></locktype></lockinfo>";
const UPDATE = '<propertyupdate xmlns="DAV:"><set><prop><a xmlns="u">1</a>' +
  "</prop></set></propertyupdate>";

interface Row {
  method: string;
  headers?: Record<string, string>;
  body?: BodyInit;
  /** The path is the destination; the request is for `/d/g`. */
  isDestination?: boolean;
  /** Statuses in the order of the paths; 403 for all if absent. */
  read?: number[];
  /** Those with more rights, if they differ. */
  upload?: number[];
  manage?: number[];
}

const TO = { Destination: "/d/new" };

const ROWS: Row[] = [
  { method: "GET", read: [200, 200, 200, 404, 404, 200, 404, 403, 403] },
  { method: "HEAD", read: [200, 200, 200, 404, 404, 200, 404, 403, 403] },
  {
    method: "GET",
    headers: { Range: "bytes=0-0" },
    read: [206, 200, 200, 404, 404, 206, 404, 403, 403],
  },
  {
    method: "GET",
    headers: { "If-None-Match": "*" },
    read: [304, 200, 200, 404, 404, 304, 404, 403, 403],
  },
  {
    method: "GET",
    headers: { "If-Match": '"other"' },
    read: [412, 200, 200, 404, 404, 412, 404, 403, 403],
  },
  { method: "OPTIONS", read: [204, 204, 204, 204, 204, 204, 204, 403, 403] },
  { method: "SPAM", read: [501, 501, 501, 501, 501, 501, 501, 403, 403] },
  {
    method: "PROPFIND",
    headers: { Depth: "1" },
    read: [207, 207, 207, 404, 404, 207, 404, 403, 403],
  },
  {
    method: "PUT",
    body: "new",
    upload: [409, 409, 409, 403, 201, 409, 409, 403, 403],
    manage: [200, 409, 409, 403, 201, 200, 200, 403, 403],
  },
  {
    method: "PUT",
    body: "ne",
    headers: { "Content-Range": "bytes 0-1/3" },
    upload: [409, 409, 409, 403, 202, 409, 409, 403, 403],
    manage: [202, 409, 409, 403, 202, 202, 202, 403, 403],
  },
  {
    method: "POST",
    body: new URLSearchParams({ mkdir: "new" }),
    upload: [409, 201, 201, 403, 409, 409, 409, 403, 403],
  },
  {
    method: "MKCOL",
    upload: [405, 405, 405, 403, 201, 405, 405, 403, 403],
  },
  {
    method: "PROPPATCH",
    body: UPDATE,
    upload: [207, 207, 207, 404, 404, 207, 404, 403, 403],
  },
  {
    method: "LOCK",
    body: LOCK,
    upload: [200, 200, 403, 403, 201, 200, 403, 403, 403],
  },
  {
    method: "UNLOCK",
    headers: { "Lock-Token": "<urn:x>" },
    upload: [409, 409, 409, 403, 409, 409, 409, 403, 403],
  },
  {
    method: "DELETE",
    manage: [204, 204, 403, 403, 404, 204, 204, 403, 403],
  },
  {
    method: "MOVE",
    headers: TO,
    manage: [201, 201, 403, 403, 404, 201, 201, 403, 403],
  },
  {
    method: "MOVE",
    isDestination: true,
    manage: [204, 204, 403, 403, 201, 204, 204, 403, 403],
  },
  {
    method: "COPY",
    headers: TO,
    manage: [201, 201, 201, 404, 404, 201, 404, 403, 403],
  },
  {
    method: "COPY",
    isDestination: true,
    manage: [204, 204, 403, 403, 201, 204, 204, 403, 403],
  },
];

function serve(right: string): Promise<Sharing> {
  const rules = [
    `ann /d ${right}`,
    "eve /d/p/eve manage",
    "eve /other manage",
  ];
  const users = ["ann", "eve", "nobody"];
  return serveWithFlags(
    {
      "d/f": "file",
      "d/g": "other",
      "d/s/f": "in",
      "d/p/f": "in",
      "d/p/eve/f": "eve's",
      "d/.h": "hidden",
      "other/f": "eve's",
    },
    [
      "--dav",
      "--manage",
      ...users.map((user) => `--auth=${user}:secret`),
      ...rules.map((rule) => `--allow=${rule}`),
    ],
    { "d/l": "f", "d/x": "../other" },
  );
}

/** The statuses of a row with a right. */
function statusesOf(row: Row, right: string): number[] {
  const refused = PATHS.map(() => 403);
  const { read = refused, upload = read, manage = upload } = row;
  return { read, upload, manage }[right]!;
}

/** Sends a request of a row; whatever the answer, eve's files stay as they are. */
async function statusOf(
  sharing: Sharing,
  { method, body, headers, isDestination }: Row,
  user: string,
  path: string,
): Promise<number> {
  const { status } = await sharing.fetch(isDestination ? "/d/g" : path, {
    method,
    body,
    headers: {
      ...signedIn(user),
      ...headers,
      ...isDestination ? { Destination: path } : {},
    },
  });
  const name = `${method} ${path}`;
  assertEquals(await sharing.read("share/d/p/eve/f"), "eve's", name);
  assertEquals(await sharing.read("share/other/f"), "eve's", name);
  assertEquals(await sharing.read("share/d/.h"), "hidden", name);
  const ofEve = sharing.list().filter((path) => path.includes("eve/"));
  assertEquals(ofEve.length, 2, name);
  return status;
}

for (const right of ["read", "upload", "manage"]) {
  Deno.test(`every method with [${right}] on every kind of path`, async () => {
    for (const row of ROWS) {
      const statuses: number[] = [];
      for (const path of PATHS) {
        await using sharing = await serve(right);
        statuses.push(await statusOf(sharing, row, "ann", path));
      }
      const wanted = statusesOf(row, right);
      assertEquals(statuses, wanted, JSON.stringify(row));
    }
  });
}

Deno.test("every method without a right on every kind of path", async () => {
  // Nothing changes, so that one server is enough.
  await using sharing = await serve("manage");
  const before = sharing.list();
  for (const row of ROWS) {
    for (const path of PATHS) {
      const name = `${path} ${JSON.stringify(row)}`;
      assertEquals(await statusOf(sharing, row, "nobody", path), 403, name);
      assertEquals(await statusOf(sharing, row, "", path), 401, name);
    }
  }
  assertEquals(sharing.list(), before);
});

Deno.test("Allow names the methods that the user may use", async () => {
  const reading = ["GET", "HEAD", "OPTIONS", "PROPFIND"];
  const adding = [...reading, "PROPPATCH", "LOCK", "UNLOCK", "PUT", "POST"];
  const table: [right: string, path: string, methods: string[]][] = [
    ["read", "/d/s/", [...reading, "COPY"]],
    ["upload", "/d/s/", [...adding, "MKCOL", "COPY"]],
    ["manage", "/d/s/", [...adding, "MKCOL", "DELETE", "MOVE", "COPY"]],
    [
      "manage",
      "/d/p/",
      [...adding.filter((method) => method !== "LOCK"), "MKCOL", "COPY"],
    ],
  ];
  for (const [right, path, methods] of table) {
    await using sharing = await serve(right);
    const { headers } = await sharing.fetch(path, {
      method: "OPTIONS",
      headers: signedIn("ann"),
    });
    assertEquals(headers.get("allow")?.split(", "), methods, path);
  }
});
