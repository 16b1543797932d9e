// Copyright 2026 the pystd authors. MIT license.

import { pause } from "./client.ts";

/**
 * Waits until a condition holds, if no event reports it.
 *
 * @param condition The condition.
 * @param ms The longest wait, in ms.
 * @returns A promise that resolves when it holds.
 * @throws {Error} If it does not hold in time.
 */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  ms = 20_000,
): Promise<void> {
  const until = performance.now() + ms;
  while (!await condition()) {
    if (performance.now() > until) {
      throw new Error(`Cannot wait any longer for ${condition}`);
    }
    await pause(5);
  }
}
