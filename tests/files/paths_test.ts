// Copyright 2026 the pystd authors. MIT license.

/**
 * No request opens a file outside the served directory. The paths are random
 * combinations of known traversal attacks.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { ServedDirectory } from "../../files/served_directory.ts";
import { SimpleHTTPRequestHandler } from "../../handlers/simple.ts";
import { localPath } from "../../protocol/local_path.ts";
import { ask, encodeLatin1 } from "../support/client.ts";
import { TestServer } from "../support/server.ts";
import { makeFiles, type TemporaryTree } from "../support/tree.ts";

const POSIX = Deno.build.os !== "windows";
const SEED = 0x2545f491;

/** Names, traversals, and equivalents on some platforms. */
// deno-fmt-ignore
const NAMES = [
  "", ".", "..", "...", "....", ". ", ".. ", " ..", "..;", "..\0", "..\t",
  "a.txt", "sub", "b.txt", ".hidden", "link", "served", "served-not", "secret",
  "secret.txt", "..\\", "\\..", "..\\..", "C:", "c:", "C:\\", "C:secret.txt",
  "\\\\host\\share", "?", "\\\\?\\C:", "\\\\.\\C:", "CON", "nul", "COM1.txt",
  "LPT\u00b9", "aux ", "CONIN$", "a.txt::$DATA", "sub:$I30:$INDEX_ALLOCATION",
  "a.txt.", "a.txt ", "a.txt. .", "SECRET~1", "PROGRA~1.TXT", "a.txt\0.png",
  "\0", "%2e%2e", "%2f", "%", "%zz", "%u002e", "\u2024\u2024", "\uff0e\uff0e",
  "\u2025", "\u2215", "\uff0f", "\u2044", "\u29f8", "\uff3c", "\u200b..",
  ".\u0307.", "\ufeff..", "etc", "passwd", "~", "~root", "dev", "fd", "|", "*",
  "<", '"', "\r", "\n", "\x7f", "\u202e", "caf\u00e9", "cafe\u0301",
] as const;
const SEPARATORS = [
  "/",
  "/",
  "/",
  "//",
  "\\",
  "/./",
  "/../",
  "\u2215",
  "",
  ";",
];
/** Invalid UTF-8, overlong forms of `.`, `/` and `\`, surrogates. */
// deno-fmt-ignore
const RAW = [
  "%c0%ae%c0%ae", "%c0%af", "%c1%9c", "%e0%80%ae", "%e0%80%af", "%f0%80%80%ae",
  "%ed%a0%80", "%ed%b0%80", "%ed%a0%bd%ed%b8%80", "%ff", "%fe%ff", "%80",
  "%252e%252e", "%252f", "%25%32%65", "%00", "%2500", "%5c", "%255c", "%u2215",
  "\xc0\xae", "\xff", "%e2%80%a4", "%ef%bc%8e", "?", "#", "%3f", "%23", "%0d%0a",
];

/** Existing names, to combine with the rest. */
// deno-fmt-ignore
const THERE = [
  "..", ".", "sub", "a.txt", "b.txt", "link", "served", "secret.txt",
  "served-not", ".hidden", "...", "caf\u00e9",
];

type Random = (below: number) => number;

function xorshift(seed: number): Random {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Escapes some or all characters of a text, or all of them twice. */
function encode(text: string, random: Random): string {
  const style = random(5);
  let encoded = "";
  for (const character of text) {
    const code = character.charCodeAt(0);
    const plain = code > 0x20 && code < 0x7f && !"%?#".includes(character);
    if (style === 0 && plain || style === 1 && plain && random(2) === 0) {
      encoded += character;
      continue;
    }
    const bytes = new TextEncoder().encode(character);
    for (const byte of bytes) {
      const digits = byte.toString(16).padStart(2, "0");
      const escaped = "%" + (random(2) === 0 ? digits : digits.toUpperCase());
      encoded += style === 4 ? escaped.replace("%", "%25") : escaped;
    }
  }
  return encoded;
}

function makeTarget(random: Random): string {
  let target = random(8) === 0 ? "" : "/";
  for (let left = 1 + random(5); left > 0; left--) {
    target += random(4) === 0
      ? RAW[random(RAW.length)]
      : encode(pick(random), random);
    const separator = SEPARATORS[random(SEPARATORS.length)];
    target += random(3) === 0 ? encode(separator, random) : separator;
  }
  return random(3) === 0 ? target + pick(random) : target;
}

function pick(random: Random): string {
  const names = random(3) === 0 ? NAMES : THERE;
  return names[random(names.length)];
}

/** Resolves a path by the rules of Windows, independently of our code. */
function isContainedOnWindows(path: string, directory: string): boolean {
  const rest = path.slice(directory.length);
  if (!path.startsWith(directory) || !/^[\\/]/.test(rest)) return false;
  const names = rest.split(/[\\/]/).slice(1);
  if (names.at(-1) === "") names.pop();
  return names.every((name) => {
    // Windows compares a name up to the first dot or colon, without spaces, with
    // device names. Removing the end of a name may leave another one to remove.
    const stem = name.split(/[.:]/, 1)[0].trimEnd().toUpperCase();
    const device =
      /^(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9\u00b9\u00b2\u00b3])$/;
    return name !== "" && !/[. ]$/.test(name) && !device.test(stem) &&
      ![...name].some((c) => c < " " || '<>:"|?*\\/'.includes(c));
  });
}

