// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { assertStringIncludes } from "@std/assert/string-includes";
import { apr1 } from "../../../handlers/share/apr1.ts";
import { Attempts } from "../../../handlers/share/attempts.ts";
import {
  parsePasswordFile,
  parseUser,
} from "../../../handlers/share/passwords.ts";

const BCRYPT = "$2b$04$JQASHq.7i1VHUGi46MzhH.6tI4LrAAJqoOeO7eJkKS1ZxDRUHTZlm";
const BCRYPT_Y = "$2y$05$jxs3FkyZoRj8RTeqVtZVo./bI75emlkvENNkAqZlLz/vIPQ5JubeG";
const APR1 = "$apr1$abcdefgh$owoOtpMLutvktm6NzW7Yo0";
const SHA = "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=";

Deno.test("apr1 hashes as openssl passwd -apr1", () => {
  const table: [password: string, salt: string, hash: string][] = [
    ["myPassword", "r31.....", "$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/"],
    ["p\u00e4ssw\u00f6rd with quite a few characters", "abcdefgh", APR1],
    ["", "x", "$apr1$x$tMwYqBfQwi3FYAr0aJc8M/"],
  ];
  for (const [password, salt, hash] of table) {
    assertEquals(apr1(password, salt), hash);
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

Deno.test("parsePasswordFile names the line that it cannot read, not what is in it", async () => {
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

Deno.test("Attempts lets an address pause after ten failures, and forgets them after ten minutes", () => {
  const attempts = new Attempts();
  const address = "192.0.2.1";
  const delays: number[] = [];
  for (let i = 0; i < 10; i++) {
    assertEquals(attempts.begin(address, i), 0);
    delays.push(attempts.delay(address));
  }
  assertEquals(delays.slice(0, 6), [100, 200, 400, 800, 1600, 2000]);
  assertEquals(attempts.begin(address, 10), 59_999);
  assertEquals(attempts.begin("192.0.2.2", 10), 0);
  // One more try after the pause, and the next pause if it fails.
  assertEquals(attempts.begin(address, 60_009), 0);
  assertEquals(attempts.begin(address, 60_010), 59_999);
  // The last try was that at 60,009.
  assertEquals(attempts.begin(address, 660_009), 0);
  assertEquals(attempts.delay(address), 2000);
  assertEquals(attempts.begin(address, 1_260_010), 0);
  assertEquals(attempts.delay(address), 100);
});

Deno.test("Attempts takes an IPv6 network for one address", () => {
  const table: [string, string, boolean][] = [
    ["2001:db8:1:2::1", "2001:db8:1:2:3:4:5:6", true],
    ["2001:db8::1", "2001:db8:0:0:9::1", true],
    ["2001:db8:1:2::1", "2001:db8:1:3::1", false],
    ["::1", "::2", true],
    ["::ffff:192.0.2.1", "::ffff:192.0.2.2", false],
    ["192.0.2.1", "192.0.2.2", false],
  ];
  for (const [one, other, same] of table) {
    const attempts = new Attempts();
    for (let i = 0; i < 10; i++) attempts.begin(one, 0);
    assertEquals(attempts.begin(other, 0) > 0, same, `${one} ${other}`);
  }
});

Deno.test("Attempts forgets a success, and only that", () => {
  const attempts = new Attempts();
  for (let i = 0; i < 9; i++) attempts.begin("a", 0);
  for (let i = 0; i < 5; i++) {
    assertEquals(attempts.begin("a", 0), 0);
    attempts.succeed("a");
  }
  assertEquals(attempts.begin("a", 0), 0);
  assertEquals(attempts.begin("a", 0), 60_000);
});

Deno.test("Attempts remembers 10,000 addresses, the latest ones", () => {
  const attempts = new Attempts();
  for (let i = 0; i < 10; i++) attempts.begin("first", 0);
  for (let i = 0; i < 9_999; i++) attempts.begin(`a${i}`, 0);
  assertEquals(attempts.begin("first", 0), 60_000);
  attempts.begin("one more", 0);
  assertEquals(attempts.begin("first", 0), 0);
  // Of who was never here there is nothing to take back.
  attempts.succeed("nobody");
  assertEquals(attempts.delay("nobody"), 100);
});
