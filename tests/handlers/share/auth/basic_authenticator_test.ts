// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import {
  BasicAuthenticator,
  type BasicAuthenticatorOptions,
} from "../../../../handlers/share/auth/basic_authenticator.ts";
import {
  plainVerifier,
  type Users,
} from "../../../../handlers/share/auth/passwords.ts";
import { Uploads } from "../../../../handlers/share/upload/uploads.ts";
import type { ShareHTTPRequestHandler } from "../../../../handlers/share.ts";
import { field } from "../../../support/answers.ts";
import { ask, RawClient } from "../../../support/client.ts";
import { serveTree, type Sharing } from "../../../support/sharing.ts";
import { makeTree } from "../../../support/tree.ts";

const ANN: Users = new Map([["ann", plainVerifier("secret")]]);
const UP: Users = new Map([["up", plainVerifier("load")]]);

async function serve(options: BasicAuthenticatorOptions): Promise<Sharing> {
  const tree = await makeTree([
    { path: "a.txt", type: "file", content: "a" },
    { path: "sub/b.txt", type: "file", content: "b" },
  ]);
  return serveTree(tree, {
    auth: new BasicAuthenticator(options),
    uploads: new Uploads(tree.root),
  });
}

function basic(user: string, password: string): string {
  return `Authorization: Basic ${btoa(`${user}:${password}`)}\r\n`;
}

async function statusOf(
  sharing: Sharing,
  line: string,
  fields: string,
): Promise<number | undefined> {
  const length = line.startsWith("P") ? "Content-Length: 1\r\n" : "";
  const [answer] = await ask(
    sharing.port,
    `${line} HTTP/1.1\r\nHost: a\r\n${fields}${length}\r\n${length && "1"}`,
  );
  return answer?.status;
}

