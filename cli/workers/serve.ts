// Copyright 2026 the pystd authors. MIT license.

/**
 * Serves with `--workers`. Loaded only when the flag is given.
 *
 * @module
 */

import type { LoginThrottle } from "../../handlers/share/auth/login_throttle.ts";
import type { ServerAddress } from "../../server/address.ts";
import type { MetricTables } from "../../telemetry/metric_tables.ts";
import { hostAndPort } from "../addresses.ts";
import { announce } from "../announce.ts";
import { StartError } from "../errors.ts";
import { handlerClass } from "../handler.ts";
import { listen } from "../listen.ts";
import { print } from "../output.ts";
import { unstableFlags } from "../permissions/needs.ts";
import { broadGrantNotes, revokeUnneeded } from "../permissions/revoke.ts";
import {
  denoRunCommand,
  type PermissionNeed,
} from "../permissions/permissions.ts";
import type { Settings } from "../settings/settings.ts";
import { asksForPasswords } from "../settings/sharing.ts";
import { onStopSignals } from "../signals.ts";
import { prepareTLS } from "../tls.ts";
import { WORKER_URL } from "./worker.ts";
import { canSharePorts, splitLimit, WorkerPool } from "./pool.ts";

/**
 * Serves in several threads until a signal ends the command.
 *
 * @param args The command's arguments, for messages.
 * @throws {StartError} If the workers cannot serve.
 */
export async function serveWithWorkers(
  settings: Settings,
  needs: readonly PermissionNeed[],
  args: readonly string[],
): Promise<void> {
  const { workers, maxConnections } = settings;
  const unstable = unstableFlags(settings);
  if (!canSharePorts()) {
    const line = denoRunCommand(needs, args, unstable);
    throw new StartError(
      `Cannot share a port among workers without --unstable-net; run: ${line}`,
    );
  }
  const tls = await prepareTLS(settings);
  const address = await findAddress(settings, tls?.options);
  const [hostname, port] = hostAndPort(address);
  const limits = maxConnections === undefined
    ? Array(workers).fill(undefined)
    : splitLimit(maxConnections, workers);
  const tables = await metricTables(settings);
  const pool = new WorkerPool(
    WORKER_URL,
    limits.map((limit, i) => ({
      settings: {
        ...settings,
        hostname,
        port,
        maxConnections: limit,
        metricTables: tables[i],
      },
      tls: tls?.options,
    })),
    await makeThrottle(settings),
  );
  await pool.start();
  const stop = Promise.withResolvers<void>();
  const removeListeners = onStopSignals((line) => {
    print(line);
    stop.resolve();
  });
  await announce(settings, address, tls?.fingerprint);
  // Workers share the permissions of the main thread, also when it loses them.
  revokeUnneeded(needs);
  for (const line of broadGrantNotes(needs, args, unstable)) print(line);
  await stop.promise;
  await pool.stop();
  removeListeners();
}

/** Returns the shared tables of `--metrics`, for each worker; none without it. */
async function metricTables(
  { metrics, workers }: Settings,
): Promise<MetricTables[]> {
  if (metrics === undefined) return [];
  const { RequestMetrics } = await import("../../telemetry/request_metrics.ts");
  return RequestMetrics.tables(workers);
}

async function makeThrottle(
  settings: Settings,
): Promise<LoginThrottle | undefined> {
  if (!asksForPasswords(settings)) return undefined;
  const { InMemoryLoginThrottle } = await import(
    "../../handlers/share/auth/login_throttle.ts"
  );
  return new InMemoryLoginThrottle();
}

/**
 * Listens for a moment without sharing the port. This finds one free port for
 * all workers, and fails if another program already shares it.
 */
async function findAddress(
  settings: Settings,
  tls: Parameters<typeof listen>[2],
): Promise<Exclude<ServerAddress, { transport: "unix" }>> {
  await using probe = await listen(settings, await handlerClass(settings), tls);
  return probe.serverAddress;
}
