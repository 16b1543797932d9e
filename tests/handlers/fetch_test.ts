// Copyright 2026 the pystd authors. MIT license.

/**
 * Fetch handlers over sockets, by the bytes on the wire.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import {
  type FetchHandler,
  FetchHTTPRequestHandler,
} from "../../handlers/fetch.ts";
import { ThreadingHTTPServer } from "../../server.ts";
import { respond } from "../../testing.ts";
import { field } from "../support/answers.ts";
import { ask } from "../support/client.ts";
import { TestServer } from "../support/server.ts";

function pieces(...texts: string[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  return ReadableStream.from(texts.map((text) => encoder.encode(text)));
}

/** A request, a fetch handler, and the expected response on the wire. */
const FETCH_CASES: {
  name: string;
  request: string;
  handler: FetchHandler;
  status: number;
  body?: string;
  head?: [name: string, value: string | undefined][];
}[] = [
  {
    name: "text is sent with its length",
    request: "GET /a?b HTTP/1.1\r\nHost: h:1\r\n\r\n",
    handler: ({ method, url }) => new Response(`${method} ${url}\n`),
    status: 200,
    body: "GET http://h:1/a?b\n",
    head: [["content-length", "19"], ["transfer-encoding", undefined]],
  },
  {
    name: "unescaped octets are percent-encoded",
    request: "GET /\xc3\xa9?\xe9 HTTP/1.1\r\nHost: h\r\n\r\n",
    handler: ({ url }) => new Response(url),
    status: 200,
    body: "http://h/%C3%A9?%E9",
  },
  {
    name: "a stream is sent in chunks",
    request: "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    handler: () => new Response(pieces("one ", "two ", "three")),
    status: 200,
    body: "one two three",
    head: [["transfer-encoding", "chunked"]],
  },
  {
    name: "a stream ends with the connection over HTTP/1.0",
    request: "GET / HTTP/1.0\r\n\r\n",
    handler: () => new Response(pieces("one ", "two ", "three")),
    status: 200,
    body: "one two three",
    head: [["transfer-encoding", undefined]],
  },
  {
    name: "a stream with a length keeps it",
    request: "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    handler: () =>
      new Response(pieces("ab", "c"), { headers: { "content-length": "3" } }),
    status: 200,
    body: "abc",
    head: [["content-length", "3"]],
  },
  {
    name: "hop-by-hop fields are not the handler's",
    request: "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    handler: () =>
      new Response("abc", {
        headers: {
          "connection": "x-a",
          "keep-alive": "timeout=5",
          "te": "trailers",
          "trailer": "x-b",
          "transfer-encoding": "chunked",
          "x-a": "1",
        },
      }),
    status: 200,
    body: "abc",
    head: [
      ["connection", undefined],
      ["keep-alive", undefined],
      ["te", undefined],
      ["trailer", undefined],
      ["transfer-encoding", undefined],
      ["x-a", "1"],
    ],
  },
  {
    name: "no body has length 0",
    request: "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    handler: () => new Response(null),
    status: 200,
    body: "",
    head: [["content-length", "0"]],
  },
  {
    name: "an empty stream has length 0",
    request: "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    handler: () => new Response(pieces()),
    status: 200,
    body: "",
    head: [["content-length", "0"]],
  },
  {
    name: "HEAD gets no body",
    request: "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n",
    handler: () => new Response("body", { headers: { "x-a": "1" } }),
    status: 200,
    body: "",
    head: [["x-a", "1"], ["content-length", undefined]],
  },
  {
    name: "204 has no length",
    request: "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    handler: () => new Response(null, { status: 204 }),
    status: 204,
    head: [["content-length", undefined]],
  },
  {
    name: "status text, Server and Date are the handler's",
    request: "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    handler: () =>
      new Response("x", {
        statusText: "Fine",
        headers: { server: "mine", date: "now" },
      }),
    status: 200,
    head: [["server", "mine"], ["date", "now"]],
  },
  {
    name: "a body in chunks arrives",
    request:
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
    handler: async (request) => new Response(await request.text()),
    status: 200,
    body: "abcde",
  },
  {
    name: "a body with a length arrives",
    request: "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabcde",
    handler: async (request) => new Response(await request.text()),
    status: 200,
    body: "abcde",
  },
  {
    name: "a GET's body is left out",
    request: "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc",
    handler: (request) => new Response(String(request.body)),
    status: 200,
    body: "null",
  },
  {
    name: "any method is handled",
    request: "SPAM / HTTP/1.1\r\nHost: h\r\n\r\n",
    handler: ({ method }) => new Response(method),
    status: 200,
    body: "SPAM",
  },
  {
    name: "TRACE is not",
    request: "TRACE / HTTP/1.1\r\nHost: h\r\n\r\n",
    handler: () => new Response("never"),
    status: 501,
  },
  {
    name: "an absolute target is the URL",
    request: "GET http://h:1/a?b HTTP/1.1\r\nHost: h:1\r\n\r\n",
    handler: ({ url }) => new Response(url),
    status: 200,
    body: "http://h:1/a?b",
  },
  {
    name: "a handler may end the connection",
    request: "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    handler: () => new Response("x", { headers: { connection: "Close" } }),
    status: 200,
    head: [["connection", "close"]],
  },
  {
    name: "OPTIONS * has the path /*",
    request: "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
    handler: ({ url }) => new Response(url),
    status: 200,
    body: "http://h/*",
  },
  {
    name: "a host that is invalid in a URL gets a 400",
    request: "GET / HTTP/1.1\r\nHost: 1.2.3.4.5\r\n\r\n",
    handler: () => new Response("never"),
    status: 400,
  },
  {
    name: "a handler that throws gets a 500",
    request: "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    handler: () => {
      throw new Error("Deliberate");
    },
    status: 500,
  },
  {
    name: "a network error gets a 500",
    request: "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    handler: () => Response.error(),
    status: 500,
  },
];

