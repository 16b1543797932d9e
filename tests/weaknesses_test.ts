// Copyright 2026 the pystd authors. MIT license.

/**
 * Known weaknesses of static file servers, one test each, over raw sockets,
 * against every handler that serves files. The name says how the attack works
 * and where it was found. It has a CVE only if the public record describes that
 * mechanism.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { formatEtag } from "../protocol/etag.ts";
import { localPath } from "../protocol/local_path.ts";
import { field } from "./support/answers.ts";
import { encodeLatin1, RawClient } from "./support/client.ts";
import { type Site, weakness } from "./support/weakness.ts";

/** Checks that no redirect leads to another host. */
async function checkRedirects({ get }: Site, targets: string[]): Promise<void> {
  let redirects = 0;
  for (const target of targets) {
    const answer = await get(target);
    assert(answer.status < 500, target);
    const location = field(answer, "Location");
    if (location === undefined) continue;
    redirects++;
    const base = "http://server.example/";
    assertEquals(new URL(location, base).origin + "/", base, location);
  }
  assert(redirects > 0);
}

/** Checks that no request returns these files. */
async function checkRefused({ get }: Site, targets: string[]): Promise<void> {
  for (const target of targets) {
    const { status, body } = await get(target);
    assert(status >= 400 && status < 500, `${status} ${target}`);
    assert(!body.includes("SECRET"), target);
  }
}

weakness(
  "a path that starts with // becomes a redirect to a host (CVE-2021-28861)",
  { "served/sub/": "" },
  (site) =>
    checkRedirects(site, [
      "//evil.example/..",
      "//evil.example/%2e%2e",
      "//evil.example/..%2fsub",
      "///evil.example/%2f..",
      "////evil.example//..//sub",
      "//evil.example/../sub?x",
      "//user@evil.example:80/..",
      "/%2f/evil.example/../..",
      "/.//evil.example/../sub",
      "//evil.example/..%2f..%2f../%0a%0d/../sub",
    ]),
);

weakness(
  "an escaped backslash becomes a redirect to a host (CVE-2022-28923, CVE-2022-29718)",
  { "served/sub/": "" },
  (site) =>
    checkRedirects(site, [
      "/%5cevil.example/..",
      "/%5C%5Cevil.example/%2e%2e",
      "/%5c%5cevil.example/..%2fsub",
      "/%5c/evil.example/../../sub",
      "/\\evil.example/%2e%2e",
      "/\\/evil.example/../..",
      "//%5cevil.example/%252e%252e/../..",
      "/..%2F%5cevil.example%2F%3f%2F..%2F..",
      "/%09/evil.example/../..",
      "/%20//evil.example/../../sub",
    ]),
);

weakness(
  "a redirect leads to any other domain (GHSA-9q64-mpxx-87fg)",
  { "served/sub/": "" },
  (site) =>
    checkRedirects(site, [
      "//evil.example/%2e%2e%2fsub",
      "/;//evil.example/../../../sub",
      "/sub?//evil.example",
      "/sub#//evil.example",
      "/https:%2f%2fevil.example/../../../sub",
      "/@evil.example/../sub",
      "http://evil.example//evil.example/..",
    ]),
);

