// Copyright 2026 the pystd authors. MIT license.

/**
 * Headless Chromium, and a relay that cuts connections.
 *
 * @module
 */

import axe, { type AxeResults } from "axe-core";
import {
  type Browser,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import { CHROMIUM } from "../support/chromium.ts";

/**
 * Starts the browser with a new profile.
 *
 * @param more Further arguments.
 * @returns The browser; the caller closes it.
 */
export function launch(...more: string[]): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...more,
    ],
  });
}

/**
 * Registers a test that needs a browser.
 *
 * @param name The name of the test.
 * @param fn The test.
 */
export function browserTest(
  name: string,
  fn: (browser: Browser) => Promise<void>,
): void {
  Deno.test({
    name,
    // The browser's pipes stay open.
    sanitizeResources: false,
    sanitizeOps: false,
    async fn() {
      const browser = await launch();
      try {
        await fn(browser);
      } finally {
        await browser.close();
      }
    },
  });
}

/**
 * Checks a page by axe.
 *
 * @param page The page.
 * @returns The violations: a rule and the elements that break it.
 */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const results = await page.evaluate("axe.run()") as AxeResults;
  return results.violations.map(({ id, nodes }) =>
    `${id}: ${nodes.map(({ html }) => html).join(" ")}`
  );
}

/** A page and its errors. */
export interface WatchedPage {
  /** The page. */
  page: Page;
  /** Console errors, exceptions, dialogs, policy violations. */
  problems: string[];
}

/**
 * Opens an empty page in a new context.
 *
 * @param browser The browser.
 * @param options Of the context.
 * @returns The page.
 */
export async function openPage(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("console", (message) => {
    // Requested when a file is opened by itself; listings have their own icon.
    if (message.location().url.endsWith("/favicon.ico")) return;
    if (["error", "warning"].includes(message.type())) {
      problems.push(`${message.type()}: ${message.text()}`);
    }
  });
  page.on("pageerror", (error) => problems.push(`exception: ${error}`));
  page.on("dialog", (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  return { page, problems };
}

/**
 * Drops files on a page, as a user would.
 *
 * @param page The page.
 * @param paths The files and folders.
 */
export async function drop(page: Page, paths: string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    await session.send("Input.dispatchDragEvent", { type, x: 50, y: 50, data });
  }
  await session.detach();
}

/** Relays connections to a server, and cuts some of them. */
export class Relay implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #serving: Promise<void>;
  readonly #under = new Set<Deno.Conn>();
  readonly #port: number;

  /** Most bytes of requests to relay before the connection is cut. */
  cutAfter = Infinity;
  /** Number of connections cut. */
  cuts = 0;

  /**
   * Starts the relay.
   *
   * @param port The server's port.
   */
  constructor(port: number) {
    this.#port = port;
    this.#serving = this.#serve();
  }

  /** The port it listens on. */
  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  /** Stops it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const conn of this.#under) close(conn);
    await this.#serving;
  }

  async #serve(): Promise<void> {
    const connections: Promise<void>[] = [];
    try {
      for await (const conn of this.#listener) {
        connections.push(this.#pass(conn));
      }
    } catch {
      // The relay was closed.
    }
    await Promise.all(connections);
  }

  async #pass(client: Deno.Conn): Promise<void> {
    const server = await Deno.connect({
      hostname: "127.0.0.1",
      port: this.#port,
    });
    this.#under.add(client).add(server);
    const cut = (): void => {
      close(client);
      close(server);
    };
    await Promise.all([
      copy(client, server, () => this.cutAfter, () => this.cuts++).finally(cut),
      copy(server, client, () => Infinity, () => {}).finally(cut),
    ]);
  }
}

async function copy(
  from: Deno.Conn,
  to: Deno.Conn,
  limit: () => number,
  whenCut: () => void,
): Promise<void> {
  const buffer = new Uint8Array(65536);
  let total = 0;
  try {
    for (;;) {
      const count = await from.read(buffer);
      if (count === null) return;
      total += count;
      for (let sent = 0; sent < count;) {
        sent += await to.write(buffer.subarray(sent, count));
      }
      if (total > limit()) return whenCut();
    }
  } catch {
    // One side has disconnected.
  }
}

function close(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // Closed already.
  }
}
