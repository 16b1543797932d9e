// Copyright 2026 the pystd authors. MIT license.

/**
 * How often an address has tried wrong passwords: each time it waits longer,
 * and after some times it is not listened to for a while.
 *
 * @module
 */

/** Tries before an address has to pause: typing errors, and a few tabs. */
const MAX_FAILURES = 10;
/** The pause, in ms. At ten guesses a minute, a bad password lasts a while. */
const PAUSE_MS = 60_000;
/** After this time without a try all is forgotten, in ms. */
const FORGET_MS = 10 * 60_000;
/** The first delay; it doubles with each failure. */
const FIRST_DELAY_MS = 100;
/** The longest delay. */
const LAST_DELAY_MS = 2000;
/** Addresses that are kept in mind; the oldest are forgotten first. */
const MAX_ADDRESSES = 10_000;

interface Entry {
  failures: number;
  last: number;
}

/** Counts failures by address. */
export class Attempts {
  #entries = new Map<string, Entry>();

  /**
   * Counts a try as a failure until it is known not to be one, so that tries
   * at the same time do not come before the first is counted.
   *
   * @param address The client's address.
   * @param now The time in epoch ms.
   * @returns How long the address has to pause, in ms; 0 if it may try.
   */
  begin(address: string, now: number): number {
    const key = networkOf(address);
    let entry = this.#entries.get(key);
    if (entry !== undefined && now - entry.last > FORGET_MS) entry = undefined;
    entry ??= { failures: 0, last: now };
    if (entry.failures >= MAX_FAILURES) {
      const left = entry.last + PAUSE_MS - now;
      if (left > 0) return left;
      // One more try, and the next pause if it fails.
      entry.failures = MAX_FAILURES - 1;
    }
    entry.failures++;
    entry.last = now;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size > MAX_ADDRESSES) {
      this.#entries.delete(this.#entries.keys().next().value!);
    }
    return 0;
  }

  /**
   * Takes back what `begin` counted: the password was right. Other failures
   * of the address still count, which may be those of somebody else there.
   *
   * @param address The client's address.
   */
  succeed(address: string): void {
    const key = networkOf(address);
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    if (--entry.failures <= 0) this.#entries.delete(key);
  }

  /**
   * How long the answer to a failure is held back.
   *
   * @param address The client's address.
   * @returns The delay in ms.
   */
  delay(address: string): number {
    const failures = this.#entries.get(networkOf(address))?.failures ?? 1;
    return Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), LAST_DELAY_MS);
  }
}

/** An IPv6 client has as many addresses as it wants in its /64 network. */
function networkOf(address: string): string {
  if (!address.includes(":") || address.includes(".")) return address;
  const [left, right] = address.split("::");
  const head = left === "" ? [] : left.split(":");
  if (right !== undefined) {
    const tail = right === "" ? 0 : right.split(":").length;
    while (head.length < 8 - tail) head.push("0");
  }
  return head.slice(0, 4).join(":");
}
