// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { encodeBase64 } from "@std/encoding/base64";
import { ERROR_PAGE, ERROR_POLICY } from "../../../handlers/share/errors.ts";

Deno.test("ERROR_POLICY allows the style of the error page", async () => {
  const style = /<style>([^]*)<\/style>/.exec(ERROR_PAGE)![1];
  const bytes = new TextEncoder().encode(style.replaceAll("%%", "%"));
  const hash = encodeBase64(await crypto.subtle.digest("SHA-256", bytes));
  assertEquals(
    ERROR_POLICY.split("; ").find((part) => part.startsWith("style-src")),
    `style-src 'sha256-${hash}'`,
  );
});