Deno.test("BasicAuthenticator answers every path with the same 401 without credentials", async () => {
  await using sharing = await serve({ users: ANN });
  const lines = [
    "GET /a.txt",
    "HEAD /a.txt",
    "GET /",
    "GET /sub",
    "GET /none",
    "GET /%00",
    "PUT /new",
    "PUT /a.txt",
    "POST /",
    "MKCOL /new",
    "OPTIONS /a.txt",
    "SPAM /a.txt",
    "GET /?format=json",
  ];
  const seen = new Set<string>();
  for (const line of lines) {
    const [answer] = await ask(
      sharing.port,
      `${line} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    );
    assertEquals(answer?.status, 401, line);
    const challenge = answer!.fields.find(([name]) =>
      name === "WWW-Authenticate"
    );
    assertEquals(challenge?.[1], 'Basic realm="files", charset="UTF-8"');
    const names = answer!.fields.map(([name]) => name).join();
    seen.add(line.startsWith("HEAD") ? names : `${names}\n${answer!.body}`);
  }
  assertEquals(seen.size, 2);
  assertEquals(sharing.list(), ["a.txt", "sub/", "sub/b.txt"]);
});

Deno.test("BasicAuthenticator tells readers from uploaders", async () => {
  const ann = basic("ann", "secret");
  const up = basic("up", "load");
  const both = { users: ANN, uploaders: UP };
  const table: [BasicAuthenticatorOptions, string, get: number, put: number][] =
    [
      [{ users: ANN }, "", 401, 401],
      [{ users: ANN }, ann, 200, 201],
      [{ users: ANN }, up, 401, 401],
      [{ uploaders: UP }, "", 200, 401],
      [{ uploaders: UP }, up, 200, 201],
      [{ uploaders: UP }, ann, 401, 401],
      [both, "", 401, 401],
      [both, ann, 200, 401],
      [both, up, 200, 201],
      [both, "Authorization: Bearer x\r\n", 401, 401],
      [both, "Authorization: Basic !\r\n", 401, 401],
      [both, ann + ann, 401, 401],
    ];
  for (const [options, fields, get, put] of table) {
    await using sharing = await serve(options);
    const statuses = [
      await statusOf(sharing, "GET /a.txt", fields),
      await statusOf(sharing, "PUT /new", fields),
    ];
    assertEquals(statuses, [get, put], fields + Object.keys(options));
    assertEquals(await sharing.read("new"), put === 201 ? "1" : undefined);
  }
});

Deno.test("BasicAuthenticator lets a reader sign in to upload", async () => {
  const ann = basic("ann", "secret");
  const up = basic("up", "load");
  const signIn = ">Sign in to add files</button>";
  const table: [BasicAuthenticatorOptions, string, page: string][] = [
    [{ uploaders: UP }, "", "anonymous"],
    [{ uploaders: UP }, up, "uploader"],
    [{ users: ANN, uploaders: UP }, ann, "reader"],
    [{ users: ANN }, ann, "uploader"],
  ];
  for (const [options, fields, who] of table) {
    await using sharing = await serve(options);
    const get = async (path: string) => {
      const head = `GET ${path} HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\n`;
      const [answer] = await ask(sharing.port, `${head}${fields}\r\n`);
      return answer;
    };
    const { body } = await get("/sub/");
    assertEquals(body.includes('id="upload"'), who === "uploader", who);
    assertEquals(body.includes(signIn), who !== "uploader", who);
    if (options.uploaders === undefined) continue;
    const answer = await get("/?login=%2Fsub%2F");
    if (who === "uploader") {
      assertEquals(answer.status, 303);
      assertEquals(field(answer, "location"), "./sub/");
    } else {
      assertEquals(answer.status, 401);
      assert(field(answer, "www-authenticate")?.includes('realm="uploads"'));
    }
  }
});

Deno.test("BasicAuthenticator leads nowhere else after signing in", async () => {
  await using sharing = await serve({ uploaders: UP });
  const targets: [string, string][] = [
    ["", "./"],
    ["https://evil.example/", "./https%3A/evil.example/"],
    ["//evil.example", "./evil.example/"],
    ["/../../a", "./a/"],
    ["\\\\evil.example", "./%5C%5Cevil.example/"],
    ["a\r\nSet-Cookie: b", "./a%0D%0ASet-Cookie%3A%20b/"],
  ];
  for (const [login, wanted] of targets) {
    const [answer] = await ask(
      sharing.port,
      `GET /?login=${encodeURIComponent(login)} HTTP/1.1\r\nHost: a\r\n` +
        `${basic("up", "load")}\r\n`,
    );
    assertEquals([answer.status, field(answer, "location")], [303, wanted]);
  }
});

Deno.test("BasicAuthenticator sends a 401 before the body", async () => {
  await using sharing = await serve({ users: ANN });
  const answers = await ask(
    sharing.port,
    "PUT /new HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n" +
      "Content-Length: 9\r\n\r\n",
  );
  assertEquals(answers.map(({ status }) => status), [401]);
});

Deno.test("BasicAuthenticator verifies repeated credentials once", async () => {
  let calls = 0;
  const users: Users = new Map([["ann", async (password) => {
    calls++;
    await Promise.resolve();
    return password === "secret";
  }]]);
  await using sharing = await serve({ users });
  const ann = basic("ann", "secret");
  const get = () => statusOf(sharing, "GET /a.txt", ann);
  const first = await Promise.all([get(), get(), get(), get()]);
  assertEquals([...first, await get()], [200, 200, 200, 200, 200]);
  assertEquals(calls, 1);
  // An unknown user takes a verification, too.
  assertEquals(await statusOf(sharing, "GET /", basic("bob", "secret")), 401);
  assertEquals(calls, 2);
});

Deno.test("BasicAuthenticator delays failures, and then pauses", async () => {
  await using sharing = await serve({ users: ANN });
  assertEquals(await statusOf(sharing, "GET /", basic("ann", "secret")), 200);
  const start = performance.now();
  const tries = Array.from(
    { length: 14 },
    (_, i) => statusOf(sharing, "GET /a.txt", basic("ann", `wrong${i}`)),
  );
  const statuses = (await Promise.all(tries)).sort();
  assertEquals(statuses, [...Array(10).fill(401), ...Array(4).fill(429)]);
  assert(performance.now() - start >= 1900);
  const [answer] = await ask(
    sharing.port,
    `GET /a.txt HTTP/1.1\r\nHost: a\r\n${basic("ann", "other")}\r\n`,
  );
  const retry = answer!.fields.find(([name]) => name === "Retry-After")?.[1];
  assert(Number(retry) > 50 && Number(retry) <= 60);
  // Remembered credentials still pass.
  assertEquals(await statusOf(sharing, "GET /", basic("ann", "secret")), 200);
});

Deno.test("BasicAuthenticator keeps passwords out of the log", async () => {
  await using sharing = await serve({ users: ANN });
  await using client = await RawClient.connect(sharing.port);
  const fields = basic("ann", "hunter2") + basic("ann", "hunter2");
  await client.send(
    `GET / HTTP/1.1\r\nHost: a\r\n${basic("ann", "hunter2")}\r\n`,
  );
  await client.waitFor(() => client.received.includes("\r\n\r\n"));
  await client.send(`GET / HTTP/1.1\r\nHost: a\r\n${fields}\r\n`);
  await client.waitFor(() => client.received.split("401 ").length > 3);
  const log = sharing.server.log(client.localPort).join("\n");
  assert(log.includes("Wrong credentials"));
  assert(!log.includes("hunter2") && !log.includes(btoa("ann:hunter2")));
});

Deno.test("BasicAuthenticator lets preflights pass with CORS", async () => {
  for (const preflight of [true, false]) {
    await using sharing = await serve({ users: ANN, preflight });
    const fields = "Origin: http://b\r\nAccess-Control-Request-Method: PUT\r\n";
    const asked = await statusOf(sharing, "OPTIONS /a.txt", fields);
    assertEquals(asked === 401, !preflight);
    assertEquals(await statusOf(sharing, "OPTIONS /a.txt", ""), 401);
  }
});

Deno.test("BasicAuthenticator limits how many passwords are verified at once", async () => {
  const enough = Promise.withResolvers<void>();
  const users: Users = new Map([["ann", async () => {
    await enough.promise;
    return true;
  }]]);
  // Each address has ten attempts; a right password does not count.
  const feature = new BasicAuthenticator({ users });
  const waiting = Array.from(
    { length: 32 },
    (_, i) => feature.handle(asker(`192.0.2.${i}`, i, [])),
  );
  const told: unknown[][] = [];
  assertEquals(await feature.handle(asker("192.0.2.99", 99, told)), true);
  assertEquals(told[0], [503]);
  assertEquals(told.filter(([name]) => name === "Retry-After"), [
    ["Retry-After", "1"],
  ]);
  enough.resolve();
  assertEquals(await Promise.all(waiting), Array(32).fill(false));
});

Deno.test("BasicAuthenticator remembers the last 1000 right credentials", async () => {
  let calls = 0;
  const users: Users = new Map([["ann", () => {
    calls++;
    return true;
  }]]);
  const feature = new BasicAuthenticator({ users });
  const ask = async (i: number) =>
    await feature.handle(asker("192.0.2.1", i, []));
  for (let i = 0; i < 1001; i++) assertEquals(await ask(i), false);
  assertEquals(calls, 1001);
  await ask(1000);
  assertEquals(calls, 1001);
  await ask(0);
  assertEquals(calls, 1002);
});

Deno.test("BasicAuthenticator sends errors in the client's form", async () => {
  await using sharing = await serve({ users: ANN });
  const headers = { Accept: "application/json" };
  const { status, text } = await sharing.fetch("/", { headers });
  assertEquals(status, 401);
  assertEquals(JSON.parse(text), {
    error: { status: 401, message: "Unauthorized" },
  });
});

Deno.test("BasicAuthenticator hashes no password that is too long", async () => {
  const lengths: number[] = [];
  const users: Users = new Map([["ann", (password) => {
    lengths.push(password.length);
    return true;
  }]]);
  await using sharing = await serve({ users });
  const table: [user: number, password: number, status: number][] = [
    [3, 1024, 200],
    [3, 1025, 401],
    [1025, 1, 401],
    [3, 40_000, 401],
  ];
  for (const [user, password, status] of table) {
    const name = user === 3 ? "ann" : "a".repeat(user);
    const fields = basic(name, "x".repeat(password));
    assertEquals(
      await statusOf(sharing, "GET /", fields),
      status,
      `${password}`,
    );
  }
  assertEquals(lengths, [1024]);
});

Deno.test("BasicAuthenticator pauses only the user and the client that failed", async () => {
  const users: Users = new Map([
    ["ann", plainVerifier("secret")],
    ["bob", plainVerifier("other")],
  ]);
  const feature = new BasicAuthenticator({ users });
  const told = async (address: string, user: string, password: string) => {
    const lines: unknown[][] = [];
    const handler = asker(address, 0, lines, basic(user, password));
    return await feature.handle(handler) ? lines[0]![0] : 200;
  };
  // Her credentials were right from this address before.
  assertEquals(await told("192.0.2.1", "ann", "secret"), 200);
  const wrong = Array.from({ length: 12 }, (_, i) => i).map((i) =>
    told("192.0.2.1", "ann", `wrong${i}`)
  );
  const statuses = (await Promise.all(wrong)).sort();
  assertEquals(statuses, [...Array(10).fill(401), 429, 429]);
  // A stranger at the same address locks nobody out.
  assertEquals(await told("192.0.2.1", "ann", "secret"), 200);
  assertEquals(await told("192.0.2.1", "bob", "other"), 200);
  assertEquals(await told("192.0.2.2", "ann", "secret"), 200);
  // A right guess during the pause is not confirmed.
  const guesses = Array.from({ length: 10 }, (_, i) => i).map((i) =>
    told("192.0.2.3", "ann", `wrong${i}`)
  );
  await Promise.all(guesses);
  assertEquals(await told("192.0.2.3", "ann", "secret"), 429);
});

Deno.test("BasicAuthenticator counts by clientKey, by default the address in the log", async () => {
  class ByKey extends BasicAuthenticator {
    override clientKey(handler: ShareHTTPRequestHandler): string {
      return handler.field("x-key") ?? super.clientKey(handler);
    }
  }
  const handler = asker("2001:db8::1", 0, []);
  const same = asker("2001:db8::ffff", 0, []);
  const other = asker("2001:db8:0:1::1", 0, []);
  const basicKey = (one: ShareHTTPRequestHandler) =>
    new BasicAuthenticator({}).clientKey(one);
  assertEquals(basicKey(handler), basicKey(same));
  assert(basicKey(handler) !== basicKey(other));
  const keys: string[] = [];
  const throttle = {
    begin({ client }: { client: string }) {
      keys.push(client);
      return { pause: 1000, delay: 0 };
    },
    succeed() {},
  };
  const users = ANN;
  await new ByKey({ users, throttle }).handle(handler);
  assertEquals(keys, [basicKey(handler)]);
});

/** A request without a connection; its response is added to `told`. */
function asker(
  address: string,
  password: number,
  told: unknown[][],
  credentials: string = basic("ann", `${password}`),
): ShareHTTPRequestHandler {
  const fields = new Map([["authorization", credentials.slice(15).trim()]]);
  return {
    command: "GET",
    addressString: () => address,
    logError: () => {},
    headers: new Headers(),
    field: (name: string) => fields.get(name),
    sendResponse: (status: number) => told.push([status]),
    sendHeader: (...field: unknown[]) => told.push(field),
    keepsConnectionAfterError: () => true,
    rfile: { ended: true },
    endHeaders: () => {},
    wfile: { write: () => {} },
  } as unknown as ShareHTTPRequestHandler;
}
