// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import {
  disconnectError,
  isClientDisconnect,
  truncationError,
} from "../../io/client_errors.ts";

const GONE = new URL("../../io/client_errors.ts", import.meta.url).href;

Deno.test("isClientDisconnect knows how each system says that a client is gone", () => {
  const { errors } = Deno;
  const cases: [why: string, error: unknown, gone: boolean][] = [
    ["our own", disconnectError(), true],
    ["a body that was cut off", truncationError("Cannot read on"), true],
    ["reset", new errors.ConnectionReset(), true],
    ["written to after a reset", new errors.BrokenPipe(), true],
    ["closed by ourselves", new errors.BadResource(), true],
    ["Windows: a reset", new errors.ConnectionAborted(), true],
    [
      "macOS: a reset that is not looked at yet",
      new errors.NotConnected(),
      true,
    ],
    // Of a handler's own: its log is to say so.
    ["a server that it asked itself", new errors.ConnectionRefused(), false],
    ["a limit of its own", new errors.TimedOut(), false],
    ["a handler's mistake", new TypeError("Deliberate"), false],
    ["a file that is not there", new errors.NotFound(), false],
    ["nothing", undefined, false],
  ];
  for (const [why, error, gone] of cases) {
    assertEquals(isClientDisconnect(error), gone, why);
  }
});

Deno.test("isClientDisconnect knows its own errors where there is no Deno", async () => {
  const code = `
    import { truncationError, disconnectError, isClientDisconnect } from "${GONE}";
    const { log } = console;
    delete globalThis.Deno;
    for (const error of [disconnectError(), truncationError("Cut off"), new Error("x")]) {
      log(error.name, error.message !== "", isClientDisconnect(error));
    }
  `;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", `data:text/javascript,${encodeURIComponent(code)}`],
    stderr: "null",
  }).output();
  assertEquals(
    new TextDecoder().decode(stdout),
    "DisconnectError true true\nDisconnectError true true\nError true false\n",
  );
});
