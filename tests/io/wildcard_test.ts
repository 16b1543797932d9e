// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { wildcardHosts } from "../../io/wildcard.ts";

Deno.test("wildcardHosts starts with the address that IPv4 clients reach", () => {
  assertEquals(wildcardHosts("linux"), ["::", "0.0.0.0"]);
  assertEquals(wildcardHosts("darwin"), ["::", "0.0.0.0"]);
  assertEquals(wildcardHosts("windows"), ["0.0.0.0", "::"]);
});
