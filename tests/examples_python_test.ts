// Copyright 2026 the pystd authors. MIT license.

/**
 * Compares examples with the same programs on CPython, in `testdata/python/`:
 * both get the same requests and respond alike.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { TextLineStream } from "@std/streams/text-line-stream";
import { BaseHTTPRequestHandler, ThreadingHTTPServer } from "../mod.ts";
import { RawClient } from "./support/client.ts";
import { HAS_OPENSSL, makeCertificates } from "./support/certificates.ts";
import { isInstalled, ROOT, runProgram } from "./support/command.ts";

/** A running program. */
interface Program extends AsyncDisposable {
  port: number;
  /** Its output after the first line. */
  lines: ReadableStreamDefaultReader<string>;
}

async function start(command: string, args: string[]): Promise<Program> {
  const child = new Deno.Command(command, {
    args,
    cwd: ROOT,
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream()).getReader();
  const { value = "" } = await lines.read();
  const port = Number(/^Serving on port ([0-9]+)$/.exec(value)?.[1]);
  return {
    port,
    lines,
    async [Symbol.asyncDispose](): Promise<void> {
      await lines.cancel();
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended already.
      }
      await child.status;
    },
  };
}

/** Starts the two programs of a name. */
function startBoth(name: string, args: string[]): Promise<Program[]> {
  const ours = ["run", "--no-prompt", "--allow-net", "--allow-read"];
  return Promise.all([
    start(Deno.execPath(), [...ours, `examples/${name}.ts`, "0", ...args]),
    start("python3", [`tests/testdata/python/${name}.py`, "0", ...args]),
  ]);
}

/** Returns all data until the server closes the connection. */
async function exchange(port: number, ...sent: string[]): Promise<string> {
  await using client = await RawClient.connect(port);
  for (const part of sent) {
    const before = client.received.length;
    await client.send(part);
    if (part !== sent.at(-1)) {
      await client.waitFor(() => client.received.length > before);
    }
  }
  assert(await client.waitFor(() => client.closed), sent.join(""));
  return client.received;
}

/** Fields that name the server or that CPython lacks. */
const OWN =
  /^(?:Server|Date|Last-Modified|ETag|Accept-Ranges|Connection): .*\r\n/gmi;

/**
 * Returns a response without its differences between servers: error pages,
 * dates.
 */
function comparable(answer: string): string {
  const text = answer.replace(OWN, "");
  if (!/^HTTP\/1\.[01] [45]/.test(text)) return text;
  if (!text.includes("Content-Type: text/html;charset=utf-8\r\n")) return text;
  const head = text.slice(0, text.indexOf("\r\n\r\n"));
  return head.replace(/^Content-Length: .*$/m, "");
}

function get(target: string, fields = ""): string {
  return `GET ${target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${fields}\r\n`;
}

function post(target: string, body: string, fields = ""): string {
  return `POST ${target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n` +
    `Content-Length: ${body.length}\r\n${fields}\r\n${body}`;
}

const SIGNED = "X-GitHub-Event: ping\r\nX-Hub-Signature-256: sha256=";
const FORM = [
  '--b\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n',
  '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n',
  "Content-Type: text/plain\r\n\r\nalpha\n\r\n--b--\r\n",
].join("");

/** A pair of programs and their requests. */
interface Row {
  name: string;
  args?: string[];
  /** The requests in order, and the expected statuses. */
  asked: [request: string, status: number][];
  /** The expected output. */
  prints?: string[];
}

const ROWS: Row[] = [
  {
    name: "oauth_callback",
    args: ["xyz"],
    asked: [
      [get("/favicon.ico"), 404],
      [get("/callback?state=other&code=1"), 400],
      [get("/callback?state=xyz&error=access_denied"), 403],
      [get("/callback?state=xyz&code=4%2F0"), 200],
    ],
    prints: ["Code: 4/0"],
  },
  {
    name: "metrics",
    asked: [
      [get("/"), 404],
      [get("/metrics"), 200],
      [get("/metrics"), 200],
      ["HEAD /metrics HTTP/1.0\r\n\r\n", 501],
    ],
  },
  {
    name: "webhook",
    args: ["secret"],
    asked: [
      [post("/", "{}"), 403],
      [post("/", "{}", `${SIGNED}${"0".repeat(64)}\r\n`), 403],
      [
        post(
          "/",
          "{}",
          `${SIGNED}77325902caca812dc259733aacd046b73817372c777b8d95b402647474516e13\r\n`,
        ),
        204,
      ],
      ["POST / HTTP/1.0\r\n\r\n", 411],
      ["POST / HTTP/1.0\r\nContent-Length: 1048577\r\n\r\n", 413],
      [get("/"), 501],
    ],
    prints: ["ping 2"],
  },
  {
    name: "mock_api",
    asked: [
      [get("/users/1"), 200],
      [get("/users/2"), 404],
      [post("/users", '{"name":"Grace"}'), 201],
      [post("/users", "{"), 400],
      ["DELETE /users/1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", 204],
      [get("/calls"), 200],
    ],
  },
  {
    name: "streams",
    args: ["3"],
    asked: [[get("/events"), 200], [get("/camera"), 200], [get("/"), 404]],
  },
  {
    name: "upload_form",
    asked: [
      [get("/"), 200],
      [
        post("/", FORM, "Content-Type: multipart/form-data; boundary=b\r\n"),
        200,
      ],
      [post("/", "alpha", "Content-Type: text/plain\r\n"), 400],
    ],
  },
  {
    name: "basic_auth",
    args: ["ada:secret"],
    asked: [
      [get("/"), 401],
      [get("/", `Authorization: Basic ${btoa("ada:other")}\r\n`), 401],
      [get("/", `Authorization: Basic ${btoa("ada:secret")}\r\n`), 200],
    ],
  },
  {
    name: "cors_ranges",
    args: ["tests/testdata/python"],
    asked: [
      [get("/letters.txt"), 200],
      [get("/letters.txt", "Range: bytes=0-9\r\n"), 206],
      [get("/letters.txt", "Range: bytes=-5\r\n"), 206],
      [get("/letters.txt", "Range: bytes=20-\r\n"), 206],
      [get("/nothing.txt", "Range: bytes=0-9\r\n"), 404],
      [
        "OPTIONS /a.txt HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
        204,
      ],
    ],
  },
];

