// Copyright 2026 the pystd authors. MIT license.

/**
 * The server in a worker thread.
 *
 * @module
 */

import type { LoginThrottle } from "../../handlers/share/auth/login_throttle.ts";
import { flushLog, redirectLog } from "../../io/log.ts";
import type { RequestHandlerClass } from "../../server/base_server.ts";
import type { ThreadingHTTPServer } from "../../server/threading.ts";
import { listen } from "../listen.ts";
import type { Settings } from "../settings/settings.ts";
import { RemoteLoginThrottle } from "./remote_throttle.ts";
import type { FromWorker, ToWorker } from "./pool.ts";

/** The global scope of a worker, for messages to the main thread. */
interface Port {
  postMessage(message: FromWorker): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
}

/**
 * Serves until the main thread sends `stop`.
 *
 * @param makeHandler Makes the handler class.
 */
export function serveInWorker(
  makeHandler: (
    settings: Settings,
    throttle: LoginThrottle,
  ) => Promise<RequestHandlerClass>,
): void {
  const port = globalThis as unknown as Port;
  let httpd: ThreadingHTTPServer | undefined;
  const throttle = new RemoteLoginThrottle((message) =>
    port.postMessage(message)
  );
  redirectLog((lines) => port.postMessage({ kind: "log", lines }));
  port.onmessage = async ({ data }) => {
    if (data.kind === "stop") return await httpd?.shutdown();
    if (data.kind === "decision") {
      return throttle.settle(data.id, data.decision);
    }
    try {
      const { settings, tls } = data.task;
      const handler = await makeHandler(settings, throttle);
      httpd = await listen(settings, handler, tls, true);
    } catch (error) {
      const { message } = error as Error;
      return port.postMessage({ kind: "failed", message });
    }
    const served = httpd.serveForever();
    port.postMessage({ kind: "ready" });
    await served;
    await httpd.serverClose();
    flushLog();
    port.postMessage({ kind: "ended" });
  };
  port.postMessage({ kind: "loaded" });
}
