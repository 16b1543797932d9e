// Copyright 2026 the pystd authors. MIT license.

/**
 * The module that `--workers` starts in each thread.
 *
 * @module
 */

import { handlerClass } from "./handler.ts";
import { serveInWorker } from "./worker_loop.ts";

serveInWorker(handlerClass);
