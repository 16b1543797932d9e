// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { localPath } from "../../protocol/local_path.ts";
import type { Platform } from "../../protocol/path_segment.ts";

Deno.test("localPath stays below the directory, by each platform's rules", () => {
  const table: [
    target: string,
    directory: string,
    platform: Platform,
    path: string,
  ][] = [
    ["/", "/srv", "posix", "/srv/"],
    ["/a.txt", "/srv", "posix", "/srv/a.txt"],
    ["/a/b/", "/srv", "posix", "/srv/a/b/"],
    ["/a-b_C9", "/srv", "posix", "/srv/a-b_C9"],
    ["/a.txt", "/", "posix", "/a.txt"],
    ["/%41", "/", "posix", "/A"],
    ["/a%41", "/srv", "posix", "/srv/aA"],
    ["/AZ[@{`az", "/srv", "posix", "/srv/AZ[@{`az"],
    ["/", "/", "posix", "/"],
    ["a.txt", "/srv", "posix", "/srv/a.txt"],
    ["", "/srv", "posix", "/srv/"],
    ["/a.txt?b=/../c#d", "/srv", "posix", "/srv/a.txt"],
    ["/?a", "/srv", "posix", "/srv/"],
    ["/a%20b/", "/srv", "posix", "/srv/a b/"],
    ["//a//b", "/srv", "posix", "/srv/a/b"],
    ["/./a/../b", "/srv", "posix", "/srv/b"],
    ["/a/..", "/srv", "posix", "/srv/"],
    ["/a/.", "/srv", "posix", "/srv/a"],
    ["/../../etc/passwd", "/srv", "posix", "/srv/etc/passwd"],
    ["/%2e%2e/x", "/srv", "posix", "/srv/x"],
    ["/.hidden", "/srv", "posix", "/srv/.hidden"],
    ["/a/%2fb", "/srv", "posix", "/srv/a/b"],
    ["/a%00b", "/srv", "posix", ""],
    ["/a\\b", "/srv", "posix", "/srv/a\\b"],
    ["/c:", "/srv", "posix", "/srv/c:"],
    ["/nul", "/srv", "posix", "/srv/nul"],
    ["/a.txt", "C:\\srv", "windows", "C:\\srv/a.txt"],
    ["/a/b/", "C:\\srv", "windows", "C:\\srv/a/b/"],
    ["/nul", "C:\\srv", "windows", ""],
    ["/con.txt", "C:\\srv", "windows", ""],
    ["/a\\b", "C:\\srv", "windows", ""],
    ["/..%5c..%5cx", "C:\\srv", "windows", ""],
    ["/c:", "C:\\srv", "windows", ""],
    ["/a.txt::$DATA", "C:\\srv", "windows", ""],
    ["/a.", "C:\\srv", "windows", ""],
    ["/PROGRA~1", "C:\\srv", "windows", ""],
  ];
  for (const [target, directory, platform, path] of table) {
    const name = `${target} in ${directory} on ${platform}`;
    assertEquals(localPath(target, directory, platform), path, name);
  }
});
