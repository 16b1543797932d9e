// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { BaseHTTPRequestHandler } from "../../handlers/base.ts";
import { respond } from "../../testing.ts";

class Dated extends BaseHTTPRequestHandler {
  do_GET(): void {
    this.sendResponse(204);
    this.sendHeader("X-Then", this.dateTimeString(new Date(784111777000)));
    this.endHeaders();
  }
}

const REQUEST = "GET / HTTP/1.0\r\n\r\n";

Deno.test("dateTimeString takes a Date as well as milliseconds", async () => {
  const { headers } = await respond(Dated, REQUEST);
  assertEquals(headers.get("x-then"), "Sun, 06 Nov 1994 08:49:37 GMT");
});

Deno.test("dates use a handler's own names of days and months", async () => {
  class Named extends Dated {
    static override weekdayname = ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"];
    static override monthname = [
      null,
      ..."abcdefghijkl".split("").map((letter) => letter.repeat(3)),
    ];
  }
  const { headers, log } = await respond(Named, REQUEST);
  assertEquals(headers.get("x-then"), "So, 06 kkk 1994 08:49:37 GMT");
  assertMatch(
    headers.get("date")!,
    /^(Mo|Di|Mi|Do|Fr|Sa|So), \d\d ([a-l])\2\2 \d{4} \d\d:\d\d:\d\d GMT$/,
  );
  assertMatch(log[0], /\[\d\d\/([a-l])\1\1\/\d{4} \d\d:\d\d:\d\d\]/);
});
