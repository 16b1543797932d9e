// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { BaseHTTPRequestHandler } from "../../handlers/base.ts";
import { runtimeVersion } from "../../handlers/base/runtime.ts";

Deno.test("runtimeVersion names the runtime as its globals do", () => {
  const node = { release: { name: "node" }, versions: { node: "22.1.0" } };
  const cases: [scope: Parameters<typeof runtimeVersion>[0], name: string][] = [
    [{ Deno: { version: { deno: "2.9.6" } }, process: node }, "Deno/2.9.6"],
    [{ process: node }, "Node.js/22.1.0"],
    [
      { process: node, navigator: { userAgent: "Node.js/22" } },
      "Node.js/22.1.0",
    ],
    [{ Bun: { version: "1.3.1" }, process: node }, "Bun/1.3.1"],
    [
      { navigator: { userAgent: "Cloudflare-Workers" }, process: node },
      "workerd",
    ],
    [{ navigator: { userAgent: "Other-Runtime/1.0" } }, "Other-Runtime/1.0"],
    [{ navigator: { userAgent: "Mozilla/5.0 (X11)\r\nX: y" } }, ""],
    [{ process: {} }, ""],
    [{}, ""],
  ];
  for (const [scope, name] of cases) assertEquals(runtimeVersion(scope), name);
});

Deno.test("sysVersion is this runtime", () => {
  const { sysVersion } = BaseHTTPRequestHandler;
  assertEquals(sysVersion, `Deno/${Deno.version.deno}`);
});
