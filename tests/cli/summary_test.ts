// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { hostAndPort, networkAddresses } from "../../cli/addresses.ts";
import { StartError } from "../../cli/errors.ts";
import { readCommandLine } from "../../cli/flags.ts";
import { qrLines } from "../../cli/qr.ts";
import { readSettings } from "../../cli/settings/settings.ts";
import { browserUrls, summary } from "../../cli/summary.ts";
import { prepareTLS } from "../../cli/tls.ts";
import type { ServerAddress } from "../../server.ts";
import { makeFiles } from "../support/tree.ts";

const UNENCRYPTED =
  "Warning: passwords are sent unencrypted; use --tls-cert or --tls-self-signed.";

function told(args: string[], address: ServerAddress): string[] {
  const settings = readSettings(readCommandLine(args));
  const urls = browserUrls(settings, address);
  return summary(settings, { address, urls });
}

Deno.test("summary warns about passwords that are sent unencrypted", () => {
  const auth = ["--auth=ann:s3cret"];
  const cases: [args: string[], address: ServerAddress, warns: boolean][] = [
    [auth, ["192.0.2.7", 80], true],
    [auth, ["2001:db8::7", 80], true],
    [["--auth-upload=a:b", "--upload"], ["192.0.2.7", 80], true],
    [["--auth-file=users"], ["192.0.2.7", 80], true],
    [auth, ["127.0.0.1", 80], false],
    [auth, { transport: "unix", path: "/run/s" }, false],
    [[...auth, "--tls-self-signed"], ["192.0.2.7", 80], false],
    [[], ["192.0.2.7", 80], false],
  ];
  for (const [args, address, warns] of cases) {
    const lines = told(args, address);
    assertEquals(lines.includes(UNENCRYPTED), warns, lines.join("\n"));
  }
});

Deno.test("summary says which files are served, and who can connect", () => {
  const lines = told(["--dotfiles", "--follow-symlinks", "d"], {
    hostname: "2001:db8::7",
    port: 80,
  });
  assertEquals(lines, [
    "Serving HTTP on 2001:db8::7 port 80 (http://[2001:db8::7]:80/) ...",
    'Files come from "d", with hidden files, following links out of it. ' +
    "Uploads are off.",
    "Everyone who can reach this machine can connect.",
    "It answers to localhost and addresses; --allow-host adds names.",
  ]);
});

Deno.test("summary names the sites of --cors, and warns about --spa", async () => {
  await using tree = await makeFiles({
    "app.html": "<p>",
    ".env": "x",
    "d/": "",
  });
  const lacks = (file: string) =>
    `Warning: there is no file "${file}" for --spa; missing pages get a 404.`;
  const table: [args: string[], line: string | undefined][] = [
    [[], undefined],
    [["--cors"], "Web pages of any site may read what is served."],
    [
      ["--cors=https://a.example"],
      "Web pages of https://a.example may read what is served.",
    ],
    [["--spa=app.html"], undefined],
    [["--spa"], lacks("index.html")],
    [["--spa=d"], lacks("d")],
    [["--spa=../x"], lacks("../x")],
    [["--spa=.env"], lacks(".env")],
    [["--spa=.env", "--dotfiles"], undefined],
    [
      ["--spa=app.html", "--upload"],
      'Warning: --spa does not send "app.html" from a folder for uploads; ' +
      "use --upload=SUBDIR or --overwrite.",
    ],
    [["--spa=app.html", "--upload", "--overwrite"], undefined],
    [["--spa=app.html", "--upload=d"], undefined],
  ];
  for (const [args, line] of table) {
    const lines = told([...args, tree.root], ["127.0.0.1", 80])
      .filter((line) => /^Web pages of|--spa/.test(line));
    assertEquals(lines, line === undefined ? [] : [line], args.join(" "));
  }
});

Deno.test("summary says what clients may change, and whether they can mount it", () => {
  const table: [args: string[], lines: string[]][] = [
    [[], ["Uploads are off."]],
    [["--upload"], ["existing files are kept."]],
    [["--upload", "--overwrite"], ["existing files can be replaced."]],
    [["--manage"], ["existing files can be replaced, moved and deleted."]],
    [["--dav"], [
      "Uploads are off.",
      "WebDAV clients can mount it for reading.",
    ]],
    [["--dav", "--manage"], [
      "existing files can be replaced, moved and deleted.",
      "WebDAV clients can mount it.",
    ]],
  ];
  for (const [args, lines] of table) {
    const found = told([...args, "."], ["127.0.0.1", 80]).flatMap((line) =>
      /Uploads are off\.|existing files .*|^WebDAV .*/.exec(line)?.[0] ?? []
    );
    assertEquals(found, lines, args.join(" "));
  }
});

Deno.test("summary names the allowed hosts and the trusted proxies", () => {
  const ANY =
    "It answers to any host name, so web pages can read it by DNS rebinding.";
  const unix = { transport: "unix", path: "/run/s" } as const;
  const loopback = ["127.0.0.1", 80] as const;
  const cases: [args: string[], address: ServerAddress, lines: string[]][] = [
    [[], loopback, []],
    [[], ["", 80], [
      "It answers to localhost and addresses; --allow-host adds names.",
    ]],
    [["--allow-host=a", "--allow-host=.b"], loopback, [
      "It answers to localhost and addresses, a, .b; --allow-host adds names.",
    ]],
    [["--allow-host=*"], loopback, [ANY]],
    [["--allow-host=*"], unix, [ANY]],
    [["--allow-host=a"], unix, ["It answers to a."]],
    [["--trusted-proxy=unix"], unix, [
      "Trusted proxies: unix.",
    ]],
    [["--trusted-proxy=10.0.0.0/8", "--trusted-proxy=::1"], loopback, [
      "It answers to localhost and addresses; --allow-host adds names.",
      "Trusted proxies: 10.0.0.0/8, ::1.",
    ]],
  ];
  for (const [args, address, lines] of cases) {
    const wanted = told(args, address).filter((line) =>
      /^It answers|^Trusted/.test(line)
    );
    assertEquals(wanted, lines, args.join(" "));
  }
});

Deno.test("qrLines draws white on black on every terminal", () => {
  const plain = qrLines("http://127.0.0.1:8000/", false);
  assertEquals(
    qrLines("http://127.0.0.1:8000/", true),
    plain.map((line) => `\x1b[97;40m${line}\x1b[0m`),
  );
});

Deno.test("hostAndPort reads both forms of an address", () => {
  assertEquals(hostAndPort({ hostname: "::1", port: 1 }), ["::1", 1]);
  assertEquals(hostAndPort(["h", 1]), ["h", 1]);
  const both = networkAddresses("::") ?? [];
  const one = networkAddresses("0.0.0.0") ?? [];
  assertEquals(one, both.filter((address) => !address.includes(":")));
});

Deno.test("prepareTLS names the password file that it cannot read", async () => {
  for (
    const [path, why] of [
      ["/none/at/all", "there is no such file"],
      [Deno.cwd(), "it cannot be read"],
    ]
  ) {
    const args = ["--tls-cert=c", `--tls-password-file=${path}`];
    await assertRejects(
      () => prepareTLS(readSettings(readCommandLine(args))),
      StartError,
      `Cannot read the password file "${path}": ${why}`,
    );
  }
});
