// Copyright 2026 the pystd authors. MIT license.

/**
 * Telemetry as a receiver of OTLP gets it from the command and from programs,
 * which run with `OTEL_DENO=true` and no permission more than without.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { assertObjectMatch } from "@std/assert/object-match";
import { DURATION_BOUNDS } from "../../telemetry/conventions.ts";
import { ask, encodeLatin1 } from "../support/client.ts";
import { ROOT, startCommand } from "../support/command.ts";
import { observe, OtlpReceiver, type ReceivedSpan } from "../support/otlp.ts";
import { outsideConfig } from "../support/outside.ts";
import { HAS_SH } from "../support/scripts.ts";
import { makeFiles } from "../support/tree.ts";
import { waitUntil } from "../support/wait.ts";

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const PARENT_ID = "b7ad6b7169203331";
const TRACEPARENT = `00-${TRACE_ID}-${PARENT_ID}-01`;

/** Serves one port: the export needs no permission of its own. */
const LEAST = (share: string): string[] => [
  "--allow-net=127.0.0.1:0",
  `--allow-read=${share}`,
];

async function get(url: string, init: RequestInit = {}): Promise<string> {
  return await (await fetch(url, init)).text();
}

/** Returns the only one of some spans. */
function only(spans: ReceivedSpan[]): ReceivedSpan {
  assertEquals(spans.length, 1);
  return spans[0]!;
}

/** Returns the span of a path. */
function at(receiver: OtlpReceiver, path: string): ReceivedSpan {
  return only(
    receiver.spans.filter(({ attributes }) => attributes["url.path"] === path),
  );
}

Deno.test("a request has a span with the attributes of the conventions", async () => {
  await using tree = await makeFiles({ "share/a.txt": "alpha" });
  const share = tree.path("share");
  let port = 0;
  const received = await observe([share], async (command) => {
    ({ port } = command);
    const headers = { traceparent: TRACEPARENT, "user-agent": "probe/1" };
    const query = "x=1&Token=s3cret&%73ig=t0p&y";
    assertEquals(
      await get(command.url(`/a.txt?${query}`), { headers }),
      "alpha",
    );
  }, { permissions: LEAST(share) });
  const span = at(received, "/a.txt");
  assertObjectMatch(span, {
    scope: "@pystd/http-server",
    name: "GET",
    kind: 2,
    traceId: TRACE_ID,
    parentSpanId: PARENT_ID,
    status: 0,
    events: [],
  });
  assert(span.end > span.start);
  const { "client.port": clientPort, ...attributes } = span.attributes;
  assertEquals(attributes, {
    "http.request.method": "GET",
    "url.scheme": "http",
    "url.path": "/a.txt",
    "url.query": "x=1&Token=REDACTED&%73ig=REDACTED&y",
    "network.protocol.version": "1.1",
    "network.peer.address": "127.0.0.1",
    "network.peer.port": clientPort,
    "client.address": "127.0.0.1",
    "server.address": "127.0.0.1",
    "server.port": BigInt(port),
    "user_agent.original": "probe/1",
    "http.request.body.size": 0n,
    "http.response.body.size": 5n,
    "http.response.status_code": 200n,
  });
});

