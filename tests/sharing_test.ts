// Copyright 2026 the pystd authors. MIT license.

/**
 * Uploads, archives and passwords of the command, with common clients.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertStringIncludes } from "@std/assert/string-includes";
import { delay } from "@std/async/delay";
import { RawClient } from "./support/client.ts";
import {
  isInstalled,
  type RunningCommand,
  runProgram,
  runToEnd,
  startCommand,
} from "./support/command.ts";
import { makeTree, type TemporaryTree } from "./support/tree.ts";

const SIZE = 3_000_000;

/**
 * Starts the command with exactly the permissions for uploads into a folder.
 */
function serve(
  tree: TemporaryTree,
  ...flags: string[]
): Promise<RunningCommand> {
  return startCommand([...flags, tree.root], {
    permissions: [
      "--allow-net=127.0.0.1",
      `--allow-read=${tree.root}`,
      `--allow-write=${tree.root}`,
    ],
  });
}

function bytes(size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, i) => (i * 7 + i / 251) & 255);
}

function read(path: string): Promise<Uint8Array | undefined> {
  return Deno.readFile(path).catch(() => undefined);
}

async function curl(...args: string[]): Promise<[number, string]> {
  const out = ["-sS", "-w", "\n%{http_code}", ...args];
  const { stdout, stderr } = await runProgram("curl", out);
  const [, text, code] = /^(.*)\n(\d+)$/s.exec(stdout) ?? ["", stderr, "0"];
  return [Number(code), text!];
}

Deno.test({
  name: "curl uploads with -T, -F and -C",
  ignore: !isInstalled("curl"),
  fn: async () => {
    await using mine = await makeTree([]);
    await using tree = await makeTree([
      { path: "sub", type: "dir" },
    ]);
    await using command = await serve(tree, "--upload");
    const file = mine.path("caf\u00e9 1.bin");
    const data = bytes(SIZE);
    await Deno.writeFile(file, data);
    const url = command.url("/sub/");
    assertEquals(await curl("-T", file, url), [
      201,
      `Saved /sub/caf\u00e9 1.bin, ${SIZE} bytes\n`,
    ]);
    assertEquals(await read(tree.path("sub/caf\u00e9 1.bin")), data);
    assertEquals((await curl("-T", file, url))[0], 409);
    const [status] = await curl(
      "-F",
      `file=@${file}`,
      "-F",
      "x=y",
      command.url(),
    );
    assertEquals(status, 201);
    assertEquals(await read(tree.path("caf\u00e9 1.bin")), data);
    // Interrupted, queried, and resumed
    const target = command.url("/cut.bin");
    const limited = ["--limit-rate", "1M", "-m", "1", "-C", "-"];
    const [cut] = await curl(...limited, "-T", file, target);
    assert(cut < 200, "100 Continue, or nothing");
    assertEquals(await read(tree.path("cut.bin")), undefined);
    const asked = await fetch(target, {
      method: "PUT",
      headers: { "Content-Range": `bytes */${SIZE}` },
    });
    const offset = asked.headers.get("upload-offset")!;
    assert(Number(offset) > 0 && Number(offset) < SIZE, offset);
    assertEquals((await curl("-C", offset, "-T", file, target))[0], 201);
    assertEquals(await read(tree.path("cut.bin")), data);
    const names = Array.from(Deno.readDirSync(tree.root), ({ name }) => name);
    assertEquals(names.sort(), ["caf\u00e9 1.bin", "cut.bin", "sub"]);
  },
});

Deno.test({
  name: "Python's http.client uploads, also in chunks",
  ignore: !isInstalled("python3"),
  fn: async () => {
    await using tree = await makeTree([]);
    await using command = await serve(tree, "--upload");
    const code = `
import http.client, sys
c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
for name, body in ("a", b"x" * 100000), ("b", (b"y" * 1000 for _ in range(100))):
    c.request("PUT", "/" + name, body, encode_chunked=True)
    r = c.getresponse()
    print(r.status, len(r.read()) > 0)
`;
    const { stdout, stderr } = await runProgram("python3", [
      "-c",
      code,
      `${command.port}`,
    ]);
    assertEquals(stdout, "201 True\n201 True\n", stderr);
    const sizes = ["a", "b"].map((name) => Deno.statSync(tree.path(name)).size);
    assertEquals(sizes, [100_000, 100_000]);
  },
});

