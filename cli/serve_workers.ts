// Copyright 2026 the pystd authors. MIT license.

/**
 * Serves with `--workers`. Loaded only when the flag is given.
 *
 * @module
 */

import type { AttemptCounter } from "../handlers/share/auth/attempts.ts";
import type { ServerAddress } from "../server/address.ts";
import { hostAndPort } from "./addresses.ts";
import { announce } from "./announce.ts";
import { handlerClass } from "./handler.ts";
import { listen } from "./listen.ts";
import { print } from "./output.ts";
import { giveUpOthers, whatStays } from "./give_up.ts";
import { commandLine, type Need, StartError } from "./permissions.ts";
import type { Settings } from "./settings.ts";
import { asksForPasswords } from "./sharing.ts";
import { onStopSignals } from "./signals.ts";
import { tlsSetup } from "./tls.ts";
import { WORKER } from "./worker.ts";
import { canSharePorts, shares, WorkerPool } from "./workers.ts";

/** What Deno needs for ports that are shared. */
const UNSTABLE = ["--unstable-net"];

/**
 * Serves in several threads until a signal ends it.
 *
 * @param settings What to serve, and where.
 * @param needs The permissions that this needs.
 * @param args The command's arguments, for the line to type instead.
 * @throws {StartError} If it cannot be done.
 */
export async function serveWithWorkers(
  settings: Settings,
  needs: readonly Need[],
  args: readonly string[],
): Promise<void> {
  const { workers, maxConnections } = settings;
  if (!canSharePorts()) {
    const line = commandLine(needs, args, UNSTABLE);
    throw new StartError(
      `Cannot share a port among workers without --unstable-net; type: ${line}`,
    );
  }
  const tls = await tlsSetup(settings);
  const address = await findAddress(settings, tls?.options);
  const [hostname, port] = hostAndPort(address);
  const limits = maxConnections === undefined
    ? Array(workers).fill(undefined)
    : shares(maxConnections, workers);
  const pool = new WorkerPool(
    WORKER,
    limits.map((limit) => ({
      settings: { ...settings, hostname, port, maxConnections: limit },
      tls: tls?.options,
    })),
    await attemptCounter(settings),
  );
  await pool.start();
  const stop = Promise.withResolvers<void>();
  const removeListeners = onStopSignals((line) => {
    print(line);
    stop.resolve();
  });
  await announce(settings, address, tls?.fingerprint);
  // Threads have the permissions of this one, and lose them with it.
  giveUpOthers(needs);
  for (const line of whatStays(needs, args, UNSTABLE)) print(line);
  await stop.promise;
  await pool.stop();
  removeListeners();
}

async function attemptCounter(
  settings: Settings,
): Promise<AttemptCounter | undefined> {
  if (!asksForPasswords(settings)) return undefined;
  const { Attempts } = await import("../handlers/share/auth/attempts.ts");
  return new Attempts();
}

/**
 * Listens for a moment, alone: workers would share a port with whoever shares
 * it too, and each of them would find another one that is free.
 */
async function findAddress(
  settings: Settings,
  tls: Parameters<typeof listen>[2],
): Promise<Exclude<ServerAddress, { transport: "unix" }>> {
  await using probe = await listen(settings, await handlerClass(settings), tls);
  return probe.serverAddress;
}