Deno.test("localPath stays in the served directory on POSIX and Windows", () => {
  const random = xorshift(SEED);
  const found = { posix: 0, windows: 0 };
  for (let i = 0; i < 50_000; i++) {
    const target = makeTarget(random);
    const label = JSON.stringify(target);
    const posix = localPath(target, "/srv/www", "posix");
    if (posix !== "") {
      found.posix++;
      assert(posix.startsWith("/srv/www/"), label);
      assert(!posix.includes("\0") && posix.isWellFormed(), label);
      const names = posix.slice("/srv/www/".length).split("/");
      if (names.at(-1) === "") names.pop();
      assert(!names.some((n) => ["", ".", ".."].includes(n)), label);
    }
    for (const directory of ["C:\\srv", "\\\\host\\share", "D:\\a b\\c"]) {
      const windows = localPath(target, directory, "windows");
      if (windows === "") continue;
      found.windows++;
      assert(isContainedOnWindows(windows, directory), label);
    }
  }
  // The test proves nothing if everything is refused.
  assert(found.posix > 10_000 && found.windows > 5_000, JSON.stringify(found));
});

/** A folder to serve, surrounded by secrets. */
async function makeSurroundings(): Promise<TemporaryTree> {
  const tree = await makeFiles({
    "secret.txt": "SECRET",
    "secret": "SECRET",
    "served-not/a.txt": "SECRET",
    "served-not/secret": "SECRET",
    "served/a.txt": "PUBLIC",
    "served/sub/b.txt": "PUBLIC",
    "served/.hidden": "HIDDEN",
    "served/..\\secret.txt": "PUBLIC",
    "served/%2e%2e": "PUBLIC",
    "served/\uff0e\uff0e": "PUBLIC",
    "served/caf\u00e9": "PUBLIC",
    "served/.../a.txt": "HIDDEN",
  });
  await Deno.symlink("..", tree.path("served/link"));
  await Deno.symlink("../secret.txt", tree.path("served/sub/link"));
  await Deno.symlink(".hidden", tree.path("served/sub/...."));
  return tree;
}

Deno.test({
  name: "ServedDirectory.open opens nothing outside the served directory",
  ignore: !POSIX,
  async fn() {
    await using tree = await makeSurroundings();
    const random = xorshift(SEED);
    for (const dotfiles of [true, false]) {
      const served = tree.path("served");
      const servedDirectory = new ServedDirectory(served, { dotfiles });
      let found = 0;
      for (let i = 0; i < 10_000; i++) {
        const target = makeTarget(random);
        const located = servedDirectory.locate(
          localPath(target, served, "posix"),
        );
        if (located.kind === "missing") continue;
        found++;
        const { path, kind } = located;
        const label = JSON.stringify(target);
        assert(path === served || path.startsWith(served + "/"), label);
        assert(dotfiles || !path.slice(served.length).includes("/."), label);
        if (kind !== "file") continue;
        const opened = servedDirectory.open(located);
        assert(opened !== undefined, label);
        const bytes = new Uint8Array(6);
        opened.file.readSync(bytes);
        opened.file.close();
        assert(new TextDecoder().decode(bytes) !== "SECRET", label);
      }
      assert(found > 500, String(found));
    }
  },
});

Deno.test({
  name:
    "SimpleHTTPRequestHandler sends nothing from outside the served directory",
  ignore: !POSIX,
  async fn() {
    await using tree = await makeSurroundings();
    const directory = tree.path("served");
    const random = xorshift(SEED);
    const statuses = new Map<number, number>();
    for (const dotfiles of [true, false]) {
      const Handler = SimpleHTTPRequestHandler.with({ directory, dotfiles });
      await using server = new TestServer(Handler);
      for (let i = 0; i < 400; i++) {
        const target = makeTarget(random);
        const line = new TextEncoder().encode(`GET ${target} HTTP/1.1\r\n`);
        const fields = encodeLatin1("Host: x\r\nConnection: close\r\n\r\n");
        const [answer] = await ask(server.port, line, fields);
        const label = JSON.stringify(target);
        const { status = 0, body = "" } = answer ?? {};
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        assert(!body.includes("SECRET"), label);
        assert(!body.includes('href="served'), label);
        assert(dotfiles || !body.includes('href=".'), label);
        assert(dotfiles || body !== "HIDDEN", label);
        // A line end in the target makes it an HTTP/0.9 request.
        if (status === 0) assert(/[\r\n]/.test(target), label);
        assert(status < 500 || status === 505, `${status} ${label}`);
      }
    }
    for (const status of [200, 301, 404]) {
      assert(statuses.has(status), JSON.stringify([...statuses]));
    }
  },
});
