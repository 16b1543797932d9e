// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { typeByExtension } from "@std/media-types/type-by-extension";
import {
  DEFAULT_EXTENSIONS_MAP,
  guessType,
  WEB_TYPES,
} from "../../protocol/media_types.ts";
import recorded from "../testdata/cpython/types.json" with { type: "json" };

/**
 * Extensions for which `@std/media-types` has another type than CPython, or
 * none. Names with an encoding or a double suffix (`x.js.br`, `x.tgz`) are not
 * in the list: they are split as in CPython.
 */
const DIFFERENT: Record<string, string> = {
  "x.3g2": "video/3gpp2",
  "x.3gp": "video/3gpp",
  "x.3gpp": "video/3gpp",
  "x.3gpp2": "application/octet-stream",
  "x.ass": "application/octet-stream",
  "x.avi": "video/x-msvideo",
  "x.bat": "application/x-msdownload",
  "x.c": "text/x-c",
  "x.dll": "application/x-msdownload",
  "x.exe": "application/x-msdos-program",
  "x.flac": "audio/x-flac",
  "x.h": "text/x-c",
  "x.h5": "application/octet-stream",
  "x.ksh": "application/octet-stream",
  "x.loas": "application/octet-stream",
  "x.m3u": "audio/x-mpegurl",
  "x.man": "text/troff",
  "x.me": "text/troff",
  "x.mht": "application/octet-stream",
  "x.mhtml": "application/octet-stream",
  "x.mif": "application/vnd.mif",
  "x.mk3d": "video/x-matroska",
  "x.mka": "audio/x-matroska",
  "x.mkv": "video/x-matroska",
  "x.mpa": "application/octet-stream",
  "x.ms": "text/troff",
  "x.nws": "application/octet-stream",
  "x.obj": "model/obj",
  "x.opus": "audio/ogg",
  "x.pl": "application/x-perl",
  "x.ppa": "application/octet-stream",
  "x.pwz": "application/octet-stream",
  "x.py": "application/octet-stream",
  "x.pyc": "application/octet-stream",
  "x.pyo": "model/vnd.pytha.pyox",
  "x.ram": "audio/x-pn-realaudio",
  "x.rdf": "application/rdf+xml",
  "x.roff": "text/troff",
  "x.rpm": "application/x-redhat-package-manager",
  "x.rst": "application/octet-stream",
  "x.rtf": "application/rtf",
  "x.sgm": "text/sgml",
  "x.sgml": "text/sgml",
  "x.srt": "application/x-subrip",
  "x.t": "text/troff",
  "x.tr": "text/troff",
  "x.wav": "audio/wave",
  "x.wiz": "application/octet-stream",
  "x.wsdl": "application/wsdl+xml",
  "x.xlb": "application/octet-stream",
  "x.xml": "application/xml",
  "x.xpdl": "application/octet-stream",
  "x.yaml": "text/yaml",
  "x.yml": "text/yaml",
  "x.pct": "image/x-pict",
  "x.mid": "audio/midi",
  "x.xul": "application/vnd.mozilla.xul+xml",
  "x.pic": "image/x-pict",
};

Deno.test("guessType equals CPython except where the type table differs", async () => {
  for (const [name, type] of recorded) {
    assertEquals(
      await guessType(name, DEFAULT_EXTENSIONS_MAP),
      DIFFERENT[name] ?? type,
      name,
    );
  }
});

Deno.test("guessType differs from CPython in the listed rows", () => {
  const types = new Map(recorded as [string, string][]);
  for (const [name, type] of Object.entries(DIFFERENT)) {
    assertEquals(types.has(name) && types.get(name) !== type, true, name);
  }
});

Deno.test("guessType searches the map first, as given and in lower case", async () => {
  const map = {
    ".html": "text/x-mine",
    ".FOO": "text/upper",
    ".foo": "text/lower",
    ".tgz": "application/x-mine",
    ".": "text/x-dot",
  };
  const table: [string, string][] = [
    ["a.html", "text/x-mine"],
    ["a.HTML", "text/x-mine"],
    ["a.FOO", "text/upper"],
    ["a.foo", "text/lower"],
    ["a.Foo", "text/lower"],
    ["a.tgz", "application/x-mine"],
    ["a.", "text/x-dot"],
    ["a.css", "text/css"],
  ];
  for (const [name, type] of table) {
    assertEquals(await guessType(name, map), type);
  }
});

Deno.test("guessType without a map splits encodings and suffixes", async () => {
  const table: [string, string][] = [
    ["x.txt.gz", "text/plain"],
    ["x.css.br", "text/css"],
    ["x.tar.bz2", "application/x-tar"],
    ["x.tar.xz", "application/x-tar"],
    ["x.txt.Z", "text/plain"],
    ["x.txt.z", "?"], // encodings are case-sensitive
    ["x.txt.GZ", "application/gzip"],
    ["x.svgz", "image/svg+xml"],
    ["x.SVGZ", "image/svg+xml"],
    ["x.tbz2", "application/x-tar"],
    [".gz", "?"],
    ["x.gz", "?"],
    [".txt.gz", "?"],
    [".tgz", "?"],
    ["..txt", "?"],
    ["...tgz.css", "text/css"],
    ["", "?"],
    ["a.b/c", "?"],
    ["a.b/.css", "?"],
    ["a.b/c.css", "text/css"],
    ["/", "?"],
    ["x.constructor", "?"],
    ["x.__proto__", "?"],
  ];
  for (const [name, type] of table) {
    assertEquals(await guessType(name, {}, "?"), type, name);
  }
});

Deno.test("guessType adds no charset", async () => {
  for (const name of ["a.html", "a.txt", "a.js", "a.json"]) {
    assertEquals((await guessType(name, {})).includes(";"), false);
  }
});

Deno.test("guessType needs no table for the types of web pages", () => {
  for (const [extension, type] of WEB_TYPES) {
    assertEquals(type, typeByExtension(extension));
    assertEquals(guessType(`/a${extension.toUpperCase()}`, {}), type);
    assertEquals(guessType(`/a${extension}.br`, {}), type);
  }
  assertEquals(guessType("/LICENSE", {}), "application/octet-stream");
});