Deno.test("metrics have the names, units and boundaries of the conventions", async () => {
  await using tree = await makeFiles({ "share/a.txt": "alpha" });
  const share = tree.path("share");
  const received = await observe([share], async (command) => {
    for (let i = 0; i < 3; i++) await get(command.url("/a.txt"));
    await get(command.url("/no"));
  }, { permissions: LEAST(share) });
  const ok = {
    "http.request.method": "GET",
    "http.response.status_code": 200n,
    "network.protocol.version": "1.1",
    "url.scheme": "http",
  };
  const find = (name: string, status?: bigint) =>
    received.points.find((point) =>
      point.name === name &&
      point.attributes["http.response.status_code"] === status
    );
  const duration = find("http.server.request.duration", 200n)!;
  assertEquals(duration.attributes, ok);
  assertEquals([duration.unit, duration.count], ["s", 3n]);
  assertEquals(duration.bounds, [...DURATION_BOUNDS]);
  assert(duration.value > 0 && duration.value < 10, `${duration.value} s`);
  const missing = find("http.server.request.duration", 404n)!;
  assertEquals(missing.count, 1n);
  // A 404 is no error of the server.
  assertEquals(missing.attributes["error.type"], undefined);
  const size = find("http.server.response.body.size", 200n)!;
  assertEquals([size.unit, size.count, size.value], ["By", 3n, 15]);
  assertEquals(find("http.server.request.body.size", 200n)!.value, 0);
  const active = find("http.server.active_requests")!;
  assertEquals([active.unit, active.value], ["{request}", 0]);
  assertEquals(active.attributes, {
    "http.request.method": "GET",
    "url.scheme": "http",
  });
});

Deno.test("requests of one connection have a span each, also pipelined or bad ones", async () => {
  await using tree = await makeFiles({ "share/a.txt": "alpha" });
  const share = tree.path("share");
  const received = await observe([share], async (command) => {
    await ask(
      command.port,
      "GET /a.txt?1 HTTP/1.1\r\nHost: localhost\r\n\r\n" +
        "HEAD /a.txt?2 HTTP/1.1\r\nHost: localhost\r\n\r\n" +
        "BREW /pot HTTP/1.1\r\nHost: localhost\r\n\r\n",
    );
    await ask(
      command.port,
      "GET /ok HTTP/1.1\r\nHost: localhost\r\n\r\n" +
        "GET /bad HTTP/1.1\r\nHost: a b\r\n\r\n",
    );
  }, { permissions: LEAST(share) });
  const facts = received.spans
    .toSorted((a, b) => Number(a.start - b.start))
    .map(({ name, status, attributes, parentSpanId }) => [
      name,
      attributes["url.path"],
      attributes["http.response.status_code"],
      attributes["http.response.body.size"],
      attributes["error.type"],
      status,
      parentSpanId,
    ]);
  const size = (path: string) =>
    at(received, path).attributes["http.response.body.size"];
  assertEquals(facts, [
    ["GET", "/a.txt", 200n, 5n, undefined, 0, ""],
    ["HEAD", "/a.txt", 200n, 0n, undefined, 0, ""],
    ["HTTP", "/pot", 501n, size("/pot"), "501", 2, ""],
    ["GET", "/ok", 404n, size("/ok"), undefined, 0, ""],
    ["GET", "/bad", 400n, size("/bad"), undefined, 0, ""],
  ]);
  assertObjectMatch(at(received, "/pot").attributes, {
    "http.request.method": "_OTHER",
    "http.request.method_original": "BREW",
  });
  // Five traces: the spans have nothing in common.
  assertEquals(new Set(received.spans.map(({ traceId }) => traceId)).size, 5);
});

/** Values of `traceparent` that W3C Trace Context calls invalid. */
const INVALID_PARENTS: readonly string[] = [
  "",
  "x",
  TRACE_ID,
  `ff-${TRACE_ID}-${PARENT_ID}-01`,
  `0-${TRACE_ID}-${PARENT_ID}-01`,
  `00-${TRACE_ID.toUpperCase()}-${PARENT_ID}-01`,
  `00-${"0".repeat(32)}-${PARENT_ID}-01`,
  `00-${TRACE_ID}-${"0".repeat(16)}-01`,
  `00-${TRACE_ID}-${PARENT_ID}`,
  `00-${TRACE_ID}-${PARENT_ID}-01-more`,
  `00-${TRACE_ID}-${PARENT_ID}-zz`,
  `00-${TRACE_ID.slice(1)}-${PARENT_ID}-01`,
  `${TRACEPARENT}, ${TRACEPARENT}`,
  `${TRACEPARENT}\r\nTraceparent: 00-${PARENT_ID}${PARENT_ID}-${PARENT_ID}-01`,
  "9".repeat(7000),
];