Deno.test({
  name: "wget and aria2c download with a password, whole trees and in parts",
  ignore: !isInstalled("wget") || !isInstalled("aria2c"),
  fn: async () => {
    await using mine = await makeTree([]);
    await using tree = await makeTree([
      { path: "t/a.txt", type: "file", content: "alpha" },
      { path: "t/sub/b.txt", type: "file", content: "b" },
      { path: "htpasswd", type: "file", content: "" },
    ]);
    const data = bytes(SIZE);
    await Deno.writeFile(tree.path("t/big.bin"), data);
    await using command = await serve(tree, "--auth", "ann:s3cret");
    const login = ["--user=ann", "--password=s3cret"];
    const wget = await runProgram("wget", [
      ...["-q", "-r", "-np", "-c", "-nH", ...login, command.url("/t/")],
    ], mine.root);
    assertEquals(wget.code, 0, wget.stderr);
    assertEquals(await Deno.readTextFile(mine.path("t/sub/b.txt")), "b");
    assertEquals(await read(mine.path("t/big.bin")), data);
    const aria2 = await runProgram("aria2c", [
      ...["-q", "-x8", "-s8", "-k1M", "--http-user=ann"],
      ...["--http-passwd=s3cret", "-o", "8.bin", command.url("/t/big.bin")],
    ], mine.root);
    assertEquals(aria2.code, 0, aria2.stderr + aria2.stdout);
    assertEquals(await read(mine.path("8.bin")), data);
    const without = await fetch(command.url("/t/a.txt"));
    await without.body?.cancel();
    assertEquals(without.status, 401);
    assert(!`${command.stdout}${command.stderr}`.includes("s3cret"));
  },
});

Deno.test("the command reads users from a file, and warns of weak ones", async () => {
  await using tree = await makeTree([
    { path: "share/a.txt", type: "file", content: "a" },
    {
      path: "users",
      type: "file",
      content:
        "ann:$2b$04$JQASHq.7i1VHUGi46MzhH.6tI4LrAAJqoOeO7eJkKS1ZxDRUHTZlm\n" +
        "bob:hunter2\n",
    },
    { path: "bad", type: "file", content: "ann:$9$hunter2\n" },
  ]);
  const args = (file: string) => [
    ...["--auth-file", tree.path(file), tree.path("share")],
  ];
  await using command = await startCommand(args("users"));
  for (const [login, status] of [["ann:secret", 200], ["bob:hunter2", 200]]) {
    const headers = { "Authorization": `Basic ${btoa(`${login}`)}` };
    const response = await fetch(command.url("/a.txt"), { headers });
    await response.body?.cancel();
    assertEquals(response.status, status);
  }
  await command.says(/A password is required/);
  assertStringIncludes(command.stderr, "plain password in line 2");
  assert(!command.stderr.includes("hunter2"));
  const bad = await runToEnd(args("bad"));
  assertEquals(bad.code, 1);
  assertStringIncludes(bad.stderr, "line 1: unknown hash");
  assert(!bad.stderr.includes("hunter2"));
  const none = await runToEnd(args("none"));
  assertEquals(none.code, 1);
  assertStringIncludes(
    none.stderr,
    "there is no such file, or it cannot be read",
  );
});

Deno.test("the command offers archives with --archive", async () => {
  await using tree = await makeTree([
    { path: "share/d/a.txt", type: "file", content: "a" },
  ]);
  await using command = await startCommand(["--archive", tree.path("share")]);
  const response = await fetch(command.url("/d/?archive=zip"));
  assertEquals(response.headers.get("content-type"), "application/zip");
  assert((await response.bytes()).length > 0);
});

Deno.test("the command prints the permissions for sharing in one line", async () => {
  await using tree = await makeTree([{ path: "in", type: "dir" }]);
  const read = ["--allow-net", "--allow-read"];
  const table: [args: string[], code: number, said: string][] = [
    [["--upload=in"], 1, `without --allow-write=${tree.path("in")};`],
    [["--upload", "--auth", "ann:hunter2"], 1, "--auth ann:..."],
    [["--upload", "--auth=ann:hunter2"], 1, "--auth=ann:..."],
    [["--upload=../x"], 2, "expected one inside the directory"],
    [["--overwrite"], 2, '"--overwrite" requires "--upload"'],
    [["--max-upload=1G"], 2, '"--max-upload" requires "--upload"'],
    [["--upload", "--max-upload=lots"], 2, 'Invalid size "lots"'],
    [["--auth=hunter2"], 2, "expected USER:PASSWORD"],
    [["--auth=a:b", "--plain"], 2, "cannot be combined"],
    [["--archive", "--cgi"], 2, "cannot be combined"],
  ];
  for (const [args, code, said] of table) {
    const ended = await runToEnd([...args, "--port=0", tree.root], {
      permissions: read,
    });
    assertEquals(ended.code, code, args.join(" "));
    assertStringIncludes(ended.stderr, said);
    assertEquals(ended.stderr.trim().split("\n").length, 1);
    assert(!ended.stderr.includes("hunter2"));
  }
  const none = await runToEnd(["--upload=none", "--port=0", tree.root], {
    permissions: [...read, "--allow-write"],
  });
  assertStringIncludes(none.stderr, "there is no such folder");
});

Deno.test("the command writes to its upload folder and nowhere else", async () => {
  await using tree = await makeTree([{ path: "in", type: "dir" }]);
  await using command = await startCommand(["--upload=in", tree.root], {
    permissions: [
      "--allow-net=127.0.0.1",
      `--allow-read=${tree.root}`,
      `--allow-write=${tree.path("in")}`,
    ],
  });
  await command.says(/Uploads go to ".*in"; existing files are kept/);
  for (const [path, status] of [["/in/a", 201], ["/a", 403]] as const) {
    const response = await fetch(command.url(path), {
      method: "PUT",
      body: "a",
    });
    await response.body?.cancel();
    assertEquals(response.status, status);
  }
});

