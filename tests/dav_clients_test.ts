// Copyright 2026 the pystd authors. MIT license.

/** WebDAV clients against the command: rclone, cadaver, curl, gio, Python. */

import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import {
  isInstalled,
  type RunningCommand,
  runProgram,
  startCommand,
} from "./support/command.ts";
import { HAS_SH } from "./support/scripts.ts";
import { makeFiles, type TemporaryTree } from "./support/tree.ts";

/** cadaver has no flag that succeeds. */
const HAS_CADAVER = HAS_SH &&
  (await runProgram("sh", ["-c", "command -v cadaver"])).code === 0;
const HAS_RCLONE = isInstalled("rclone");
/** GNOME's client, its back end for WebDAV, and a bus that it needs. */
const HAS_GIO = isInstalled("gio") && isInstalled("dbus-run-session") &&
  HAS_SH && (await runProgram("sh", ["-c", "ls /usr/libexec/gvfsd-dav"]))
      .code === 0;
const HAS_CURL = isInstalled("curl");
const HAS_PYTHON = isInstalled("python3");

const FILES = {
  "a.txt": "alpha\n",
  "d/é ü.txt": "accents\n",
  "d/e/x #?%&.txt": "signs\n",
  ["d/e/nfd-é".normalize("NFD")]: "nfd\n",
  "empty/": "",
};

async function serve(
  files: Record<string, string>,
): Promise<[TemporaryTree, RunningCommand]> {
  const tree = await makeFiles({
    ...Object.fromEntries(
      Object.entries(files).map(([name, text]) => [`share/${name}`, text]),
    ),
    "share/": "",
    "other/": "",
  });
  const share = tree.path("share");
  const permissions = [
    "--allow-net=127.0.0.1",
    `--allow-read=${share}`,
    `--allow-write=${share}`,
  ];
  const command = await startCommand(["--dav", "--manage", share], {
    permissions,
  });
  return [tree, command];
}

/** The files below a folder, with their text. */
function contentOf(folder: string, prefix = ""): Record<string, string> {
  const content: Record<string, string> = {};
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    if (!isDirectory) content[prefix + name] = Deno.readTextFileSync(path);
    else Object.assign(content, contentOf(path, `${prefix}${name}/`));
  }
  return content;
}

Deno.test({
  name: "rclone syncs both ways over WebDAV",
  ignore: !HAS_RCLONE,
  async fn() {
    const [tree, command] = await serve(FILES);
    await using _tree = tree;
    await using _command = command;
    const [share, other] = ["share", "other"].map((name) => tree.path(name));
    const rclone = async (...args: string[]): Promise<void> => {
      const flags = ["--config", "/dev/null", "--webdav-url", command.url("/")];
      const run = await runProgram("rclone", [...args, ...flags]);
      assertEquals(run.code, 0, run.stderr);
    };
    await rclone("sync", ":webdav:", other);
    assertEquals(contentOf(other), contentOf(share));
    await Deno.remove(`${other}/d/e`, { recursive: true });
    await Deno.writeTextFile(`${other}/new.txt`, "new\n");
    await Deno.writeTextFile(`${other}/a.txt`, "longer than before\n");
    await rclone("sync", other, ":webdav:");
    assertEquals(contentOf(share), contentOf(other));
    await rclone("moveto", ":webdav:d", ":webdav:moved/é");
    await rclone("copyto", ":webdav:a.txt", ":webdav:copy.txt");
    assertEquals(contentOf(share), {
      "a.txt": "longer than before\n",
      "copy.txt": "longer than before\n",
      "moved/é/é ü.txt": "accents\n",
      "new.txt": "new\n",
    });
    await rclone("purge", ":webdav:moved");
    assertEquals(Object.keys(contentOf(share)).length, 3);
  },
});

Deno.test({
  name: "cadaver works with locks and properties",
  ignore: !HAS_CADAVER,
  async fn() {
    const [tree, command] = await serve({ "a.txt": "alpha\n" });
    await using _tree = tree;
    await using _command = command;
    const script = [
      "ls",
      "mkcol new",
      "copy a.txt new/b.txt",
      "lock a.txt",
      "propset a.txt colour blue",
      "propget a.txt colour",
      `put ${tree.path("share/a.txt")} again.txt`,
      "unlock a.txt",
      "move again.txt new/again.txt",
      "delete a.txt",
      "ls new",
      "quit",
    ].join("\n");
    await Deno.writeTextFile(tree.path("other/script"), `${script}\n`);
    const { stdout, stderr } = await runProgram("sh", [
      "-c",
      `HOME=${tree.path("other")} cadaver ${command.url("/")} < ${
        tree.path("other/script")
      }`,
    ]);
    const said = stdout + stderr;
    assertEquals(/failed/i.test(said), false, said);
    assertMatch(said, /Value of colour is: blue/);
    assertEquals(contentOf(tree.path("share")), {
      "new/again.txt": "alpha\n",
      "new/b.txt": "alpha\n",
    });
  },
});

