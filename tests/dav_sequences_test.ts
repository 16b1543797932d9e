// Copyright 2026 the pystd authors. MIT license.

/**
 * What clients of WebDAV that run on other systems send, as raw requests: the
 * Finder of macOS (WebDAVFS), and the redirector of Windows (MiniRedir). Each
 * step has the answer without which the client gives up.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { type Answer, field } from "./support/answers.ts";
import { ask } from "./support/client.ts";
import { type RunningCommand, startCommand } from "./support/command.ts";
import { makeFiles, type TemporaryTree } from "./support/tree.ts";

interface Step {
  /** Method and target. */
  line: string;
  /** Header fields; `TOKEN` is that of the last lock, `URL` the server's. */
  fields?: string[];
  body?: string;
  /** Whether the body is sent in chunks. */
  chunked?: boolean;
  /** The status that the client expects. */
  status: number;
  /** What the client looks for in the answer. */
  shows?: RegExp[];
}

/** Serves a folder for clients that write; `--dotfiles` as the Finder likes it. */
async function serve(
  ...flags: string[]
): Promise<[TemporaryTree, RunningCommand]> {
  const tree = await makeFiles({ "share/old.txt": "old", "share/d/x": "x" });
  const share = tree.path("share");
  const command = await startCommand(["--dav", "--manage", ...flags, share], {
    permissions: [
      "--allow-net=127.0.0.1",
      `--allow-read=${share}`,
      `--allow-write=${share}`,
    ],
  });
  return [tree, command];
}

