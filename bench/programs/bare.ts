// Copyright 2026 the pystd authors. MIT license.

/**
 * The upper bound of a server on `Deno.listen`: one read, one write, no parsing,
 * the same response to everything. Argument: PORT. It takes each read for one
 * request, which is true with the load of the benchmark.
 */

/** Longest request of wrk without `Connection: close`. */
const LONGEST_KEPT = 60;

const answer = new Uint8Array(1250).fill(0x61);
answer.set(new TextEncoder().encode(
  "HTTP/1.1 200 OK\r\nServer: bare\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n" +
    "Content-Type: text/plain\r\nX-Filler: ",
));
const end = new TextEncoder().encode("\r\nContent-Length: 1024\r\n\r\n");
answer.set(end, answer.length - 1024 - end.length);

const listener = Deno.listen({
  hostname: "127.0.0.1",
  port: Number(Deno.args[0]),
});
for await (const connection of listener) serve(connection);

async function serve(connection: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(1024);
  try {
    for (;;) {
      const count = await connection.read(buffer);
      if (count === null) break;
      await connection.write(answer);
      if (count > LONGEST_KEPT) break;
    }
  } catch {
    // The client has disconnected.
  }
  connection.close();
}
