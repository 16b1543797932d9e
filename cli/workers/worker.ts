// Copyright 2026 the pystd authors. MIT license.

/**
 * The module that `--workers` starts in each thread.
 *
 * The main thread imports it too, where it does nothing: so it is among what
 * `deno cache` fetches and `deno compile` packs, which look at imports alone.
 *
 * @module
 */

import { handlerClass } from "../handler.ts";
import { serveInWorker } from "./worker_loop.ts";
import { isWorkerThread } from "./pool.ts";

/** Where this module is. */
export const WORKER_URL: URL = new URL(import.meta.url);

if (isWorkerThread()) serveInWorker(handlerClass);