/** Sends the steps one after the other, as the client would. */
async function replay(
  { port }: RunningCommand,
  common: string[],
  steps: Step[],
): Promise<void> {
  let token = "";
  for (const { line, fields = [], body, chunked, status, shows } of steps) {
    const [method, target] = line.split(" ");
    const framing = body === undefined ? [] : [
      chunked ? "Transfer-Encoding: chunked" : `Content-Length: ${body.length}`,
    ];
    const head = [
      `${method} ${target} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      ...common,
      ...fields.map((text) =>
        text.replace("TOKEN", token).replace("URL", `http://127.0.0.1:${port}`)
      ),
      ...framing,
    ].join("\r\n");
    const sent = chunked
      ? `${body!.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
      : body ?? "";
    const [answer] = await ask(port, `${head}\r\n\r\n${sent}`);
    const said = `${line}: ${answer.head}${answer.body}`;
    assertEquals(answer.status, status, said);
    for (const pattern of shows ?? []) {
      assertMatch(answer.head + answer.body, pattern, said);
    }
    if (method === "PROPFIND" && status === 207) checkMultistatus(answer);
    token = /^<(.*)>$/.exec(field(answer, "lock-token") ?? "")?.[1] ?? token;
  }
}

/** What both clients require of every answer to a PROPFIND. */
function checkMultistatus({ head, body }: Answer): void {
  assertMatch(head, /^Content-Type: application\/xml; charset=utf-8\r$/m);
  for (const [, href] of body.matchAll(/<D:href>([^<]*)</g)) {
    assert(/^\/[!-~]*$/.test(href), href);
  }
  for (const [, date] of body.matchAll(/<D:getlastmodified>([^<]*)</g)) {
    assertMatch(date, /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/);
  }
  for (const [, date] of body.matchAll(/<D:creationdate>([^<]*)</g)) {
    assertMatch(date, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  }
}

const APPLE_PROPS = '<?xml version="1.0" encoding="utf-8"?>\n' +
  '<D:propfind xmlns:D="DAV:">\n<D:prop>\n<D:getlastmodified/>\n' +
  "<D:getcontentlength/>\n<D:creationdate/>\n<D:resourcetype/>\n" +
  "</D:prop>\n</D:propfind>\n";
const APPLE_QUOTA = '<?xml version="1.0" encoding="utf-8"?>\n' +
  '<D:propfind xmlns:D="DAV:">\n<D:prop>\n<D:quota-available-bytes/>\n' +
  "<D:quota-used-bytes/>\n<D:quota/>\n<D:quotaused/>\n</D:prop>\n" +
  "</D:propfind>\n";
const APPLE_LOCK = '<?xml version="1.0" encoding="utf-8"?>\n' +
  '<D:lockinfo xmlns:D="DAV:">\n<D:lockscope><D:exclusive/></D:lockscope>\n' +
  "<D:locktype><D:write/></D:locktype>\n<D:owner>\n" +
  "<D:href>http://www.apple.com/webdav_fs/</D:href>\n</D:owner>\n" +
  "</D:lockinfo>\n";
const APPLE = [
  "User-Agent: WebDAVFS/3.0.0 (03008000) Darwin/22.6.0 (x86_64)",
  "Accept: */*",
];
const XML = "Content-Type: text/xml";
const SHORT = "Depth: 0";

/** One file, written as the Finder writes it. */
function finderWrites(path: string, text: string): Step[] {
  return [
    {
      line: `PROPFIND ${path}`,
      fields: [SHORT, XML],
      body: APPLE_PROPS,
      status: 404,
    },
    { line: `PUT ${path}`, body: "", status: 201 },
    {
      line: `PROPFIND ${path}`,
      fields: [SHORT, XML],
      body: APPLE_PROPS,
      status: 207,
      shows: [/<D:getcontentlength>0</, /<D:resourcetype\/>/],
    },
    {
      line: `LOCK ${path}`,
      fields: [SHORT, "Timeout: Second-600", XML],
      body: APPLE_LOCK,
      status: 200,
      shows: [
        /^Lock-Token: <opaquelocktoken:|^Lock-Token: <urn:uuid:/m,
        /<D:timeout>Second-600</,
        /<D:locktoken><D:href>/,
      ],
    },
    {
      line: `PUT ${path}`,
      status: 200,
      chunked: true,
      body: text,
      fields: ["If: (<TOKEN>)", `X-Expected-Entity-Length: ${text.length}`],
    },
    {
      line: `PROPFIND ${path}`,
      fields: [SHORT, XML],
      body: APPLE_PROPS,
      status: 207,
      shows: [new RegExp(`<D:getcontentlength>${text.length}<`)],
    },
    // A second writer without the lock.
    { line: `PUT ${path}`, body: "other", status: 423 },
    { line: `UNLOCK ${path}`, fields: ["Lock-Token: <TOKEN>"], status: 204 },
  ];
}

Deno.test("the Finder's requests mount, write, rename and delete", async () => {
  const [tree, command] = await serve();
  await using _tree = tree;
  await using _command = command;
  const hidden = ["/.DS_Store", "/._new.txt", "/.Spotlight-V100", "/._."];
  await replay(command, APPLE, [
    // Without class 2, the Finder mounts the folder for reading only.
    {
      line: "OPTIONS /",
      status: 204,
      shows: [/^DAV: 1, 2, 3\r$/m, /^Allow: .*\bLOCK\b/m, /^Allow: .*\bPUT\b/m],
    },
    {
      line: "PROPFIND /",
      fields: [SHORT, XML],
      body: APPLE_PROPS,
      status: 207,
      shows: [/<D:href>\/<\/D:href>/, /<D:collection\/>/],
    },
    // A quota that is not known is 404 within 207, not an error.
    {
      line: "PROPFIND /",
      fields: [SHORT, XML],
      body: APPLE_QUOTA,
      status: 207,
      shows: [/<D:quota-available-bytes\/>.*404/s],
    },
    ...hidden.map((path) => ({
      line: `PROPFIND ${path}`,
      status: 404,
      fields: [SHORT, XML],
      body: APPLE_PROPS,
    })),
    {
      line: "PROPFIND /",
      fields: ["Depth: 1", XML],
      body: APPLE_PROPS,
      status: 207,
      shows: [/<D:href>\/old\.txt</, /<D:href>\/d\/</],
    },
    ...finderWrites("/new%20%C3%BC.txt", "new text"),
    // Its side files are refused, and it goes on.
    { line: "PUT /._new%20%C3%BC.txt", body: "", status: 403 },
    {
      line: "MOVE /new%20%C3%BC.txt",
      status: 204,
      fields: ["Destination: URL/old.txt", "Overwrite: T"],
    },
    { line: "MKCOL /untitled%20folder", status: 201 },
    { line: "MKCOL /untitled%20folder", status: 405 },
    {
      line: "MOVE /untitled%20folder/",
      status: 201,
      fields: ["Destination: URL/named/", "Overwrite: F"],
    },
    {
      line: "MOVE /old.txt",
      status: 201,
      fields: ["Destination: URL/named/old.txt"],
    },
    { line: "DELETE /d/x", status: 204 },
    { line: "DELETE /d/", status: 204 },
    {
      line: "PROPFIND /d",
      fields: [SHORT, XML],
      body: APPLE_PROPS,
      status: 404,
    },
    { line: "GET /named/old.txt", status: 200, shows: [/new text$/] },
  ]);
});

Deno.test("the Finder's side files are kept with --dotfiles", async () => {
  const [tree, command] = await serve("--dotfiles");
  await using _tree = tree;
  await using _command = command;
  await replay(command, APPLE, [
    ...finderWrites("/a.txt", "text"),
    ...finderWrites("/._a.txt", "\0\x05\x16\x07"),
    ...finderWrites("/.DS_Store", "\0\0\0\x01Bud1"),
    {
      line: "PROPFIND /",
      fields: ["Depth: 1", XML],
      body: APPLE_PROPS,
      status: 207,
      shows: [/<D:href>\/\._a\.txt</],
    },
  ]);
});

const WINDOWS = [
  "Connection: Keep-Alive",
  "User-Agent: Microsoft-WebDAV-MiniRedir/10.0.19045",
  "translate: f",
];
const WINDOWS_LOCK = '<?xml version="1.0" encoding="utf-8" ?>' +
  '<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope>' +
  "<D:locktype><D:write/></D:locktype><D:owner>" +
  "<D:href>DESKTOP\\user</D:href></D:owner></D:lockinfo>";
const WINDOWS_TIMES = '<?xml version="1.0" encoding="utf-8" ?>' +
  '<D:propertyupdate xmlns:D="DAV:" xmlns:Z="urn:schemas-microsoft-com:">' +
  "<D:set><D:prop>" +
  "<Z:Win32CreationTime>Sat, 28 Nov 2026 00:00:00 GMT</Z:Win32CreationTime>" +
  "<Z:Win32LastAccessTime>Sat, 28 Nov 2026 00:00:00 GMT" +
  "</Z:Win32LastAccessTime>" +
  "<Z:Win32LastModifiedTime>Sat, 28 Nov 2026 00:00:00 GMT" +
  "</Z:Win32LastModifiedTime>" +
  "<Z:Win32FileAttributes>00000020</Z:Win32FileAttributes>" +
  "</D:prop></D:set></D:propertyupdate>";
const TOKEN_IF = "If: (<TOKEN>)";
/** All four are set. */
const TIMES_SET = /Win32CreationTime.*Win32FileAttributes.*200 OK/s;

Deno.test("the requests of Windows' redirector mount, write, rename and delete", async () => {
  const [tree, command] = await serve();
  await using _tree = tree;
  await using _command = command;
  const bare = ["Depth: 0", "Content-Length: 0"];
  const file = "/New%20Text%20Document.txt";
  await replay(command, WINDOWS, [
    {
      line: "OPTIONS /",
      status: 204,
      shows: [
        /^DAV: 1, 2/m,
        /^MS-Author-Via: DAV\r$/m,
        /^Allow: .*\bPROPFIND\b/m,
      ],
    },
    {
      line: "PROPFIND /",
      fields: bare,
      status: 207,
      shows: [/<D:collection\/>/, /<D:creationdate>/, /<D:getlastmodified>/],
    },
    {
      line: "PROPFIND /",
      fields: ["Depth: 1", "Content-Length: 0"],
      status: 207,
      shows: [/<D:href>\/<.*<D:href>\/(?:old|d)/s, /<D:getcontentlength>3</],
    },
    { line: "PROPFIND /desktop.ini", fields: bare, status: 404 },
    { line: `PROPFIND ${file}`, fields: bare, status: 404 },
    { line: `PUT ${file}`, body: "", status: 201 },
    {
      line: `LOCK ${file}`,
      fields: ["Timeout: Second-3600", XML],
      body: WINDOWS_LOCK,
      status: 200,
      shows: [
        /^Lock-Token: </m,
        /<D:timeout>Second-3600</,
        /<D:owner[ >].*DESKTOP\\user/s,
      ],
    },
    {
      line: `PROPPATCH ${file}`,
      fields: [TOKEN_IF, XML],
      body: WINDOWS_TIMES,
      status: 207,
      shows: [TIMES_SET],
    },
    { line: `HEAD ${file}`, status: 200, shows: [/^Content-Length: 0\r$/m] },
    { line: `PUT ${file}`, fields: [TOKEN_IF], body: "some text", status: 200 },
    // The refresh has no body.
    {
      line: `LOCK ${file}`,
      status: 200,
      fields: [TOKEN_IF, "Timeout: Second-3600", "Content-Length: 0"],
      shows: [/<D:timeout>Second-3600</],
    },
    {
      line: `PROPPATCH ${file}`,
      fields: [TOKEN_IF, XML],
      body: WINDOWS_TIMES,
      status: 207,
      shows: [TIMES_SET],
    },
    { line: `PUT ${file}`, body: "other", status: 423 },
    { line: `UNLOCK ${file}`, fields: ["Lock-Token: <TOKEN>"], status: 204 },
    {
      line: `PROPFIND ${file}`,
      fields: bare,
      status: 207,
      shows: [/<D:getcontentlength>9</, /Win32FileAttributes/],
    },
    {
      line: `MOVE ${file}`,
      status: 201,
      fields: ["Destination: URL/named.txt", "Overwrite: F"],
    },
    {
      line: "MOVE /old.txt",
      status: 412,
      fields: ["Destination: URL/named.txt", "Overwrite: F"],
    },
    { line: "PROPFIND /New%20folder", fields: bare, status: 404 },
    { line: "MKCOL /New%20folder", fields: ["Content-Length: 0"], status: 201 },
    {
      line: "PROPPATCH /New%20folder",
      fields: [XML],
      body: WINDOWS_TIMES,
      status: 207,
      shows: [TIMES_SET],
    },
    {
      line: "COPY /named.txt",
      status: 201,
      fields: ["Destination: URL/New%20folder/copy.txt", "Overwrite: F"],
    },
    { line: "DELETE /named.txt", status: 204 },
    { line: "DELETE /New%20folder", status: 204 },
    { line: "PROPFIND /New%20folder", fields: bare, status: 404 },
    { line: "GET /old.txt", status: 200, shows: [/old$/] },
  ]);
});
