// Copyright 2026 the pystd authors. MIT license.

/**
 * The TLS servers with certificates by OpenSSL and independent clients,
 * including clients that misbehave.
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { assertStringIncludes } from "@std/assert/string-includes";
import { assertThrows } from "@std/assert/throws";
import { SimpleHTTPRequestHandler } from "../handlers/simple.ts";
import {
  HTTPSServer,
  type HTTPSServerOptions,
  ThreadingHTTPSServer,
} from "../server.ts";
import {
  curl,
  HAS_OPENSSL,
  makeCertificates,
  PASSWORD,
} from "./support/certificates.ts";
import { RawClient } from "./support/client.ts";
import { runProgram } from "./support/command.ts";
import type { TemporaryTree } from "./support/tree.ts";
import { waitUntil } from "./support/wait.ts";
import { captureLog, takeLog } from "./support/log.ts";

captureLog();

const ignore = !HAS_OPENSSL;

class Quiet extends SimpleHTTPRequestHandler {
  override logMessage(): void {}
}

/** Serves with new certificates. */
async function serve(
  stack: AsyncDisposableStack,
  cls: typeof HTTPSServer | typeof ThreadingHTTPSServer,
  options: HTTPSServerOptions = {},
): Promise<{ tree: TemporaryTree; port: number }> {
  const tree = stack.use(await makeCertificates());
  const httpd = stack.use(
    new cls(
      ["127.0.0.1", 0],
      Quiet.with({ directory: tree.path("share") }),
      {
        certfile: tree.path("cert.pem"),
        keyfile: tree.path("key.pem"),
        ...options,
      },
    ),
  );
  const served = httpd.serveForever();
  stack.defer(async () => {
    await httpd.shutdown();
    await served;
  });
  return { tree, port: httpd.serverPort };
}

class OneByOne extends HTTPSServer {
  static override handshakeTimeout = 2000;
  static override limitCheckInterval = 50;
}

class AtOnce extends ThreadingHTTPSServer {
  static override handshakeTimeout = 2000;
  static override limitCheckInterval = 50;
}

for (const cls of [OneByOne, AtOnce]) {
  Deno.test(
    { name: `${Object.getPrototypeOf(cls).name} serves curl`, ignore },
    async () => {
      await using stack = new AsyncDisposableStack();
      const { tree, port } = await serve(stack, cls);
      const { code, stdout } = await curl(tree, port);
      assertEquals([code, stdout], [0, "hello\n"]);
    },
  );

  Deno.test({
    name: `${
      Object.getPrototypeOf(cls).name
    } loses one connection to a client that fails`,
    ignore,
  }, async (t) => {
    await using stack = new AsyncDisposableStack();
    const { tree, port } = await serve(stack, cls);
    const stillServes = async () => {
      const { code, stdout } = await curl(tree, port);
      assertEquals([code, stdout], [0, "hello\n"]);
    };

    /** Lets a client fail, and waits for its log line. */
    const fails = (
      name: string,
      reason: RegExp,
      connect: () => Promise<void>,
    ): Promise<boolean> =>
      t.step(name, async () => {
        takeLog();
        await connect();
        const lines: string[] = [];
        await waitUntil(() => lines.push(...takeLog()) > 0);
        assertMatch(
          lines.join("\n"),
          new RegExp(`^TLS handshake with 127.0.0.1 failed: ${reason.source}$`),
        );
      });

    await fails("plain HTTP", /.*InvalidContentType/, async () => {
      await using client = await RawClient.connect(port);
      await client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assert(await client.waitFor(() => client.closed));
      assert(!client.received.startsWith("HTTP/"));
      await stillServes();
    });
    const gone = /(?:unexpected end of file|timed out)/;
    await fails("a client that says nothing", gone, async () => {
      await using _client = await RawClient.connect(port);
      await stillServes();
    });
    await fails("a client that goes at once", gone, async () => {
      await (await RawClient.connect(port))[Symbol.asyncDispose]();
      await stillServes();
    });
    await fails("half of a record", gone, async () => {
      await using client = await RawClient.connect(port);
      await client.send("\x16\x03\x01\x02\x00\x01");
      await stillServes();
    });
    const distrust = /.*UnknownCA/;
    await fails(
      "a client that does not trust the server",
      distrust,
      async () => {
        const { code } = await runProgram("curl", [
          "-s",
          `https://127.0.0.1:${port}/`,
        ]);
        assertEquals(code, 60);
        await stillServes();
      },
    );
    const protocol = /.*any known protocol/;
    await fails("another protocol by ALPN", protocol, async () => {
      const { stdout } = await runProgram("openssl", [
        "s_client",
        "-connect",
        `127.0.0.1:${port}`,
        "-alpn",
        "h2",
      ]);
      assertStringIncludes(stdout, "No ALPN negotiated");
      await stillServes();
    });
  });
}

Deno.test({
  name: "ThreadingHTTPSServer accepts while clients dawdle in the handshake",
  ignore,
}, async () => {
  await using stack = new AsyncDisposableStack();
  const { tree, port } = await serve(stack, ThreadingHTTPSServer);
  for (let i = 0; i < 20; i++) stack.use(await RawClient.connect(port));
  const { code, stdout } = await curl(tree, port);
  assertEquals([code, stdout], [0, "hello\n"]);
});

