// Copyright 2026 the pystd authors. MIT license.

/**
 * Time limits, by a clock that the test moves.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { Reader } from "../../io/reader.ts";
import {
  ConnectionTimer,
  type ExceededLimit,
  TimeLimitChecker,
  type TimeLimits,
} from "../../io/time_limits.ts";
import { Writer } from "../../io/writer.ts";
import { MemoryConnection } from "../../testing.ts";

const LIMITS: TimeLimits = {
  idle: 100,
  head: 50,
  stalled: 200,
  rate: 1000,
  buffered: 500,
};

interface TimeLimited {
  connection: MemoryConnection;
  reader: Reader;
  writer: Writer;
  watch: ConnectionTimer<ExceededLimit[]>;
  overdue: ExceededLimit[];
}

function watched(): TimeLimited {
  const connection = new MemoryConnection();
  const reader = new Reader(connection);
  const writer = new Writer(connection);
  const overdue: ExceededLimit[] = [];
  const note = (what: ExceededLimit, to: ExceededLimit[]): void =>
    void to.push(what);
  const watch = new ConnectionTimer(reader, writer, LIMITS, note, overdue);
  return { connection, reader, writer, watch, overdue };
}

Deno.test("ConnectionTimer ends a connection that is idle for too long", () => {
  const { watch, overdue } = watched();
  for (const now of [0, 50, 99]) watch.look(now);
  assertEquals(overdue, []);
  watch.look(100);
  assertEquals(overdue, ["idle"]);
});

Deno.test("ConnectionTimer tells one idle time from the next", () => {
  const { watch, overdue } = watched();
  for (let now = 0; now < 1000; now += 90) {
    watch.requests++;
    watch.look(now);
  }
  assertEquals(overdue, []);
});

Deno.test("ConnectionTimer limits a head whatever trickles in", () => {
  const { watch, reader, overdue } = watched();
  watch.phase = "head";
  for (let now = 0; now <= 50; now += 10) {
    reader.received++;
    watch.look(now);
  }
  assertEquals(overdue, ["head"]);
});

Deno.test("ConnectionTimer leaves a handler that computes alone", () => {
  const { watch, overdue } = watched();
  watch.phase = "request";
  for (let now = 0; now < 10_000; now += 100) watch.look(now);
  assertEquals(overdue, []);
});

Deno.test("ConnectionTimer ends a body that comes more slowly than the rate", async () => {
  for (const [bytes, wanted] of [[9, ["stalled"]], [20, []]] as const) {
    const { watch, reader, connection, overdue } = watched();
    watch.phase = "request";
    const reading = reader.fill();
    for (let now = 0; now <= 200; now += 10) {
      reader.received += bytes;
      watch.look(now);
    }
    assertEquals<readonly ExceededLimit[]>(
      overdue,
      wanted,
      `${bytes} bytes in 10 ms`,
    );
    connection.end();
    await reading;
  }
});

Deno.test("ConnectionTimer ends a response that is taken more slowly than the rate", async () => {
  for (const direct of [false, true]) {
    const { watch, writer, connection, overdue } = watched();
    connection.stall();
    watch.phase = "request";
    const writing = direct
      ? writer.writeSome(new Uint8Array(10))
      : writer.write(new Uint8Array(200_000));
    await new Promise((resolve) => setTimeout(resolve, 0));
    for (let now = 0; now <= 200; now += 10) watch.look(now);
    assertEquals(overdue, ["stalled"]);
    connection.resume();
    await writing;
  }
});

Deno.test("ConnectionTimer gives a client time to take what the system holds", async () => {
  // At 1,000 bytes a second 300 bytes take 300 ms; no more than 500 count.
  const rows = [[0, 210], [300, 410], [100_000, 610]] as const;
  for (const [accepted, wanted] of rows) {
    const { watch, writer, connection, overdue } = watched();
    watch.phase = "request";
    writer.sent = accepted;
    connection.stall();
    const writing = writer.write(new Uint8Array(200_000));
    await new Promise((resolve) => setTimeout(resolve, 0));
    let now = 0;
    while (overdue.length === 0 && now < 2000) watch.look(now += 10);
    assertEquals(now, wanted, `${accepted} bytes`);
    connection.resume();
    await writing;
  }
});

Deno.test("TimeLimitChecker ends idle connections, and no others, when asked to", () => {
  const dog = new TimeLimitChecker(1000);
  const idle = watched();
  const busy = watched();
  busy.watch.phase = "request";
  dog.add(idle.watch);
  dog.add(busy.watch);
  assertEquals(dog.size, 2);
  dog.closeIdle();
  assertEquals([idle.overdue, busy.overdue], [["idle"], []]);
  // The timer ends with the last connection: the test would leak it.
  dog.delete(idle.watch);
  dog.delete(busy.watch);
  assertEquals(dog.size, 0);
});

Deno.test("TimeLimitChecker lets others come between when many are late at once", async () => {
  const timeLimitChecker = new TimeLimitChecker(5);
  const turns: number[] = [];
  let turn = 0;
  const watched = Array.from({ length: 200 }, () => ({
    late: true,
    look(): boolean {
      if (!this.late) return false;
      this.late = false;
      turns.push(turn);
      return true;
    },
    closeIfIdle(): void {},
  }));
  for (const watch of watched) timeLimitChecker.add(watch);
  while (turns.length < watched.length) {
    // A timer may be due only after several turns.
    await new Promise((resolve) => setImmediate(resolve));
    turn++;
  }
  const inOneTurn = turns.filter((n) => n === turns[0]).length;
  assert(inOneTurn < watched.length, `${inOneTurn} in one turn`);
  for (const watch of watched) timeLimitChecker.delete(watch);
  assertEquals(timeLimitChecker.size, 0);
});
