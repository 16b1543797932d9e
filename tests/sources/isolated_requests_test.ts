// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { deadline } from "@std/async/deadline";

Deno.test("requests for large listings do not wait for others where the runtime isolates them, as workerd", async () => {
  const url = new URL("../support/isolated_worker.ts", import.meta.url);
  const worker = new Worker(url, { type: "module" });
  try {
    const answered = new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(event.message));
      };
    });
    assertEquals(await deadline(answered, 20_000), [200, 1, 200, 1, 200]);
  } finally {
    worker.terminate();
  }
});
