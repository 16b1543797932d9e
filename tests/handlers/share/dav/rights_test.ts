// Copyright 2026 the pystd authors. MIT license.

/** Every method with every right on every kind of path. */

import { assertEquals } from "@std/assert/equals";
import { readCommandLine } from "../../../../cli/flags.ts";
import { handlerClass } from "../../../../cli/handler.ts";
import { readSettings } from "../../../../cli/settings/settings.ts";
import type { BaseHTTPRequestHandler } from "../../../../handlers/base.ts";
import { Sharing } from "../../../support/sharing.ts";
import { TestServer } from "../../../support/server.ts";
import { makeFiles } from "../../../support/tree.ts";

/** The kinds of paths: file, folder, missing, hidden, link in, link out, root. */
const PATHS = ["/f", "/d/", "/m", "/.h", "/li", "/lo", "/"];

/** The flags, and what they allow. */
const FLAGS: Record<
  string,
  { writes?: boolean; manages?: boolean; dav?: boolean }
> = {
  "": {},
  "--upload": { writes: true },
  "--upload --overwrite": { writes: true },
  "--manage": { writes: true, manages: true },
  "--dav": { dav: true },
  "--dav --upload": { dav: true, writes: true },
  "--dav --upload --overwrite": { dav: true, writes: true },
  "--dav --manage": { dav: true, writes: true, manages: true },
};

const LOCK = '<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope>' +
  "<locktype><write/></locktype></lockinfo>";
const UPDATE = '<propertyupdate xmlns="DAV:"><set><prop><a xmlns="u">1</a>' +
  "</prop></set></propertyupdate>";

interface Row {
  method: string;
  /** What it needs. */
  needs?: "writes" | "manages" | "dav" | "both";
  headers?: Record<string, string>;
  body?: string;
  /** Statuses in the order of the paths. */
  statuses: number[];
  /** Statuses if uploads do not replace files. */
  keeping?: number[];
  /** The path is the destination; the request is for `/f2`. */
  isDestination?: boolean;
}

const TO = { Destination: "/new" };

const ROWS: Row[] = [
  { method: "GET", statuses: [200, 200, 404, 404, 200, 404, 200] },
  { method: "HEAD", statuses: [200, 200, 404, 404, 200, 404, 200] },
  { method: "OPTIONS", statuses: [204, 204, 204, 204, 204, 204, 204] },
  {
    method: "PUT",
    needs: "writes",
    body: "new",
    statuses: [200, 409, 201, 403, 200, 200, 409],
    keeping: [409, 409, 201, 403, 409, 409, 409],
  },
  {
    method: "MKCOL",
    needs: "writes",
    statuses: [405, 405, 201, 403, 405, 405, 405],
  },
  {
    method: "DELETE",
    needs: "manages",
    statuses: [204, 204, 404, 403, 204, 204, 403],
  },
  {
    method: "MOVE",
    needs: "manages",
    headers: TO,
    statuses: [201, 201, 404, 403, 201, 201, 403],
  },
  {
    method: "MOVE",
    needs: "manages",
    isDestination: true,
    statuses: [204, 204, 201, 403, 204, 204, 403],
  },
  {
    method: "MOVE",
    needs: "manages",
    isDestination: true,
    headers: { Overwrite: "F" },
    statuses: [412, 412, 201, 403, 412, 412, 403],
  },
  {
    method: "COPY",
    needs: "manages",
    headers: TO,
    statuses: [201, 201, 404, 404, 201, 404, 403],
  },
  {
    method: "COPY",
    needs: "manages",
    isDestination: true,
    statuses: [204, 204, 201, 403, 204, 204, 403],
  },
  {
    method: "PROPFIND",
    needs: "dav",
    headers: { Depth: "1" },
    statuses: [207, 207, 404, 404, 207, 404, 207],
  },
  {
    method: "PROPFIND",
    needs: "dav",
    headers: { Depth: "infinity" },
    statuses: [207, 403, 404, 404, 207, 404, 403],
  },
  {
    method: "PROPPATCH",
    needs: "both",
    body: UPDATE,
    statuses: [207, 207, 404, 404, 207, 404, 207],
  },
  {
    method: "LOCK",
    needs: "both",
    body: LOCK,
    statuses: [200, 200, 201, 403, 200, 403, 200],
  },
  {
    method: "UNLOCK",
    needs: "both",
    headers: { "Lock-Token": "<urn:x>" },
    statuses: [409, 409, 409, 403, 409, 409, 409],
  },
];