Deno.test("an invalid traceparent begins a trace of its own", async () => {
  await using tree = await makeFiles({ "share/a.txt": "alpha" });
  const share = tree.path("share");
  const received = await observe([share], async (command) => {
    for (const [i, parent] of INVALID_PARENTS.entries()) {
      const [answer] = await ask(
        command.port,
        `GET /a.txt?${i} HTTP/1.1\r\nHost: localhost\r\n` +
          `Traceparent: ${parent}\r\nConnection: close\r\n\r\n`,
      );
      assertEquals(answer!.status, 200, parent);
    }
  }, { permissions: LEAST(share) });
  const { spans } = received;
  assertEquals(spans.length, INVALID_PARENTS.length);
  for (const { traceId, parentSpanId, attributes } of spans) {
    const value = INVALID_PARENTS[Number(attributes["url.query"])];
    assert(
      traceId !== TRACE_ID && /^(?!0+$)[0-9a-f]{32}$/.test(traceId),
      value,
    );
    assertEquals(parentSpanId, "", value);
  }
  const ids = new Set(spans.map(({ traceId }) => traceId));
  assertEquals(ids.size, spans.length);
});

Deno.test("a span ends with error.type if the client disconnects within the response", async () => {
  await using tree = await makeFiles({});
  const share = tree.path("share");
  await Deno.mkdir(share);
  const size = 64 * 2 ** 20;
  const file = await Deno.create(tree.path("share", "big"));
  await file.truncate(size);
  file.close();
  const received = await observe([share], async (command) => {
    const client = await Deno.connect({
      hostname: "127.0.0.1",
      port: command.port,
    });
    await client.write(
      encodeLatin1("GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    );
    await client.read(new Uint8Array(1024));
    client.close();
    await get(command.url("/no"));
  }, { permissions: LEAST(share) });
  const { status, attributes } = at(received, "/big");
  assertEquals(attributes["http.response.status_code"], 200n);
  assertMatch(`${attributes["error.type"]}`, /^(BrokenPipe|ConnectionReset)$/);
  assert(attributes["http.response.body.size"] as bigint < size);
  // The client's fault.
  assertEquals(status, 0);
});

Deno.test("a span ends with error.type if the client disconnects within an upload", async () => {
  await using tree = await makeFiles({ "share/a.txt": "alpha" });
  const share = tree.path("share");
  const received = await observe(["--upload", share], async (command) => {
    const client = await Deno.connect({
      hostname: "127.0.0.1",
      port: command.port,
    });
    const head = "PUT /b.txt HTTP/1.1\r\nHost: localhost\r\n" +
      "Content-Length: 9\r\n\r\n";
    await client.write(encodeLatin1(`${head}part`));
    // The server has read the part when the file for it exists.
    await waitUntil(() => [...Deno.readDirSync(share)].length === 2);
    client.close();
    await waitUntil(() => [...Deno.readDirSync(share)].length === 1);
  }, { permissions: [...LEAST(share), `--allow-write=${share}`] });
  const { attributes, spanId } = at(received, "/b.txt");
  assertMatch(
    `${attributes["error.type"]}`,
    /^(UnexpectedEof|ConnectionReset|BrokenPipe)$/,
  );
  const part = only(received.named("upload"));
  assertEquals([part.parentSpanId, part.status], [spanId, 2]);
});

Deno.test("--trusted-proxy decides about client.address and url.scheme", async () => {
  await using tree = await makeFiles({ "share/a.txt": "alpha" });
  const share = tree.path("share");
  const headers = {
    "x-forwarded-for": "192.0.2.7",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "files.example",
  };
  const args: [args: string[], expected: Record<string, unknown>][] = [
    [["--trusted-proxy=127.0.0.1", "--allow-host=files.example"], {
      "client.address": "192.0.2.7",
      "client.port": undefined,
      "network.peer.address": "127.0.0.1",
      "url.scheme": "https",
      "server.address": "files.example",
      "server.port": 443n,
    }],
    [[], { "client.address": "127.0.0.1", "url.scheme": "http" }],
  ];
  for (const [more, expected] of args) {
    const received = await observe([...more, share], async (command) => {
      await get(command.url("/a.txt"), { headers });
    }, { permissions: LEAST(share) });
    const { attributes } = at(received, "/a.txt");
    for (const [name, value] of Object.entries(expected)) {
      assertEquals(attributes[name], value, name);
    }
  }
});

Deno.test({
  name: "a CGI script has a child span, and continues its trace",
  ignore: !HAS_SH,
  async fn() {
    await using tree = await makeFiles({
      "share/cgi-bin/env.sh":
        "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\n" +
        'printf "%s %s" "$HTTP_TRACEPARENT" "$HTTP_TRACESTATE"\nexit 3\n',
      "share/cgi-bin/bad.sh": "#!/bin/sh\n",
    });
    const share = tree.path("share");
    const scripts = ["env.sh", "bad.sh"].map((name) =>
      tree.path("share", "cgi-bin", name)
    );
    for (const script of scripts) await Deno.chmod(script, 0o755);
    let told = "";
    const received = await observe(["--cgi", share], async (command) => {
      const headers = { traceparent: TRACEPARENT, tracestate: "vendor=1" };
      told = await get(command.url("/cgi-bin/env.sh?q"), { headers });
      await get(command.url("/cgi-bin/bad.sh"));
    }, {
      permissions: [...LEAST(share), `--allow-run=${scripts.join(",")}`],
    });
    const server = only(received.named("GET /cgi-bin/env.sh"));
    const [cgi, failed] = received.named("cgi");
    assertEquals(server.parentSpanId, PARENT_ID);
    assertEquals(server.attributes["http.route"], "/cgi-bin/env.sh");
    assertObjectMatch(cgi!, {
      kind: 1,
      traceId: TRACE_ID,
      parentSpanId: server.spanId,
      attributes: {
        "cgi.script_name": "/cgi-bin/env.sh",
        "process.exit.code": 3n,
      },
    });
    assertEquals(told, `00-${TRACE_ID}-${cgi!.spanId}-01 vendor=1`);
    const broken = only(received.named("GET /cgi-bin/bad.sh"));
    assertEquals(failed!.parentSpanId, broken.spanId);
    assertEquals(broken.attributes["error.type"], "502");
    assertEquals(broken.status, 2);
  },
});

Deno.test("uploads, archives, listings, searches and hashes have child spans", async () => {
  await using tree = await makeFiles({ "share/a/b.txt": "beta" });
  const share = tree.path("share");
  const args = ["--upload", "--archive", "--hash", "--health=/up", share];
  const received = await observe(args, async (command) => {
    await get(command.url("/c.txt"), { method: "PUT", body: "gamma" });
    await get(command.url("/a/?archive=zip"));
    await get(command.url("/a/?search=b"));
    await get(command.url("/a/"));
    await get(command.url("/a/b.txt?sha256"));
    await get(command.url("/up"));
  }, { permissions: [...LEAST(share), `--allow-write=${share}`] });
  const parts = received.spans.filter(({ kind }) => kind === 1);
  const facts = parts.map(({ name, parentSpanId }) => {
    const parent = received.spans.find(({ spanId }) => spanId === parentSpanId);
    return [name, parent?.kind === 2 ? parent.name : parent?.parentSpanId];
  });
  const [, , , listing] = parts;
  assertEquals(facts, [
    ["upload", "PUT"],
    ["archive", "GET"],
    ["search", parts.find(({ name }) => name === "listing")!.parentSpanId],
    ["listing", "GET"],
    ["listing", "GET"],
    ["hash", "GET"],
  ]);
  assertEquals(listing!.status, 0);
  const put = only(received.named("PUT"));
  assertObjectMatch(put.attributes, {
    "http.request.body.size": 5n,
    "http.response.status_code": 201n,
  });
  assertEquals(received.named("GET /up").length, 1);
});

Deno.test("a fetch handler runs in the context of the span, and gets its traceparent", async () => {
  const program = `
import { trace } from "@opentelemetry/api";
import { FetchHTTPRequestHandler } from "@pystd/http-server/fetch";
import { ThreadingHTTPServer } from "@pystd/http-server/server";
import { openTelemetry } from "@pystd/http-server/telemetry";

const telemetry = await openTelemetry({ redact: ["Secret"] });
class Handler extends FetchHTTPRequestHandler {
  static override observers = [telemetry];
  override logMessage(): void {}
}
await using httpd = new ThreadingHTTPServer(
  ["127.0.0.1", 0],
  Handler.with({
    async handler(request) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (new URL(request.url).pathname === "/throw") throw new RangeError("x");
      trace.getTracer("own").startSpan("inside").end();
      return new Response(request.headers.get("traceparent"));
    },
  }),
);
console.log(\`On port \${httpd.serverPort} now\`);
const stop = new AbortController();
Deno.addSignalListener("SIGINT", () => stop.abort());
await httpd.serveForever({ signal: stop.signal });
Deno.exit(0);
`;
  await using tree = await makeFiles({
    "deno.json": outsideConfig(),
    "program.ts": program,
  });
  let told = "";
  const received = await observe([], async (command) => {
    told = await get(command.url("/a?secret=1"));
    await get(command.url("/throw"));
  }, {
    module: tree.path("program.ts"),
    cwd: tree.root,
    permissions: ["--allow-net=127.0.0.1"],
  });
  const server = at(received, "/a");
  assertEquals(server.attributes["url.query"], "secret=REDACTED");
  assertEquals(told, `00-${server.traceId}-${server.spanId}-01`);
  assertEquals(only(received.named("inside")).parentSpanId, server.spanId);
  const thrown = at(received, "/throw");
  assertEquals(thrown.attributes["http.response.status_code"], 500n);
  assertEquals(thrown.attributes["error.type"], "RangeError");
  assertEquals([thrown.status, thrown.events], [2, ["exception"]]);
});

Deno.test("the default protocol of the export, protobuf, has the same", async () => {
  await using tree = await makeFiles({ "share/a.txt": "alpha" });
  const share = tree.path("share");
  const received = await observe(
    [share],
    async (command) => {
      await get(command.url("/a.txt"), {
        headers: { traceparent: TRACEPARENT },
      });
    },
    { permissions: LEAST(share) },
    "http/protobuf",
  );
  assertEquals([...received.types], ["application/x-protobuf"]);
  const span = at(received, "/a.txt");
  assertObjectMatch(span, {
    name: "GET",
    kind: 2,
    traceId: TRACE_ID,
    parentSpanId: PARENT_ID,
    attributes: {
      "http.response.status_code": 200n,
      "http.response.body.size": 5n,
      "url.scheme": "http",
    },
  });
  const duration = received.points.find(({ name }) =>
    name === "http.server.request.duration"
  )!;
  assertEquals([duration.unit, duration.count], ["s", 1n]);
});

Deno.test("the threads of --workers are observed", async () => {
  await using tree = await makeFiles({ "share/a.txt": "alpha" });
  const share = tree.path("share");
  await using receiver = new OtlpReceiver();
  {
    await using command = await startCommand(["--workers=2", share], {
      permissions: [
        "--unstable-net",
        "--allow-net=127.0.0.1",
        `--allow-read=${share},${ROOT}`,
      ],
      env: { ...receiver.env(), OTEL_BSP_SCHEDULE_DELAY: "50" },
    });
    for (let i = 0; i < 8; i++) {
      await ask(
        command.port,
        `GET /${i} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
      );
    }
    await waitUntil(() => receiver.spans.length === 8);
    await command.stop();
  }
  const counts = receiver.points
    .filter(({ name }) => name === "http.server.request.duration")
    .map(({ count }) => count);
  assertEquals(counts, [8n]);
});