Deno.test({
  name: "curl deletes, moves and copies, and reads properties",
  ignore: !HAS_CURL,
  async fn() {
    const [tree, command] = await serve({ "a.txt": "alpha\n" });
    await using _tree = tree;
    await using _command = command;
    const curl = async (path: string, ...args: string[]): Promise<string> => {
      const flags = ["-sS", "-w", " %{http_code}", ...args, command.url(path)];
      const { stdout, stderr } = await runProgram("curl", flags);
      return stdout + stderr;
    };
    const to = (path: string) => ["-H", `Destination: ${command.url(path)}`];
    const copied = await curl("/a.txt", "-X", "COPY", ...to("/b%20c.txt"));
    assertEquals(copied, "Copied /a.txt to /b c.txt\n 201");
    assertEquals(
      await curl("/a.txt", "-X", "MOVE", ...to("/b%20c.txt")),
      " 204",
    );
    const found = await curl("/", "-X", "PROPFIND", "-H", "Depth: 1");
    assertMatch(found, /<D:href>\/b%20c.txt<.* 207$/s);
    assertEquals(await curl("/b%20c.txt", "-X", "DELETE"), " 204");
    assertEquals(contentOf(tree.path("share")), {});
  },
});

/** What Files does with a mounted folder. */
const GIO = `
set -e
gio mount "$dav"
gio list -l "$dav"
gio copy share/a.txt "\${dav}copy.txt"
gio cat "\${dav}copy.txt"
gio rename "\${dav}copy.txt" "é ü.txt"
gio mkdir "\${dav}folder"
gio move "\${dav}é ü.txt" "\${dav}folder/moved.txt"
gio copy "\${dav}a.txt" "\${dav}folder/again.txt"
echo saved | gio save "\${dav}folder/saved.txt"
gio copy "\${dav}d/x" other/x
gio remove "\${dav}d/x" "\${dav}d" "\${dav}folder/again.txt"
gio tree "$dav"
gio mount -u "$dav"
`;

Deno.test({
  name: "gio mounts, copies, renames and deletes as GNOME's Files does",
  ignore: !HAS_GIO,
  async fn() {
    const [tree, command] = await serve({ "a.txt": "alpha\n", "d/x": "x\n" });
    await using _tree = tree;
    await using _command = command;
    await Deno.mkdir(tree.path("home"), { mode: 0o700 });
    const script = `cd ${tree.root}; export HOME=${tree.path("home")}
export XDG_RUNTIME_DIR=$HOME GVFS_DISABLE_FUSE=1
export dav=dav://127.0.0.1:${command.port}/
${GIO}`;
    const args = ["--", "sh", "-c", script];
    const run = await runProgram("dbus-run-session", args);
    assertEquals(run.code, 0, run.stdout + run.stderr);
    assertMatch(run.stdout, /^a\.txt\t6\t\(regular\)$/m);
    assertMatch(run.stdout, /^alpha$/m);
    assertMatch(run.stdout, /saved\.txt$/m);
    assertEquals(contentOf(tree.path("share")), {
      "a.txt": "alpha\n",
      "folder/moved.txt": "alpha\n",
      "folder/saved.txt": "saved\n",
    });
    assertEquals(contentOf(tree.path("other")), { "x": "x\n" });
  },
});

const PYTHON = `
import http.client, sys, xml.etree.ElementTree as tree
http_ = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
def ask(method, path, body=None, **fields):
    headers = {name.replace("_", "-"): value for name, value in fields.items()}
    http_.request(method, path, body, headers)
    response = http_.getresponse()
    return response.status, response.read(), response.headers
print(ask("MKCOL", "/d")[0], ask("PUT", "/d/x", b"1")[0])
status, body, headers = ask("LOCK", "/d/x", '<lockinfo xmlns="DAV:"><lockscope>'
    '<exclusive/></lockscope><locktype><write/></locktype></lockinfo>')
token = headers["Lock-Token"]
print(status, ask("PUT", "/d/x", b"2")[0], ask("PUT", "/d/x", b"2", If=f"({token})")[0])
print(ask("UNLOCK", "/d/x", Lock_Token=token)[0])
status, body, headers = ask("PROPFIND", "/d/", Depth="1")
hrefs = [href.text for href in tree.fromstring(body).iter("{DAV:}href")]
print(status, hrefs, ask("MOVE", "/d", Destination="/e")[0], ask("DELETE", "/e")[0])
`;

Deno.test({
  name: "Python's http.client does all of it on one connection",
  ignore: !HAS_PYTHON,
  async fn() {
    const [tree, command] = await serve({});
    await using _tree = tree;
    await using _command = command;
    const args = ["-c", PYTHON, `${command.port}`];
    const { stdout, stderr } = await runProgram("python3", args);
    assertEquals(
      [stdout, stderr],
      ["201 201\n200 423 200\n204\n207 ['/d/', '/d/x'] 201 204\n", ""],
    );
    assertEquals(contentOf(tree.path("share")), {});
  },
});
