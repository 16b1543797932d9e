// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import {
  disconnectError,
  isClientDisconnect,
  truncationError,
} from "../../io/client_errors.ts";

const GONE = new URL("../../io/client_errors.ts", import.meta.url).href;

Deno.test("isClientDisconnect recognizes the errors of each system", () => {
  const { errors } = Deno;
  const cases: [why: string, error: unknown, gone: boolean][] = [
    ["our own", disconnectError(), true],
    ["a truncated body", truncationError("Cannot read on"), true],
    ["reset", new errors.ConnectionReset(), true],
    ["written to after a reset", new errors.BrokenPipe(), true],
    ["closed by ourselves", new errors.BadResource(), true],
    ["Windows: a reset", new errors.ConnectionAborted(), true],
    [
      "macOS: a reset that is not looked at yet",
      new errors.NotConnected(),
      true,
    ],
    // Errors of the handler itself, which are logged.
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

Deno.test("isClientDisconnect recognizes its own errors on other platforms", async () => {
  const code = `
    import { truncationError, disconnectError, isClientDisconnect, isTruncation } from "${GONE}";
    const { log } = console;
    delete globalThis.Deno;
    for (const error of [disconnectError(), truncationError("Cut off"), new Error("x")]) {
      log(error.name, error.message !== "", isClientDisconnect(error), isTruncation(error));
    }
  `;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", `data:text/javascript,${encodeURIComponent(code)}`],
    stderr: "null",
  }).output();
  assertEquals(
    new TextDecoder().decode(stdout),
    "DisconnectError true true false\nTruncationError true true true\nError true false false\n",
  );
});