Deno.test("FetchHTTPRequestHandler sends the response of its handler", async (t) => {
  for (const wanted of FETCH_CASES) {
    await t.step(wanted.name, async () => {
      const { handler } = wanted;
      const Handler = FetchHTTPRequestHandler.with({ handler });
      await using server = new TestServer(Handler);
      const [answer] = await ask(server.port, wanted.request);
      assert(answer !== undefined);
      assertEquals(answer.status, wanted.status);
      if (wanted.body !== undefined) assertEquals(answer.body, wanted.body);
      for (const [name, value] of wanted.head ?? []) {
        assertEquals(field(answer, name), value, name);
      }
    });
  }
});

Deno.test("FetchHTTPRequestHandler settles completed at the end of the response", async () => {
  const outcomes: string[] = [];
  const Handler = FetchHTTPRequestHandler.with({
    handler: ({ url }, { completed }) => {
      completed.then(() => outcomes.push("sent"), () => outcomes.push("cut"));
      if (url.endsWith("/whole")) return new Response("ok");
      return new Response(
        new ReadableStream({
          pull(controller): void {
            controller.error(new Error("Deliberate"));
          },
        }),
      );
    },
  });
  await using server = new TestServer(Handler);
  await ask(server.port, "GET /whole HTTP/1.1\r\nHost: h\r\n\r\n");
  await ask(server.port, "GET /cut HTTP/1.1\r\nHost: h\r\n\r\n");
  assertEquals(outcomes, ["sent", "cut"]);
});

Deno.test("FetchHTTPRequestHandler throws without a handler", async () => {
  await using server = new TestServer(FetchHTTPRequestHandler);
  const [answer] = await ask(server.port, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  assertEquals(answer!.status, 500);
});

Deno.test("FetchHTTPRequestHandler accepts a target in absolute form with HTTP/1.0", async () => {
  class Lenient extends FetchHTTPRequestHandler {
    static override protocolVersion = "HTTP/1.0";
  }
  const Handler = Lenient.with({ handler: ({ url }) => new Response(url) });
  for (
    const [request, url] of [
      ["GET http://a:1/b HTTP/1.0\r\n\r\n", "http://a:1/b"],
      ["GET /b HTTP/1.0\r\n\r\n", "http://127.0.0.1/b"],
    ]
  ) {
    const { body } = await respond(Handler, request!);
    assertEquals(body, url);
  }
});

Deno.test({
  name: "FetchHTTPRequestHandler uses localhost as the host on a Unix socket",
  ignore: Deno.build.os === "windows",
}, async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/s`;
  const Handler = FetchHTTPRequestHandler.with({
    handler: ({ url }) => new Response(url),
  });
  class Quiet extends Handler {
    override writeLog(): void {}
  }
  const unix = { transport: "unix", path } as const;
  {
    await using server = new ThreadingHTTPServer(unix, Quiet);
    const served = server.handleRequest();
    using client = await Deno.connect(unix);
    await client.write(new TextEncoder().encode("GET /a HTTP/1.0\r\n\r\n"));
    const text = await new Response(client.readable).text();
    assert(text.endsWith("\r\n\r\nhttp://localhost/a"));
    await served;
  }
  await Deno.remove(folder, { recursive: true });
});
