// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { assertStringIncludes } from "@std/assert/string-includes";
import { apr1 } from "../../../../handlers/share/auth/apr1.ts";
import { BCRYPT_PACKAGE } from "../../../../handlers/share/auth/bcrypt.ts";
import {
  parsePasswordFile,
  parseUser,
} from "../../../../handlers/share/auth/passwords.ts";

const BCRYPT = "$2b$04$JQASHq.7i1VHUGi46MzhH.6tI4LrAAJqoOeO7eJkKS1ZxDRUHTZlm";
const BCRYPT_Y = "$2y$05$jxs3FkyZoRj8RTeqVtZVo./bI75emlkvENNkAqZlLz/vIPQ5JubeG";
const APR1 = "$apr1$abcdefgh$owoOtpMLutvktm6NzW7Yo0";
const SHA = "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=";

Deno.test("apr1 hashes as openssl passwd -apr1", async () => {
  const table: [password: string, salt: string, hash: string][] = [
    ["myPassword", "r31.....", "$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/"],
    ["p\u00e4ssw\u00f6rd with quite a few characters", "abcdefgh", APR1],
    ["", "x", "$apr1$x$tMwYqBfQwi3FYAr0aJc8M/"],
  ];
  for (const [password, salt, hash] of table) {
    assertEquals(await apr1(password, salt), hash);
  }
});

Deno.test("parsePasswordFile reads what htpasswd writes", async () => {
  const { users, warnings } = await parsePasswordFile(
    `# comment\r\n\nann:${BCRYPT}\nbob:${BCRYPT_Y}\ncy:${APR1}\n` +
      `dee:${SHA}\neve:pl:ain\n`,
  );
  const table: [user: string, right: string][] = [
    ["ann", "secret"],
    ["bob", "p\u00e4ssw\u00f6rd"],
    ["cy", "p\u00e4ssw\u00f6rd with quite a few characters"],
    ["dee", "secret"],
    ["eve", "pl:ain"],
  ];
  assertEquals([...users.keys()], table.map(([user]) => user));
  for (const [user, right] of table) {
    const verify = users.get(user)!;
    assertEquals(await verify(right), true, user);
    assertEquals(await verify(`${right}x`), false, user);
    assertEquals(await verify(""), false, user);
  }
  assertEquals(warnings.map((text) => text.split(";")[0]), [
    "A weak MD5 hash in line 5",
    "A weak, unsalted SHA-1 hash in line 6",
    "A plain password in line 7",
  ]);
});

Deno.test("parsePasswordFile names the line that it cannot read, not its content", async () => {
  const lines = [
    "secret",
    ":secret",
    "ann:",
    "ann:$2b$04$secret",
    `ann:${BCRYPT.replace("$04", "$99")}`,
    "ann:$apr1$secret",
    "ann:$6$secret$hash",
    "ann:{SSHA}secret",
    `ok:${BCRYPT}`,
  ];
  for (const line of lines) {
    const error = await assertRejects(
      () => parsePasswordFile(`ok:${BCRYPT}\n${line}\n`),
      SyntaxError,
    );
    assertStringIncludes(error.message, "Cannot read line 2");
    assertEquals(error.message.includes("secret"), false);
  }
  await assertRejects(() => parsePasswordFile("\n# nobody\n"), SyntaxError);
});

Deno.test("parseUser reads USER:PASSWORD", () => {
  const table: [text: string, user: string | undefined, password?: string][] = [
    ["ann:secret", "ann", "secret"],
    ["ann:se:cret", "ann", "se:cret"],
    ["ann:", undefined],
    [":secret", undefined],
    ["ann", undefined],
    ["", undefined],
  ];
  for (const [text, user, password] of table) {
    const parsed = parseUser(text);
    assertEquals(parsed?.[0], user, text);
    if (password !== undefined) assertEquals(parsed?.[1](password), true);
  }
});

Deno.test("the thread for bcrypt loads the package of deno.json", async () => {
  const url = new URL("../../../../deno.json", import.meta.url);
  const { imports } = JSON.parse(await Deno.readTextFile(url));
  assertEquals(BCRYPT_PACKAGE, imports.bcryptjs);
});

Deno.test("apr1 of a long password runs in slices", async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  await apr1("p".repeat(1024), "abcdefgh");
  clearInterval(timer);
  // 1,000 rounds of more than a kilobyte take at least ten milliseconds.
  assert(turns > 0);
});

Deno.test("bcrypt does not block the event loop", async () => {
  // Cost 12 is 4,096 rounds: some 300 ms, in which a timer must keep running.
  const hash = "$2b$12$JQASHq.7i1VHUGi46MzhH.6tI4LrAAJqoOeO7eJkKS1ZxDRUHTZlm";
  const { users } = await parsePasswordFile(`ann:${hash}\n`);
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  assertEquals(await users.get("ann")!("wrong"), false);
  clearInterval(timer);
  // On the event loop there would be three or four turns, one each 100 ms.
  assert(turns > 20, `${turns} turns`);
});
