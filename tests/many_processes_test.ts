// Copyright 2026 the pystd authors. MIT license.

/**
 * Several processes of the command over one store, behind nginx: nothing is kept
 * but in the store.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { Balancer, freePort, LOCATIONS } from "./support/balancer.ts";
import { isInstalled, RunningCommand } from "./support/command.ts";
import { S3Store } from "./support/s3_store.ts";
import { makeFiles } from "./support/tree.ts";
import { waitUntil } from "./support/wait.ts";

const PROCESSES = 3;
const FILES = 50;
const MIB = 2 ** 20;

/** Starts one of the processes. */
async function start(
  store: S3Store,
  key: string,
  port: number,
  more: readonly string[] = [],
): Promise<RunningCommand> {
  const command = new RunningCommand([
    "--port",
    `${port}`,
    "-q",
    "--upload",
    "--auth",
    "ann:secret",
    "--link-key",
    key,
    ...more,
    "s3://share",
  ], {
    permissions: [
      "--allow-net=127.0.0.1",
      "--allow-env=AWS_*",
      `--allow-read=${key}`,
    ],
    env: {
      AWS_ACCESS_KEY_ID: "key",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_ENDPOINT_URL: store.endpoint,
    },
  });
  await command.says(/ port \d+ .*\n/);
  return command;
}

const headers = { authorization: `Basic ${btoa("ann:secret")}` };

function body(size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(size).map((_, i) => i * 31 + (i >> 9));
}

Deno.test({
  name: "several processes over one store lose no request when one is killed",
  ignore: !isInstalled("nginx", "-v"),
  async fn(t) {
    await using store = new S3Store(
      Object.fromEntries(
        Array.from({ length: FILES }, (_, i) => [`f${i}.txt`, `file ${i}\n`]),
      ),
    );
    await using tree = await makeFiles({ "key": "k".repeat(64) });
    const key = tree.path("key");
    await using stack = new AsyncDisposableStack();
    const ports = Array.from({ length: PROCESSES }, freePort);
    const processes: RunningCommand[] = [];
    for (const [i, port] of ports.entries()) {
      const more = i === 0 ? ["--link", "/f7.txt"] : [];
      processes.push(stack.use(await start(store, key, port, more)));
    }
    await using nginx = await Balancer.start(ports, LOCATIONS);

    await t.step("a signed link opens at each process", async () => {
      const [link] = await processes[0].says(/http\S*f7\.txt\?\S+/);
      const { pathname, search } = new URL(link);
      for (
        const origin of [
          ...ports.map((port) => `http://127.0.0.1:${port}`),
          nginx.url,
        ]
      ) {
        const response = await fetch(`${origin}${pathname}${search}`);
        assertEquals([response.status, await response.text()], [
          200,
          "file 7\n",
        ]);
        const other = await fetch(`${origin}/f8.txt${search}`);
        await other.body?.cancel();
        assert(other.status === 401 || other.status === 403);
      }
    });

    await t.step("a process is killed and replaced under load", async () => {
      const statuses = new Map<number, number>();
      let asked = 0;
      const ask = async (): Promise<void> => {
        while (asked < 600) {
          const i = asked++ % FILES;
          const response = await fetch(`${nginx.url}/f${i}.txt`, { headers });
          assertEquals(await response.text(), `file ${i}\n`);
          const { status } = response;
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
        }
      };
      const asking = Array.from({ length: 8 }, ask);
      await waitUntil(() => asked > 150);
      const { signal } = await processes[1].stop("SIGKILL").catch(() => ({
        signal: "SIGKILL",
      }));
      assertEquals(signal, "SIGKILL");
      processes[1] = stack.use(await start(store, key, ports[1]));
      await Promise.all(asking);
      assertEquals([...statuses], [[200, 600]]);
    });

    await t.step("an upload of a killed process goes to another", async () => {
      const bytes = body(20 * MIB);
      const cut = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(bytes.subarray(0, 12 * MIB)),
      });
      const sending = fetch(`http://127.0.0.1:${ports[2]}/up.bin`, {
        method: "PUT",
        body: cut,
        headers,
      }).catch(() => "cut off");
      await waitUntil(() =>
        store.requests.some((line) => line.includes("partNumber=1"))
      );
      await processes[2].stop("SIGKILL").catch(() => {});
      await sending;
      assertEquals(store.objects.has("up.bin"), false);
      assertEquals(store.uploads.size, 1);
      const again = await fetch(`${nginx.url}/up.bin`, {
        method: "PUT",
        body: bytes,
        headers,
      });
      assertEquals(again.status, 201, await again.text());
      assertEquals(store.objects.get("up.bin")!.bytes, bytes);
      // The parts that the killed process left are removed after a day.
      const [left] = store.uploads.values();
      store.uploads.set("left", { ...left!, began: new Date(0) });
      processes[2] = stack.use(await start(store, key, ports[2]));
      await waitUntil(() => !store.uploads.has("left"));
      assertEquals(store.uploads.size, 1);
    });
  },
});
