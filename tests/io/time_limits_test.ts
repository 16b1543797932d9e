// Copyright 2026 the pystd authors. MIT license.

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

interface Connected {
  connection: MemoryConnection;
  reader: Reader;
  writer: Writer;
  timer: ConnectionTimer<ExceededLimit[]>;
  exceeded: ExceededLimit[];
}

function connect(): Connected {
  const connection = new MemoryConnection();
  const reader = new Reader(connection);
  const writer = new Writer(connection);
  const exceeded: ExceededLimit[] = [];
  const note = (what: ExceededLimit, to: ExceededLimit[]): void =>
    void to.push(what);
  const timer = new ConnectionTimer(reader, writer, LIMITS, note, exceeded);
  return { connection, reader, writer, timer, exceeded };
}

Deno.test("ConnectionTimer ends an idle connection after the idle limit", () => {
  const { timer, exceeded } = connect();
  for (const now of [0, 50, 99]) timer.check(now);
  assertEquals(exceeded, []);
  timer.check(100);
  assertEquals(exceeded, ["idle"]);
});

Deno.test("ConnectionTimer restarts the idle limit after each request", () => {
  const { timer, exceeded } = connect();
  for (let now = 0; now < 1000; now += 90) {
    timer.requests++;
    timer.check(now);
  }
  assertEquals(exceeded, []);
});

Deno.test("ConnectionTimer ends a slow head even if bytes keep arriving", () => {
  const { timer, reader, exceeded } = connect();
  timer.phase = "head";
  for (let now = 0; now <= 50; now += 10) {
    reader.received++;
    timer.check(now);
  }
  assertEquals(exceeded, ["head"]);
});

Deno.test("ConnectionTimer has no limit for a handler that computes", () => {
  const { timer, exceeded } = connect();
  timer.phase = "request";
  for (let now = 0; now < 10_000; now += 100) timer.check(now);
  assertEquals(exceeded, []);
});

Deno.test("ConnectionTimer ends a request body slower than the rate", async () => {
  for (const [bytes, wanted] of [[9, ["stalled"]], [20, []]] as const) {
    const { timer, reader, connection, exceeded } = connect();
    timer.phase = "request";
    const reading = reader.fill();
    for (let now = 0; now <= 200; now += 10) {
      reader.received += bytes;
      timer.check(now);
    }
    assertEquals<readonly ExceededLimit[]>(
      exceeded,
      wanted,
      `${bytes} bytes in 10 ms`,
    );
    connection.end();
    await reading;
  }
});

Deno.test("ConnectionTimer ends a response that the client reads slower than the rate", async () => {
  for (const direct of [false, true]) {
    const { timer, writer, connection, exceeded } = connect();
    connection.stall();
    timer.phase = "request";
    const writing = direct
      ? writer.writeSome(new Uint8Array(10))
      : writer.write(new Uint8Array(200_000));
    while (!writer.busy) await null;
    for (let now = 0; now <= 200; now += 10) timer.check(now);
    assertEquals(exceeded, ["stalled"]);
    connection.resume();
    await writing;
  }
});

Deno.test("ConnectionTimer gives a client time to read what the system buffers", async () => {
  // At 1,000 bytes a second 300 bytes take 300 ms; no more than 500 count.
  const rows = [[0, 210], [300, 410], [100_000, 610]] as const;
  for (const [accepted, wanted] of rows) {
    const { timer, writer, connection, exceeded } = connect();
    timer.phase = "request";
    writer.sent = accepted;
    connection.stall();
    const writing = writer.write(new Uint8Array(200_000));
    while (!writer.busy) await null;
    let now = 0;
    while (exceeded.length === 0 && now < 2000) timer.check(now += 10);
    assertEquals(now, wanted, `${accepted} bytes`);
    connection.resume();
    await writing;
  }
});

Deno.test("TimeLimitChecker.closeIdle ends idle connections only", () => {
  const checker = new TimeLimitChecker(1000);
  const idle = connect();
  const busy = connect();
  busy.timer.phase = "request";
  checker.add(idle.timer);
  checker.add(busy.timer);
  assertEquals(checker.size, 2);
  checker.closeIdle();
  assertEquals([idle.exceeded, busy.exceeded], [["idle"], []]);
  // Without this the test would leak the timer.
  checker.delete(idle.timer);
  checker.delete(busy.timer);
  assertEquals(checker.size, 0);
});

Deno.test("TimeLimitChecker spreads the end of many connections over several turns", async () => {
  const timeLimitChecker = new TimeLimitChecker(5);
  const turns: number[] = [];
  let turn = 0;
  const connections = Array.from({ length: 200 }, () => ({
    late: true,
    check(): boolean {
      if (!this.late) return false;
      this.late = false;
      turns.push(turn);
      return true;
    },
    closeIfIdle(): void {},
  }));
  for (const connection of connections) timeLimitChecker.add(connection);
  while (turns.length < connections.length) {
    // The timer may be due only after several turns.
    await new Promise((resolve) => setImmediate(resolve));
    turn++;
  }
  const inOneTurn = turns.filter((n) => n === turns[0]).length;
  assert(inOneTurn < connections.length, `${inOneTurn} in one turn`);
  for (const connection of connections) timeLimitChecker.delete(connection);
  assertEquals(timeLimitChecker.size, 0);
});