Deno.test({
  name: "ThreadingHTTPSServer closes at once while clients dawdle",
  ignore,
}, async () => {
  await using stack = new AsyncDisposableStack();
  const { port } = await serve(stack, ThreadingHTTPSServer);
  await using client = await RawClient.connect(port);
  await client.send("\x16\x03");
  const before = performance.now();
  await stack.disposeAsync();
  assert(performance.now() - before < 2000);
});

Deno.test(
  { name: "HTTPSServer agrees on http/1.1 by ALPN", ignore },
  async () => {
    await using stack = new AsyncDisposableStack();
    const { port } = await serve(stack, HTTPSServer);
    const { stdout } = await runProgram("openssl", [
      "s_client",
      "-connect",
      `127.0.0.1:${port}`,
      "-alpn",
      "h2,http/1.1",
    ]);
    assertStringIncludes(stdout, "ALPN protocol: http/1.1");
  },
);

Deno.test(
  { name: "HTTPSServer ends the stream with close_notify", ignore },
  async () => {
    await using stack = new AsyncDisposableStack();
    const { tree, port } = await serve(stack, HTTPSServer);
    const { stdout, stderr } = await runProgram("python3", [
      "-c",
      `
import socket, ssl
context = ssl.create_default_context(cafile="${tree.path("cert.pem")}")
plain = socket.create_connection(("127.0.0.1", ${port}), 10)
tls = context.wrap_socket(plain, server_hostname="localhost",
                          suppress_ragged_eofs=False)
tls.sendall(b"GET /hello.txt HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n")
data = b""
while chunk := tls.recv(1000): data += chunk
print(data.decode().splitlines()[-1])
`,
    ]);
    assertEquals([stdout, stderr], ["hello\n", ""]);
  },
);

/** Problems, and their error messages. */
const UNUSABLE: [options: HTTPSServerOptions, message: RegExp][] = [
  [{ keyfile: "ec_key.pem" }, /^Cannot use the key ".*": it does not match "/],
  [{ certfile: "expired.pem" }, /^Cannot use the cert.*": it expired on /],
  [{ certfile: "garbage.pem" }, /^Cannot use the cert.* no certificate in PEM/],
  [{ keyfile: "garbage.pem" }, /^Cannot use the key .* no private key in PEM/],
  [{ certfile: "none.pem" }, /^Cannot read the cert.*": there is no such file/],
  [{ keyfile: "none.pem" }, /^Cannot read the key .*": there is no such file/],
  [{ certfile: "share" }, /^Cannot read the cert.*": it is no readable file/],
  [{ keyfile: "pkcs8.pem" }, /^Cannot use the key.* no password was given/],
  [{ keyfile: "pkcs8.pem", password: "x" }, /": the password is wrong/],
  [{ keyfile: "pkcs1.pem", password: "x" }, /": the password is wrong/],
];

Deno.test(
  { name: "HTTPSServer explains unusable certificates and keys", ignore },
  async (t) => {
    await using tree = await makeCertificates();
    for (const [options, message] of UNUSABLE) {
      const { certfile = "cert.pem", keyfile = "key.pem", password } = options;
      await t.step(`${certfile} ${keyfile} ${password ?? ""}`, () => {
        const error = assertThrows(() =>
          new HTTPSServer(["127.0.0.1", 0], Quiet, {
            certfile: tree.path(certfile),
            keyfile: tree.path(keyfile),
            password,
          })
        );
        assertMatch((error as Error).message, message);
      });
    }
    await t.step("a Unix domain socket", () => {
      const unix = { transport: "unix", path: tree.path("socket") } as const;
      assertThrows(() => new HTTPSServer(unix, Quiet, {}), TypeError);
    });
    await t.step("no certificate", () => {
      assertThrows(
        () => new HTTPSServer(["127.0.0.1", 0], Quiet, {}),
        TypeError,
      );
    });
  },
);

/** Valid pairs. */
const USABLE: [certfile: string, keyfile?: string, password?: string][] = [
  ["both.pem"],
  ["cert.pem", "pkcs1.pem", PASSWORD],
  ["cert.pem", "pkcs8.pem", PASSWORD],
  ["ec_cert.pem", "ec_key.pem"],
  ["ec_cert.pem", "sec1.pem", PASSWORD],
];

Deno.test(
  { name: "HTTPSServer accepts keys in every format", ignore },
  async (t) => {
    await using tree = await makeCertificates();
    for (const [certfile, keyfile, password] of USABLE) {
      await t.step(`${certfile} ${keyfile ?? ""}`, async () => {
        await using httpd = new HTTPSServer(
          ["127.0.0.1", 0],
          Quiet.with({ directory: tree.path("share") }),
          {
            certfile: tree.path(certfile),
            keyfile: keyfile && tree.path(keyfile),
            password,
          },
        );
        const served = httpd.handleRequest();
        const { code, stdout } = await curl(tree, httpd.serverPort, "-k");
        await served;
        assertEquals([code, stdout], [0, "hello\n"]);
      });
    }
    await t.step("the PEM itself", async () => {
      const options = {
        cert: await Deno.readTextFile(tree.path("cert.pem")),
        key: await Deno.readTextFile(tree.path("key.pem")),
      };
      await using httpd = new HTTPSServer(
        ["127.0.0.1", 0],
        Quiet.with({ directory: tree.path("share") }),
        options,
      );
      const served = httpd.handleRequest();
      const { code, stdout } = await curl(tree, httpd.serverPort);
      await served;
      assertEquals([code, stdout], [0, "hello\n"]);
    });
  },
);
