// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import type { PermissionNeed } from "../../cli/permissions/permissions.ts";
import { broadGrantNotes } from "../../cli/permissions/revoke.ts";
import { stub } from "../support/stub.ts";

Deno.test({
  name: "broadGrantNotes gives no advice to a compiled program",
  permissions: { read: true },
}, () => {
  const needs: PermissionNeed[] = [{
    descriptor: { name: "read", path: "/srv" },
    action: "serve",
    lasts: true,
  }];
  const [note = ""] = broadGrantNotes(needs, ["/srv"]);
  assertEquals(note.split(".")[0], "Deno lets this program read every file");
  using _ = stub(Deno, "build", (build) => ({ ...build, standalone: true }));
  assertEquals(broadGrantNotes(needs, ["/srv"]), []);
});
