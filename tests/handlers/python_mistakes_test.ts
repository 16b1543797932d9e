// Copyright 2026 the pystd authors. MIT license.

/**
 * Mistakes of people who know `http.server` from Python: each is logged with an
 * error that names it, and the client gets a response.
 *
 * @module
 */

import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { assertThrows } from "@std/assert/throws";
import { CGIHTTPRequestHandler } from "../../handlers/cgi.ts";
import { ShareHTTPRequestHandler } from "../../handlers/share.ts";
import {
  type ResponseBody,
  SimpleHTTPRequestHandler,
} from "../../handlers/simple.ts";
import { Handler, request, statuses } from "../support/http11.ts";
import { outcomeOf } from "../support/outcome.ts";

Deno.test("wfile.write of neither text nor bytes gets a 500", async () => {
  class Counts extends Handler {
    override do_GET(): void {
      this.sendResponse(200);
      this.endHeaders();
      this.wfile.write(JSON.parse("42"));
    }
    override async do_STREAM(): Promise<void> {
      this.sendResponse(200);
      await this.endHeadersOfStream().write(JSON.parse("{}"));
    }
  }
  for (const method of ["GET", "STREAM"]) {
    const { text, error } = await outcomeOf(Counts, request(`${method} /`));
    assertEquals(statuses(text), [500]);
    assertMatch(String(error), /^TypeError: Cannot write an? (number|object)/);
  }
});

Deno.test("A body without a head gets a 500 over HTTP/1.1", async () => {
  class Headless extends Handler {
    override do_GET(): void {
      this.sendResponse(200);
      this.wfile.write("hello\n"); // and no endHeaders()
    }
    override async do_POST(): Promise<void> {
      this.sendResponse(200);
      await this.wfile.write("x".repeat(100_000));
    }
  }
  const line = "() wrote a body without a head: call endHeaders()";
  const both = request("GET /") + request("GET /");
  const { text, log } = await outcomeOf(Headless, both);
  assertEquals(statuses(text), [500]);
  assertEquals(log[1], `do_GET${line}`);
  // Sent bytes cannot be taken back, but nothing follows them.
  const sent = await outcomeOf(Headless, request("POST /") + request("GET /"));
  assertEquals(sent.text, "x".repeat(100_000));
  assertEquals(sent.log[1], `do_POST${line}`);
});

Deno.test("A second response to one request gets a 500", async () => {
  class Twice extends Handler {
    override do_GET(): void {
      for (const status of [200, 201]) {
        this.sendResponse(status);
        this.sendHeader("Content-Length", 0);
        this.endHeaders();
      }
    }
  }
  const { text, error } = await outcomeOf(Twice, request("GET /"));
  assertEquals(statuses(text), [500]);
  const message = "Cannot send a second response to one request";
  assertEquals((error as Error).message, message);
});

Deno.test("A body shorter than its Content-Length is logged", async () => {
  class Short extends Handler {
    override do_GET(): void {
      this.sendResponse(200);
      this.sendHeader("Content-Length", 10);
      this.endHeaders();
      this.wfile.write("abc");
    }
  }
  const { log } = await outcomeOf(Short, request("GET /"));
  assertEquals(
    log.at(-1),
    "do_GET() wrote 7 bytes less than its Content-Length",
  );
});

Deno.test("rfile takes sizes as Python does, and names one that is no number", async () => {
  const sizes: unknown[] = [NaN, null, "3"];
  class Reads extends Handler {
    override async do_POST(): Promise<void> {
      const body = await this.rfile.read(
        this.path === "/all" ? -1 : sizes[Number(this.path.slice(1))] as number,
      );
      this.sendResponse(200);
      this.sendHeader("Content-Length", body.length);
      this.endHeaders();
      this.wfile.write(body);
    }
  }
  const length = "Content-Length: 3\r\n";
  const all = await outcomeOf(Reads, request("POST /all", length) + "abc");
  assertMatch(all.text, /\r\n\r\nabc$/);
  for (const [i, size] of sizes.entries()) {
    const sent = request(`POST /${i}`, length) + "abc";
    const { text, error } = await outcomeOf(Reads, sent);
    assertEquals(statuses(text), [500]);
    assertEquals(
      (error as Error).message,
      `Cannot read ${size} bytes: not a number (is there a Content-Length?)`,
    );
  }
});

