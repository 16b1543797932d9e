// Copyright 2026 the pystd authors. MIT license.

/**
 * The module that `--workers` starts in each thread.
 *
 * The main thread imports it too, without effect: `deno cache` and
 * `deno compile` include only modules that are imported.
 *
 * @module
 */

import { handlerClass } from "../handler.ts";
import { serveInWorker } from "./worker_loop.ts";
import { isWorkerThread } from "./pool.ts";

/** The URL of this module. */
export const WORKER_URL: URL = new URL(import.meta.url);

if (isWorkerThread()) serveInWorker(handlerClass);