async function serve(flags: string[]): Promise<Sharing> {
  const tree = await makeFiles({
    "share/f": "file",
    "share/f2": "other",
    "share/d/x": "in",
    "share/.h": "hidden",
    "out/o": "outside",
  });
  await Deno.symlink("f", tree.path("share/li"));
  await Deno.symlink("../out", tree.path("share/lo"));
  const line = readCommandLine(["-q", ...flags, tree.path("share")]);
  const handler = await handlerClass(readSettings(line));
  return new Sharing(
    tree,
    new TestServer(handler as typeof BaseHTTPRequestHandler),
  );
}

Deno.test("Allow depends on the path if uploads go to one folder", async () => {
  await using sharing = await serve(["--dav", "--manage", "--upload=d"]);
  const read = "GET, HEAD, OPTIONS, PROPFIND";
  const written =
    "PROPPATCH, LOCK, UNLOCK, PUT, POST, MKCOL, DELETE, MOVE, COPY";
  const table: [path: string, allow: string][] = [
    ["/", `${read}, COPY`],
    ["/f", `${read}, COPY`],
    ["/m/", `${read}, COPY`],
    ["/lo/x", `${read}, COPY`],
    ["/d", `${read}, ${written}`],
    ["/d/", `${read}, ${written}`],
    ["/d/x", `${read}, ${written}`],
    ["/d/%2e%2e/f", `${read}, COPY`],
  ];
  for (const [path, allow] of table) {
    const { headers } = await sharing.fetch(path, { method: "OPTIONS" });
    assertEquals(headers.get("allow"), allow, path);
  }
});

for (const [text, rights] of Object.entries(FLAGS)) {
  const flags = text.split(" ").filter(Boolean);
  const { writes = false, manages = false, dav = false } = rights;
  const replaces = manages || text.includes("--overwrite");

  Deno.test(`every method with [${text}] on every kind of path`, async () => {
    for (const row of ROWS) {
      const allowed = {
        "": true,
        writes,
        manages,
        dav,
        both: dav && writes,
      }[row.needs ?? ""];
      for (const [i, path] of PATHS.entries()) {
        await using sharing = await serve(flags);
        const { method, body, isDestination } = row;
        const headers = {
          ...row.headers,
          ...isDestination ? { Destination: path } : {},
        };
        const target = isDestination ? "/f2" : path;
        const { status } = await sharing.fetch(target, {
          method,
          headers,
          body,
        });
        const statuses = !replaces && row.keeping ? row.keeping : row.statuses;
        const name = `${method} ${path} ${JSON.stringify(headers)}`;
        assertEquals(status, allowed ? statuses[i] : 501, name);
        // Whatever the answer, nothing outside changes.
        assertEquals(await sharing.read("out/o"), "outside", name);
        assertEquals(await sharing.read("share/.h"), "hidden", name);
      }
    }
  });

  Deno.test(`Allow and DAV tell the truth with [${text}]`, async () => {
    await using sharing = await serve(flags);
    const { headers } = await sharing.fetch("/", { method: "OPTIONS" });
    const allowed = headers.get("allow")!.split(", ");
    const wanted = [
      ...["GET", "HEAD", "OPTIONS"],
      ...dav ? ["PROPFIND"] : [],
      ...dav && writes ? ["PROPPATCH", "LOCK", "UNLOCK"] : [],
      ...writes ? ["PUT", "POST", "MKCOL"] : [],
      ...manages ? ["DELETE", "MOVE", "COPY"] : [],
    ];
    assertEquals(allowed, wanted);
    const classes = dav ? (writes ? "1, 2, 3" : "1, 3") : null;
    assertEquals(headers.get("dav"), classes);
  });

  Deno.test(`the password for uploads guards what writes with [${text}]`, async () => {
    if (!writes) return;
    await using sharing = await serve([...flags, "--auth-upload=ann:secret"]);
    for (const { method, needs } of ROWS) {
      const { status } = await sharing.fetch("/f", {
        method,
        headers: { ...TO, Depth: "0" },
      });
      const reads = needs === undefined || needs === "dav";
      if (reads && (needs === undefined || dav)) {
        assertEquals(status < 300, true);
      } else if (!reads) assertEquals(status, 401, method);
    }
  });
}