weakness(
  "a file's name is markup in a listing (CVE-2024-52793, GHSA-rwfq-v4hq-h7fg)",
  {
    "served/<img src=x onerror=alert(1)>": "",
    'served/"onmouseover="alert(1)': "",
    "served/'onmouseover='alert(1)": "",
    "served/javascript:alert(1)": "",
    "served/&lt;script&gt;": "",
    "served/<\u2028b>&amp;": "",
    "served/<i>dir/</h1><b>": "",
  },
  async ({ get }) => {
    for (const target of ["/", "/%3ci%3edir/", "/%22%3e%3cimg%3e/..%2f"]) {
      const { status, body } = await get(target);
      assertEquals(status, 200);
      assertEquals(/<(?:i>|\u2028)|<\/h1><b/i.exec(body), null, target);
      // The picture of the QR code is the page's own.
      const pictures = body.match(/<img[^>]*>/gi) ?? [];
      for (const tag of pictures) {
        assert(/^<img [^>]*\bsrc="\?qr/.test(tag), tag);
      }
      for (const [tag] of body.matchAll(/<[a-z][^>]*>/gi)) {
        // Only the part outside the values of attributes.
        const names = tag.replaceAll(/"[^"]*"|'[^']*'/g, "");
        assert(!/onmouseover|onerror/.test(names), tag);
        assert(!/(?:href|src)\s*=\s*["']?\s*javascript:/i.test(tag), tag);
      }
      // Escapes in a name are shown unchanged.
      if (target === "/") assert(body.includes("&amp;lt;script&amp;gt;"));
    }
  },
);

weakness(
  "%2e and %2f lead to the parent directory (CVE-2018-3712)",
  { "secret.txt": "SECRET", "outside/SECRET.txt": "SECRET" },
  async (site) => {
    await checkRefused(site, [
      "/%2e%2e%2fsecret.txt",
      "/..%2fsecret.txt",
      "/%2e%2e/secret.txt",
      "/%2E%2E%2F%2e%2e%2Fsecret.txt",
      "/x/%2e%2e/%2e%2e/%2e%2e/secret.txt",
      "/%252e%252e%252fsecret.txt",
      "/%c0%ae%c0%ae/secret.txt",
      "/..%5csecret.txt",
      "/..%00/secret.txt",
      "/%2e%2e%2foutside%2f",
    ]);
    // Only the served directory is listed.
    for (const target of ["/%2e%2e%2f", "/..%2f..%2f", "/%2e%2e/"]) {
      const { status, body } = await site.get(target);
      assertEquals(status, 200);
      assert(!body.includes("secret.txt") && !body.includes("outside"));
    }
  },
);

weakness(
  "/./ leads to a hidden folder (GHSA-v588-qcp3-jv46)",
  { "served/.git/config": "SECRET", "served/sub/.env": "SECRET" },
  (site) =>
    checkRefused(site, [
      "/.git/config",
      "/./.git/config",
      "/././/.git/./config",
      "/.//.git/config",
      "/%2e/.git/config",
      "/.%2f.git/config",
      "/sub/./.env",
      "/sub/../.git/config",
      "/.git/./",
      "/.git/../.git/",
    ]),
);

weakness(
  "another case of a hidden name is served (CVE-2026-92700)",
  {
    "served/.env": "SECRET",
    "served/.ENV": "SECRET",
    "served/.Git/x": "SECRET",
  },
  (site) =>
    checkRefused(site, [
      "/.env",
      "/.ENV",
      "/.Env",
      "/.Git/x",
      "/.GIT/X",
      "/.WELL-KNOWN/../.env",
      "/.Well-Known/",
    ]),
);

weakness(
  "an escape in a hidden name has it served (CVE-2026-27587)",
  { "served/.env": "SECRET", "served/.well-known/.env": "SECRET" },
  (site) =>
    checkRefused(site, [
      "/%2eenv",
      "/%2Eenv",
      "/%2e%65%6E%76",
      "/%2e%45NV",
      "/sub/%2e%2e/%2eenv",
      "/.well-known/%2eenv",
      "/.well-known%2f.env",
      "/.well-known/..%2f.env",
      "/%2fsub%2f..%2f.env",
    ]),
);

weakness(
  "a date in the request crashes the server (CVE-2015-9242)",
  { "served/a.txt": "alpha" },
  async ({ get }) => {
    const dates = [
      "0",
      "-1",
      "Infinity",
      "x".repeat(4000),
      "9".repeat(4000),
      "Thu, 01 Jan 1970 00:00:60 GMT",
      "Sun, 32 Feb 99999 25:61:61 GMT",
      "+275760-09-13T00:00:00.001Z",
      "Mon, 01 Jan 275761 00:00:00 GMT",
      "\xff\xfe",
      "Date(8640000000000001)",
      "Sunday, 06-Nov-94 08:49:37 GMT, Sunday, 06-Nov-94 08:49:37 GMT",
      "",
    ];
    const names = ["If-Modified-Since", "If-Unmodified-Since", "If-Range"];
    for (const date of dates) {
      for (const name of names) {
        const { status } = await get("/a.txt", `${name}: ${date}`);
        assert([200, 304, 400, 412].includes(status), `${status} ${date}`);
      }
    }
  },
);

weakness(
  "a path in the request crashes the server (CVE-2019-10775)",
  { "served/a.txt": "alpha" },
  (site) =>
    checkRefused(site, [
      "/%",
      "/%a",
      "/%zz",
      "/%u0000",
      "/%00",
      "/a.txt%00",
      "/%ff",
      "/%c0%ae",
      "/%ed%a0%80",
      "/\xff\xfe",
      "/" + "a".repeat(5000),
      "/" + "a/".repeat(5000),
      "/" + "%41".repeat(5000),
      "/" + "x".repeat(100_000),
      "/a.txt/x",
      "/__proto__/constructor",
      "/toString",
    ]),
);

weakness(
  "a control character in a request is one in the log (gh-100001)",
  {},
  async ({ server }) => {
    const targets = [
      "/\x1b[2J\x1b]0;title\x07",
      "/%1b[31m\x7f\x80\x9b31m",
      "/a\\x1b\tb",
      "/\r127.0.0.1 - - forged",
    ];
    for (const target of targets) {
      await using client = await RawClient.connect(server.port);
      await client.send(encodeLatin1(`GET ${target} HTTP/1.1\r\n`));
      await client.send("Host: x\r\nConnection: close\r\n\r\n");
      assert(await client.waitFor(() => client.closed));
      const lines = server.log(client.localPort);
      assert(lines.length > 0, target);
      for (const line of lines) {
        assertEquals(line.match(/[\x00-\x1f\x7f-\x9f]/), null, line);
      }
    }
  },
);

weakness(
  "a Content-Length without its bytes takes memory (gh-119452)",
  {},
  async ({ server }) => {
    for (const length of [2 ** 30, 2 ** 31, 2 ** 40, Number.MAX_SAFE_INTEGER]) {
      const before = Deno.memoryUsage();
      await using client = await RawClient.connect(server.port);
      await client.send(
        `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\nabc`,
      );
      await client.silence(50);
      const after = Deno.memoryUsage();
      const taken = after.external - before.external +
        after.heapUsed - before.heapUsed;
      assert(taken < 64 * 2 ** 20, `${taken} bytes for ${length}`);
      assert(!client.received.includes(" 200 "));
    }
  },
);

weakness(
  "an expression goes back and forth over a long field (CWE-1333)",
  { "served/a": "0123456789" },
  async ({ get }) => {
    const names = [
      "Accept",
      "Accept-Encoding",
      "Authorization",
      "Connection",
      "Content-Length",
      "Content-Type",
      "Expect",
      "Host",
      "If-Match",
      "If-Modified-Since",
      "If-None-Match",
      "If-Range",
      "If-Unmodified-Since",
      "Range",
      "Transfer-Encoding",
    ];
    const values = [
      (run: string) => `a${run}b`,
      (run: string) => `a,${run},b`,
      (run: string) => `bytes=0-1${run}-`,
      (run: string) => `"a"${run}"b`,
      (run: string) => `Basic YTpi${run}!`,
    ];
    for (const name of names) {
      for (const run of [" ", "\t", ",", ";", "0", "a/"]) {
        for (const value of values) {
          const long = value(run.repeat(60_000 / run.length));
          const start = performance.now();
          await get("/a", "Range: bytes=0-1", `${name}: ${long}`);
          const time = performance.now() - start;
          assert(time < 1000, `${time} ms for ${name} with "${run}"`);
        }
      }
    }
  },
);

Deno.test("weakness: COM1 is a device of Windows (CVE-2022-41720)", () => {
  const names = [
    "COM1",
    "com1",
    "COM1.txt",
    "sub/COM1",
    "NUL",
    "nul.tar.gz",
    "CON",
    "aux%20",
    "LPT%C2%B9",
    "CONIN$",
    "a/../COM1",
    "COM1%3a",
    "%43OM1",
    "COM1/",
  ];
  for (const name of names) {
    assertEquals(localPath(`/${name}`, "C:\\srv", "windows"), "", name);
  }
  assertEquals(localPath("/com", "C:\\srv", "windows"), "C:\\srv/com");
});

weakness(
  "two files have one ETag, since their sizes and times are put together",
  { "served/a": "x".repeat(11), "served/b": "x".repeat(111) },
  async ({ tree, get }) => {
    // 11 and 1709210096000, 111 and 709210096000.
    await Deno.utime(tree.path("served/a"), 1709210096, 1709210096);
    await Deno.utime(tree.path("served/b"), 709210096, 709210096);
    const a = field(await get("/a"), "ETag");
    const b = field(await get("/b"), "ETag");
    assert(a !== undefined && b !== undefined && a !== b, `${a} ${b}`);
    assertEquals((await get("/b", `If-None-Match: ${a}`)).status, 200);
    // The same collision in the digits of the tags.
    const time = (digits: string) => parseInt(digits, 36);
    assert(
      formatEtag(time("11"), time("1kvb1kao")) !==
        formatEtag(time("111"), time("kvb1kao")),
    );
  },
);

const DIGITS = "0123456789";
const RANGED = {
  "served/small": DIGITS,
  "served/large": DIGITS.repeat(100_000),
};

weakness("bytes=10-5 stops the process", RANGED, async ({ get }) => {
  for (const name of ["/small", "/large"]) {
    for (
      const range of ["10-5", "5-4", "-", "--1", "0--1", "1-0,0-", "x-y", "0-x"]
    ) {
      const { status, body } = await get(name, `Range: bytes=${range}`);
      const size = name === "/small" ? 10 : 1_000_000;
      assertEquals([status, body.length], [200, size], range);
    }
    for (const range of ["99999999-", "99999999999999999999-", "-0"]) {
      const { status } = await get(name, `Range: bytes=${range}`);
      assertEquals(status, 416, range);
    }
  }
});

weakness("bytes=0-0 sends everything", RANGED, async ({ get }) => {
  for (const [name, size] of [["/small", 10], ["/large", 1_000_000]]) {
    const answer = await get(`${name}`, "Range: bytes=0-0");
    assertEquals(answer.status, 206);
    assertEquals(answer.body, "0");
    assertEquals(field(answer, "Content-Length"), "1");
    assertEquals(field(answer, "Content-Range"), `bytes 0-0/${size}`);
  }
});

weakness("bytes=-5 sends the head of the file", RANGED, async ({ get }) => {
  for (const [name, size] of [["/small", 10], ["/large", 1_000_000]] as const) {
    const answer = await get(name, "Range: bytes=-5");
    assertEquals(answer.status, 206);
    assertEquals(answer.body, "56789");
    const wanted = `bytes ${size - 5}-${size - 1}/${size}`;
    assertEquals(field(answer, "Content-Range"), wanted);
  }
});
