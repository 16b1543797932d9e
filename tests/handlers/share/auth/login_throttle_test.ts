// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import {
  InMemoryLoginThrottle,
  type LoginAttempt,
} from "../../../../handlers/share/auth/login_throttle.ts";

/** A throttle with a manual clock. */
class Timed extends InMemoryLoginThrottle {
  time = 0;
  constructor() {
    const clock = { time: (): number => 0 };
    super(() => clock.time());
    clock.time = () => this.time;
  }
  /** Begins an attempt at a time, and returns the pause. */
  at(time: number, attempt: LoginAttempt): number {
    this.time = time;
    return this.begin(attempt).pause;
  }
}

function by(client: string, user = "ann", credentials = "x"): LoginAttempt {
  return { client, user, credentials };
}

Deno.test("InMemoryLoginThrottle pauses a user of an address after ten failures, and forgets them after ten minutes", () => {
  const throttle = new Timed();
  const one = by("192.0.2.1");
  const delays: number[] = [];
  for (let i = 0; i < 10; i++) {
    throttle.time = i;
    const { pause, delay } = throttle.begin(one);
    assertEquals(pause, 0);
    delays.push(delay);
  }
  assertEquals(delays.slice(0, 6), [100, 200, 400, 800, 1600, 2000]);
  assertEquals(throttle.at(10, one), 59_999);
  assertEquals(throttle.at(10, by("192.0.2.2")), 0);
  assertEquals(throttle.at(10, by("192.0.2.1", "bob")), 0);
  // After the pause there is one attempt, and then the next pause.
  assertEquals(throttle.at(60_009, one), 0);
  assertEquals(throttle.at(60_010, one), 59_999);
  // The last attempt was at 60,009.
  assertEquals(throttle.at(660_009, one), 0);
  throttle.time = 1_260_010;
  assertEquals(throttle.begin(one), { pause: 0, delay: 100 });
});

Deno.test("InMemoryLoginThrottle pauses an address after a hundred failures of all users", () => {
  const throttle = new Timed();
  for (let i = 0; i < 100; i++) {
    assertEquals(throttle.at(0, by("a", `user${i}`)), 0);
  }
  assertEquals(throttle.at(0, by("a", "one more")), 60_000);
  assertEquals(throttle.at(0, by("b", "one more")), 0);
  // After the pause any ten users have an attempt.
  for (let i = 0; i < 10; i++) {
    assertEquals(throttle.at(60_000, by("a", `late${i}`)), 0);
  }
  assertEquals(throttle.at(60_000, by("a", "one more")), 60_000);
});

Deno.test("InMemoryLoginThrottle takes back the failure of a success, and no other", () => {
  const throttle = new Timed();
  for (let i = 0; i < 9; i++) throttle.at(0, by("a"));
  for (let i = 0; i < 5; i++) {
    const right = by("a", "ann", `right${i}`);
    assertEquals(throttle.at(0, right), 0);
    throttle.succeed(right);
    // A second call has no effect.
    throttle.succeed(right);
  }
  assertEquals(throttle.at(0, by("a")), 0);
  assertEquals(throttle.at(0, by("a")), 60_000);
});

Deno.test("InMemoryLoginThrottle accepts credentials during a pause that were right from there before", () => {
  const throttle = new Timed();
  const right = by("a", "ann", "right");
  throttle.begin(right);
  throttle.succeed(right);
  for (let i = 0; i < 10; i++) throttle.at(0, by("a"));
  assertEquals(throttle.at(0, by("a")), 60_000);
  for (let i = 0; i < 20; i++) assertEquals(throttle.at(0, right), 0);
  for (let i = 0; i < 10; i++) throttle.at(0, by("b"));
  assertEquals(throttle.at(0, by("b", "ann", "right")), 60_000);
});

Deno.test("InMemoryLoginThrottle remembers 10,000 users and addresses, the latest ones", () => {
  const throttle = new Timed();
  for (let i = 0; i < 10; i++) throttle.at(0, by("first"));
  // Each attempt has two entries: the user and the address.
  for (let i = 0; i < 4_999; i++) throttle.at(0, by(`a${i}`));
  assertEquals(throttle.at(0, by("first")), 60_000);
  throttle.at(0, by("one more"));
  assertEquals(throttle.at(0, by("first")), 0);
  // Has no effect without an attempt.
  throttle.succeed(by("nobody"));
});