Deno.test("A class variable that is written as a field is a TypeError at the first request", async () => {
  // With type checks it is a type error: see `python_types_test.ts`.
  for (
    const name of ["protocolVersion", "timeout", "maxBodyBytes", "indexPages"]
  ) {
    class Fielded extends Handler {
      constructor(...args: ConstructorParameters<typeof Handler>) {
        super(...args);
        Object.defineProperty(this, name, { value: 1, enumerable: true });
      }
    }
    const { text, error } = await outcomeOf(Fielded, request("GET /"));
    assertEquals(text, "");
    assertMatch(
      String(error),
      new RegExp(
        `^TypeError: Cannot serve: ${name} of .*"static override ${name} =`,
      ),
    );
  }
  class Named extends Handler {
    name = "no class variable";
    length = 1;
  }
  const { text } = await outcomeOf(Named, request("GET /"));
  assertEquals(statuses(text), [200]);
});

Deno.test("A status or header that is neither text nor a number gets a 500", async () => {
  for (const value of ["null", "true", "{}", "[]", '[{"a":1}]']) {
    class Parsed extends Handler {
      override do_GET(): void {
        this.sendResponse(200);
        this.sendHeader("X-Value", JSON.parse(value));
        this.endHeaders();
      }
      override do_HEAD(): void {
        this.sendResponse(JSON.parse(value));
        this.endHeaders();
      }
    }
    for (
      const [method, what] of [["GET", "header X-Value"], ["HEAD", "status"]]
    ) {
      const { text, error } = await outcomeOf(Parsed, request(`${method} /`));
      assertEquals([value, statuses(text)], [value, [500]]);
      assertMatch(
        String(error),
        new RegExp(`^TypeError: Cannot send the ${what}`),
      );
    }
  }
});

Deno.test("with() rejects an unknown option, and names it", () => {
  const cases: [Class: typeof SimpleHTTPRequestHandler, options: unknown][] = [
    [SimpleHTTPRequestHandler, { dir: "/tmp" }],
    [ShareHTTPRequestHandler, { dir: "/tmp", title: "x" }],
    [CGIHTTPRequestHandler, { dir: "/tmp", cgiEnv: {} }],
  ];
  for (const [Class, options] of cases) {
    assertThrows(
      () => Class.with(options as object),
      TypeError,
      'Unknown option "dir": expected one of directory, ',
    );
  }
  assertThrows(
    () => SimpleHTTPRequestHandler.with("/tmp" as unknown as object),
    TypeError,
    'with({ directory: "./share" })',
  );
  class More extends SimpleHTTPRequestHandler {
    static override optionNames = [
      ...SimpleHTTPRequestHandler.optionNames,
      "more",
    ];
  }
  More.with({ more: 1 } as object);
});

Deno.test("sendHead() may return an open file, as in Python, or nothing", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, "from a file\n");
  class Opens extends SimpleHTTPRequestHandler {
    override sendHead(): ResponseBody | null {
      this.sendResponse(200);
      this.sendHeader("Content-Length", 12);
      this.endHeaders();
      return Deno.openSync(path);
    }
  }
  const got = await outcomeOf(Opens, request("GET /"));
  assertMatch(got.text, /\r\n\r\nfrom a file\n$/);
  // An open file would fail the test.
  const { text } = await outcomeOf(Opens, request("HEAD /"));
  assertMatch(text, /\r\n\r\n$/);

  class Returns extends SimpleHTTPRequestHandler {
    override sendHead(): ResponseBody | null {
      this.sendResponse(200);
      this.endHeaders();
      return JSON.parse(decodeURIComponent(this.path.slice(1)));
    }
  }
  for (const value of ['"text"', "1", "{}"]) {
    for (const method of ["GET", "HEAD"]) {
      const sent = request(`${method} /${encodeURIComponent(value)}`);
      const { text, error } = await outcomeOf(Returns, sent);
      assertEquals(statuses(text), [500]);
      assertMatch(String(error), /^TypeError: Cannot send .*: sendHead\(\) /);
    }
  }
  class Forgets extends SimpleHTTPRequestHandler {
    override sendHead(): ResponseBody | null {
      this.sendError(404);
      return undefined as unknown as null;
    }
  }
  for (const method of ["GET", "HEAD"]) {
    const { text, error } = await outcomeOf(Forgets, request(`${method} /`));
    assertEquals([statuses(text), error], [[404], undefined]);
  }
  await Deno.remove(path);
});

Deno.test("sendError() names a status that is not a number", async () => {
  class Texts extends Handler {
    override do_GET(): void {
      this.sendError("404" as unknown as number);
    }
  }
  const { text, error } = await outcomeOf(Texts, request("GET /"));
  assertEquals(statuses(text), [500]);
  assertMatch(String(error), /Cannot send the status 404: it is not a number/);
});
