// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { FLAG_GROUPS } from "../../cli/flags.ts";
import { adviceOn, ELSEWHERE } from "../../cli/unknown_option.ts";

const flags = FLAG_GROUPS.flatMap((group) => group.flags);
const spellings = new Set(
  flags.flatMap(({ name, short }) => [`--${name}`, `-${short}`]),
);

Deno.test("adviceOn names the flag that answers to another server's", () => {
  const cases: [option: string, advice: string][] = [
    ["--host", "; here it is --bind ADDRESS, or --lan for all addresses"],
    [
      "--address=0.0.0.0",
      "; here it is --bind ADDRESS, or --lan for all addresses",
    ],
    [
      "-a",
      "; here it is --bind ADDRESS, or --auth USER:PASSWORD; for " +
      'user:pass@/path:rw also --allow "USER /path upload"',
    ],
    [
      "-c-1",
      "; here it is --cache-control VALUE, such as no-store, or --config FILE",
    ],
    ["--https", "; here it is --tls-self-signed, or --tls-cert FILE"],
    ["--no-symlinks", "; links out of the directory get a 404 by default"],
    ["--qrcode", "; here it is --qr"],
    ["--quite", '; did you mean "--quiet"?'],
    ["--follow", '; did you mean "--follow-symlinks"?'],
    ["--xyzzy", ""],
    ["-y", ""],
  ];
  for (const [option, advice] of cases) {
    assertEquals(adviceOn(option), advice, option);
  }
});

Deno.test("the flags of other servers are no flags here, and lead to flags here", () => {
  const seen = new Set<string>();
  for (const [elsewhere, here] of ELSEWHERE) {
    for (const flag of elsewhere.split(" ")) {
      assertEquals(spellings.has(flag), false, `${flag} exists`);
      assertEquals(seen.has(flag), false, `${flag} is listed twice`);
      seen.add(flag);
    }
    if (here.startsWith("Deno")) continue;
    for (const [flag] of here.matchAll(/(?<![\w-])--?[a-z][a-z-]*/gi)) {
      if (here.endsWith("before the module") && flag === "-A") continue;
      assertEquals(spellings.has(flag), true, `there is no ${flag}`);
    }
  }
});
