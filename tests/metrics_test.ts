// Copyright 2026 the pystd authors. MIT license.

/** `--metrics`, as Prometheus scrapes it. */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { assertStringIncludes } from "@std/assert/string-includes";
import { ask } from "./support/client.ts";
import {
  isInstalled,
  ROOT,
  runToEnd,
  startCommand,
} from "./support/command.ts";
import { makeFiles } from "./support/tree.ts";

const REQUEST = "\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/** Returns the samples of metrics by their names and labels. */
function samples(text: string): Map<string, number> {
  const lines = text.split("\n").filter((line) => /^[^#]/.test(line));
  return new Map(lines.map((line) => {
    const at = line.lastIndexOf(" ");
    return [line.slice(0, at), Number(line.slice(at + 1))];
  }));
}

/** Returns the name and labels of a sample of the duration. */
function duration(kind: string, method: string, status: number): string {
  return `http_server_request_duration_seconds_${kind}` +
    `{http_request_method="${method}",http_response_status_code="${status}",` +
    `network_protocol_version="1.1",url_scheme="http"}`;
}

async function scrape(url: string): Promise<string> {
  const response = await fetch(url);
  const text = await response.text();
  assertEquals(response.status, 200, text);
  assertEquals(
    response.headers.get("content-type"),
    "text/plain; version=0.0.4; charset=utf-8",
  );
  assertEquals(response.headers.get("cache-control"), "no-store");
  return text;
}

for (const flags of [[], ["--plain"], ["--cgi"]]) {
  Deno.test(`--metrics counts requests and sizes ${flags}`, async () => {
    await using tree = await makeFiles({ "share/a.txt": "alpha" });
    const share = tree.path("share");
    await using command = await startCommand(
      ["--metrics=/stats/now", ...flags, share],
      { permissions: ["-NR", "--allow-run"] },
    );
    await command.says(/^Metrics for Prometheus are at \/stats\/now\.$/m);
    for (let i = 0; i < 3; i++) {
      await (await fetch(command.url("/a.txt"))).text();
    }
    await (await fetch(command.url("/no"))).text();
    await ask(command.port, `BREW /pot HTTP/1.1${REQUEST}`);
    await ask(command.port, `HEAD /stats/now HTTP/1.1${REQUEST}`);
    const text = await scrape(command.url("/stats/now?x"));
    const found = samples(text);
    assertEquals(found.get(duration("count", "GET", 200)), 3);
    assertEquals(found.get(duration("count", "GET", 404)), 1);
    const brew = found.get(duration("count", "_OTHER", 501));
    assertEquals(brew, 1);
    assertEquals(found.get(duration("count", "HEAD", 200)), 1);
    const sum = found.get(duration("sum", "GET", 200))!;
    assert(sum > 0 && sum < 10, `${sum} s`);
    const bucket = duration("bucket", "GET", 200).replace("}", ',le="+Inf"}');
    assertEquals(found.get(bucket), 3);
    const ofSize = (kind: string): string =>
      duration(kind, "GET", 200).replace(
        "request_duration_seconds",
        "response_body_size_bytes",
      );
    assertEquals(found.get(ofSize("sum")), 15);
    const small = ofSize("bucket").replace("}", ',le="1024"}');
    const none = ofSize("bucket").replace("}", ',le="0"}');
    assertEquals([found.get(small), found.get(none)], [3, 0]);
    // The scrape itself.
    const active = "http_server_active_requests" +
      '{http_request_method="GET",url_scheme="http"}';
    assertEquals(found.get(active), 1);
    assert(found.get("process_resident_memory_bytes")! > 2 ** 20);
    const started = found.get("process_start_time_seconds")!;
    assert(Math.abs(Date.now() / 1000 - started) < 60, `${started}`);
    const used = found.get("process_cpu_seconds_total")!;
    assert(used > 0 && used < 60, `${used} s`);
    assertMatch(text, /^# TYPE process_cpu_seconds_total counter$/m);
    assert(!text.includes("/a.txt") && !text.includes("BREW"));
  });
}

Deno.test("--metrics asks for the password of --auth, --health does not", async () => {
  await using tree = await makeFiles({ "share/a.txt": "alpha" });
  await using command = await startCommand([
    "--metrics=/metrics",
    "--health=/health",
    "--auth=ann:secret",
    tree.path("share"),
  ]);
  const status = async (path: string, init?: RequestInit): Promise<number> => {
    const response = await fetch(command.url(path), init);
    await response.body?.cancel();
    return response.status;
  };
  const headers = { authorization: `Basic ${btoa("ann:secret")}` };
  assertEquals(await status("/metrics"), 401);
  assertEquals(await status("/%6detrics"), 401);
  assertEquals(await status("/health"), 200);
  assertEquals(await status("/%68ealth"), 200);
  assertEquals(await status("/metrics", { headers }), 200);
  // Only these methods, and only this path.
  assertEquals(await status("/metrics", { headers, method: "DELETE" }), 501);
  assertEquals(await status("/metrics/x", { headers }), 404);
});

Deno.test("--allow leaves the metrics to one user", async () => {
  await using tree = await makeFiles({ "share/a.txt": "alpha" });
  await using command = await startCommand([
    "--metrics=/metrics",
    "--auth=ann:secret",
    "--auth=prometheus:scrape",
    "--allow=prometheus /metrics read",
    tree.path("share"),
  ]);
  const status = async (user: string, path: string): Promise<number> => {
    const headers = { authorization: `Basic ${btoa(user)}` };
    const response = await fetch(command.url(path), { headers });
    await response.body?.cancel();
    return response.status;
  };
  for (const path of ["/metrics", "/%6detrics", "//metrics"]) {
    assertEquals(await status("prometheus:scrape", path), 200, path);
    assertEquals(await status("ann:secret", path), 403, path);
  }
});

Deno.test("a link of --link opens the files, not the metrics", async () => {
  await using tree = await makeFiles({ "share/a.txt": "alpha" });
  await using command = await startCommand([
    "--metrics=/metrics",
    "--auth=ann:secret",
    "--link=/",
    tree.path("share"),
  ]);
  const [, token] = await command.says(/\?link=(\S+)/);
  const status = async (url: string, init?: RequestInit): Promise<number> => {
    const response = await fetch(url, init);
    await response.body?.cancel();
    return response.status;
  };
  assertEquals(await status(command.url(`/a.txt?link=${token}`)), 200);
  assertEquals(await status(command.url(`/metrics?link=${token}`)), 404);
  const page = await fetch(command.url(`/?link=${token}`));
  await page.body?.cancel();
  const [cookie] = page.headers.get("set-cookie")!.split(";");
  const init = { headers: { cookie: cookie! } };
  assertEquals(await status(command.url("/a.txt"), init), 200);
  assertEquals(await status(command.url("/metrics"), init), 404);
});

Deno.test("--metrics with --prefix, and a file of the same name", async () => {
  await using tree = await makeFiles({ "share/metrics": "my own file" });
  const share = tree.path("share");
  {
    await using command = await startCommand(
      ["--metrics=/metrics", "--prefix=/files", share],
    );
    const [, hidden] = await command.says(
      /^Warning: --metrics answers \/metrics, and hides the file "(.*)"\.$/m,
    );
    assertEquals(hidden, tree.path("share", "metrics"));
    await scrape(command.url("/files/metrics"));
    // The file is hidden in each spelling.
    await scrape(command.url("/files/%6detrics"));
    await scrape(command.url("/files//metrics"));
    const response = await fetch(command.url("/metrics"));
    await response.body?.cancel();
    assertEquals(response.status, 404);
  }
  await using command = await startCommand([share]);
  assertEquals(
    await (await fetch(command.url("/metrics"))).text(),
    "my own file",
  );
});

Deno.test("--metrics takes a path, another one than --health", async () => {
  const wrong: [args: string[], message: string][] = [
    [["--metrics=metrics"], 'Invalid value for "--metrics": expected a path'],
    [["--metrics=/"], 'Invalid value for "--metrics": expected a path'],
    [
      ["--metrics=/x", "--health=/x"],
      'Options "--health" and "--metrics" need different paths, not both "/x"',
    ],
  ];
  for (const [args, message] of wrong) {
    const { code, stderr } = await runToEnd(args, { permissions: [] });
    assertEquals(code, 2);
    assertStringIncludes(stderr, message);
  }
});

Deno.test("--metrics adds up the threads of --workers", async () => {
  await using tree = await makeFiles({ "share/a.txt": "alpha" });
  const share = tree.path("share");
  await using command = await startCommand(
    ["--metrics=/metrics", "--workers=3", share],
    {
      permissions: [
        "--unstable-net",
        "--allow-net=127.0.0.1",
        `--allow-read=${share},${ROOT}`,
      ],
    },
  );
  for (let i = 0; i < 30; i++) {
    await ask(command.port, `GET /a.txt HTTP/1.1${REQUEST}`);
  }
  // Whichever thread answers.
  let used = 0;
  for (let i = 0; i < 6; i++) {
    const [answer] = await ask(command.port, `GET /metrics HTTP/1.1${REQUEST}`);
    const found = samples(answer!.body);
    assertEquals(found.get(duration("count", "GET", 200)), 30 + i);
    // Of the process, not of a thread: a counter never goes back.
    const now = found.get("process_cpu_seconds_total")!;
    assert(now >= used && now > 0, `${used} s, then ${now} s`);
    used = now;
  }
});

Deno.test({
  name: "promtool finds nothing to improve in the metrics",
  ignore: !isInstalled("promtool"),
  async fn() {
    await using tree = await makeFiles({ "share/a.txt": "alpha" });
    await using command = await startCommand(
      ["--metrics=/metrics", tree.path("share")],
    );
    await (await fetch(command.url("/a.txt"))).text();
    const text = await scrape(command.url("/metrics"));
    assertMatch(text, /\{.*le="\+Inf"\} 1\n/);
    await using check = new Deno.Command("promtool", {
      args: ["check", "metrics"],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = check.stdin.getWriter();
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
    const { code, stdout, stderr } = await check.output();
    const decoder = new TextDecoder();
    assertEquals(
      [code, decoder.decode(stdout), decoder.decode(stderr)],
      [0, "", ""],
    );
  },
});
