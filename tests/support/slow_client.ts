// Copyright 2026 the pystd authors. MIT license.

/**
 * A very slow client in its own process: it sends heads at one byte a second,
 * and reads responses at one KiB a second.
 *
 *     deno run -N slow_client.ts PORT HEADS READERS
 *
 * Prints `ready` when all connections are open, and runs until it is killed: it
 * would read the data in the system's buffers long after the server has closed.
 *
 * @module
 */

const HEAD = "GET / HTTP/1.1\r\nHost: localhost\r\n" +
  "X: y\r\n".repeat(100);

if (import.meta.main) {
  const [port, heads, readers] = Deno.args.map(Number);
  const connect = (): Promise<Deno.TcpConn> =>
    Deno.connect({ hostname: "127.0.0.1", port: port! });
  for (let i = 0; i < heads!; i++) {
    sendSlowly(await connect()).catch(() => {});
  }
  for (let i = 0; i < readers!; i++) {
    readSlowly(await connect()).catch(() => {});
  }
  console.log("ready");
  // Keeps the process alive; the connections would not.
  setInterval(() => {}, 1000);
}

async function sendSlowly(conn: Deno.TcpConn): Promise<void> {
  const reading = conn.read(new Uint8Array(1000)).then(
    () => true,
    () => true,
  );
  for (const octet of new TextEncoder().encode(HEAD)) {
    await conn.write(new Uint8Array([octet]));
    if (await Promise.race([reading, pause(1000)])) return;
  }
}

async function readSlowly(conn: Deno.TcpConn): Promise<void> {
  await conn.write(
    new TextEncoder().encode(
      "GET /large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ),
  );
  const buffer = new Uint8Array(1024);
  for (;;) {
    if (await conn.read(buffer) === null) return;
    await pause(1000);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