Deno.test({
  name: "workers share uploads and passwords",
  // Elsewhere workers cannot share a port.
  ignore: Deno.build.os !== "linux",
  fn: takeUploadsTogether,
});

async function takeUploadsTogether(): Promise<void> {
  await using tree = await makeTree([
    { path: "share", type: "dir" },
    { path: "users", type: "file", content: "ann:s3cret\n" },
  ]);
  const left = tree.path(`share/.pystd-upload-${"0".repeat(32)}.part`);
  await Deno.writeTextFile(left, "left");
  const flags = ["--workers=2", "--upload", "--auth-file", tree.path("users")];
  await using command = await startCommand([...flags, tree.path("share")], {
    permissions: [
      ...["--unstable-net", "--allow-net=127.0.0.1", "--allow-read"],
      `--allow-write=${tree.path("share")}`,
    ],
  });
  await command.says(/Removed 1 unfinished upload/);
  assertEquals(command.stderr.split("A plain password").length, 2);
  const headers = { "Authorization": `Basic ${btoa("ann:s3cret")}` };
  const put = async (init: RequestInit) => {
    const body = bytes(300_000);
    const response = await fetch(command.url("/same"), {
      ...{ method: "PUT", body },
      ...init,
    });
    await response.body?.cancel();
    return response.status;
  };
  const answers = await Promise.all([
    ...Array.from({ length: 6 }, () => put({ headers })),
    put({}),
  ]);
  assertEquals(answers.sort(), [201, 401, 409, 409, 409, 409, 409]);
  assertEquals(await read(tree.path("share/same")), bytes(300_000));
}

Deno.test("SIGKILL during uploads leaves no part of a file, and the next start cleans up", async () => {
  await using tree = await makeTree([]);
  const data = bytes(400_000);
  for (let round = 0; round < 6; round++) {
    const command = await serve(tree, "--upload");
    const uploads = Array.from({ length: 4 }, async (_, i) => {
      await using client = await RawClient.connect(command.port);
      await client.send(
        `PUT /${round}-${i} HTTP/1.1\r\nHost: localhost\r\n` +
          `Content-Length: ${data.length}\r\n\r\n`,
      );
      for (let at = 0; at < data.length && !client.closed; at += 40_000) {
        await client.send(data.subarray(at, at + 40_000));
        if (i > 0) await delay(2 * i);
      }
      await client.waitFor(() => client.closed || client.received !== "", 1000);
    });
    await delay(round * 15);
    await command[Symbol.asyncDispose]();
    await Promise.all(uploads);
    for (const { name } of Deno.readDirSync(tree.root)) {
      if (name.startsWith(".pystd-upload-")) continue;
      assertEquals(await read(tree.path(name)), data, name);
    }
  }
  await Deno.writeFile(
    tree.path(`.pystd-upload-${"0".repeat(32)}.part`),
    data,
  );
  await using command = await serve(tree, "--upload");
  await command.says(/Removed \d+ unfinished upload/);
  const left = [...Deno.readDirSync(tree.root)]
    .filter(({ name }) => name.startsWith("."));
  assertEquals(left, []);
});

/** Mounts a file system of two megabytes, if allowed. */
async function smallDisk(path: string): Promise<boolean> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
  try {
    const { code } = await runProgram("mount", [
      ...["-t", "tmpfs", "-o", "size=2m", "tmpfs", path],
    ]);
    return code === 0;
  } catch {
    return false;
  }
}

Deno.test({
  name: "a full disk is 507, and leaves nothing behind",
  ignore: Deno.build.os !== "linux" || Deno.uid() !== 0,
  fn: async () => {
    await using tree = await makeTree([{ path: "disk", type: "dir" }]);
    if (!await smallDisk(tree.path("disk"))) {
      console.log("Skipped: tmpfs cannot be mounted here");
      return;
    }
    try {
      await using command = await serve(tree, "--upload=disk");
      const put = async (
        path: string,
        size: number,
        init: RequestInit = {},
      ) => {
        const response = await fetch(command.url(path), {
          method: "PUT",
          body: new Uint8Array(size),
          ...init,
        });
        await response.body?.cancel();
        return response.status;
      };
      assertEquals(await put("/disk/a", 1_000_000), 201);
      assertEquals(await put("/disk/b", 1_500_000), 507);
      const headers = { "Content-Range": "bytes 0-1499999/1500000" };
      assertEquals(await put("/disk/b", 1_500_000, { headers }), 507);
      const form = new FormData();
      form.append("file", new File([new Uint8Array(1_500_000)], "b"));
      const post = { method: "POST", body: form };
      assertEquals(await put("/disk/", 0, post), 507);
      const names = [...Deno.readDirSync(tree.path("disk"))];
      assertEquals(names.map(({ name }) => name), ["a"]);
      assertEquals(await put("/disk/c", 500_000), 201);
    } finally {
      await runProgram("umount", [tree.path("disk")]);
    }
  },
});