for (const { name, args = [], asked, prints = [] } of ROWS) {
  Deno.test({
    name: `${name} responds like the same program on CPython`,
    ignore: !isInstalled("python3"),
    async fn(): Promise<void> {
      await using stack = new AsyncDisposableStack();
      const both = await startBoth(name, args);
      for (const program of both) stack.use(program);
      for (const [request, status] of asked) {
        const [ours, theirs] = await Promise.all(
          both.map(({ port }) => exchange(port, request)),
        );
        assertEquals(Number(ours!.split(" ")[1]), status, request);
        assertEquals(comparable(ours!), comparable(theirs!), request);
      }
      for (const { lines } of both) {
        for (const line of prints) {
          assertEquals((await lines.read()).value, line);
        }
      }
    },
  });
}

Deno.test({
  name: "tls responds like the same program on CPython",
  ignore: !isInstalled("python3") || !isInstalled("curl") || !HAS_OPENSSL,
  async fn(): Promise<void> {
    await using stack = new AsyncDisposableStack();
    const tree = stack.use(await makeCertificates());
    const both = await startBoth("tls", [
      tree.path("cert.pem"),
      tree.path("key.pem"),
    ]);
    for (const program of both) stack.use(program);
    const answers = await Promise.all(both.map(async ({ port }) => {
      const url = `https://127.0.0.1:${port}/`;
      return comparable((await runProgram("curl", ["-sik", url])).stdout);
    }));
    assertEquals(answers[0], answers[1]);
    assert(answers[0]!.endsWith("Nobody else has read this.\n"), answers[0]);
  },
});

class Upstream extends BaseHTTPRequestHandler {
  do_GET(): void {
    if (this.path === "/moved") {
      this.sendResponse(302);
      this.sendHeader("Location", "/");
      return this.endHeaders();
    }
    const text = `${this.path} ${this.headers.get("accept")}\n`;
    this.sendResponse(this.path === "/missing" ? 404 : 200);
    this.sendHeader("Content-Type", "text/plain");
    this.sendHeader("Content-Length", text.length);
    this.endHeaders();
    this.wfile.write(text);
  }
  override logMessage(): void {}
}

Deno.test({
  name: "forward_proxy responds like the same program on CPython",
  ignore: !isInstalled("python3"),
  async fn(): Promise<void> {
    await using httpd = new ThreadingHTTPServer(["127.0.0.1", 0], Upstream);
    const served = httpd.serveForever();
    const up = `127.0.0.1:${httpd.serverPort}`;
    const nobody = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const dead = `127.0.0.1:${nobody.addr.port}`;
    nobody.close();
    const connect = (to: string): string =>
      `CONNECT ${to} HTTP/1.1\r\nHost: ${to}\r\n\r\n`;
    const rows: [sent: string[], status: number][] = [
      [[get(`http://${up}/a?b`, "Accept: text/x\r\n")], 200],
      [[get(`http://${up}/moved`)], 302],
      [[get(`http://${dead}/`)], 502],
      [[get("/a")], 400],
      [[connect(up), "GET /through HTTP/1.0\r\n\r\n"], 200],
      [[connect(dead)], 502],
    ];
    await using stack = new AsyncDisposableStack();
    const both = await startBoth("forward_proxy", []);
    for (const program of both) stack.use(program);
    for (const [sent, status] of rows) {
      const [ours, theirs] = await Promise.all(
        both.map(({ port }) => exchange(port, ...sent)),
      );
      assertEquals(Number(ours!.split(" ")[1]), status, sent[0]);
      assertEquals(comparable(ours!), comparable(theirs!), sent[0]);
      if (sent.length > 1) assert(ours!.endsWith("/through null\n"), ours);
    }
    await httpd.shutdown();
    await served;
  },
});
