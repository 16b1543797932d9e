// Copyright 2026 the pystd authors. MIT license.

/**
 * What every engine serves. The name in `Host` selects the handler.
 *
 * @module
 */

import {
  toFetchHandler,
  type ToFetchHandlerOptions,
} from "@pystd/http-server/fetch";
import { BaseHTTPRequestHandler } from "@pystd/http-server/handlers/base";
import { ShareHTTPRequestHandler } from "@pystd/http-server/handlers/share";
import { Archives } from "@pystd/http-server/handlers/share/archives";
import {
  BasicAuthenticator,
  parsePasswordFile,
} from "@pystd/http-server/handlers/share/auth";
import { Hashes } from "@pystd/http-server/handlers/share/hashes";
import { SignedLinks } from "@pystd/http-server/handlers/share/links";
import {
  parseRule,
  PathRights,
} from "@pystd/http-server/handlers/share/rights";
import { SourceManagement } from "@pystd/http-server/handlers/share/source-management";
import { SourceUploads } from "@pystd/http-server/handlers/share/source-uploads";
import { SimpleHTTPRequestHandler } from "@pystd/http-server/handlers/simple";
import {
  MetricsPage,
  openTelemetry,
  RequestMetrics,
} from "@pystd/http-server/telemetry";
import type { Files } from "./files.ts";
import { HIDING, UPLOAD_OPTIONS } from "../../sources/files.ts";

/** Answers a request; engines pass more arguments, of their own kinds. */
export type Answer = (
  request: Request,
  // deno-lint-ignore no-explicit-any -- each engine has its own types
  origin?: any,
) => Promise<Response>;

/** Bytes of a piece of the endless response. */
const PIECE_BYTES = 64 * 1024;

/** What became of the endless response. */
const endless = { pieces: 0, ended: "" };

/** Sends bodies back, and a response without end. */
class Bodies extends BaseHTTPRequestHandler {
  static override protocolVersion = "HTTP/1.1";

  /** Sends pieces until the client leaves, at the path `/endless`. */
  async do_GET(): Promise<void> {
    if (this.path === "/state") return await this.#send(endless);
    if (this.path === "/who") return await this.#send(this.clientAddress);
    endless.pieces = 0;
    endless.ended = "";
    this.sendResponse(200);
    const body = this.endHeadersOfStream();
    const piece = new Uint8Array(PIECE_BYTES);
    try {
      for (;;) {
        await body.write(piece);
        endless.pieces++;
      }
    } catch (error) {
      endless.ended = (error as Error).name;
      throw error;
    }
  }

  /** Returns the size of the body, and its sum. */
  async do_PUT(): Promise<void> {
    let size = 0;
    let sum = 0;
    for await (const piece of this.rfile.readable) {
      size += piece.length;
      for (const byte of piece) sum = (sum + byte) % 65521;
    }
    await this.#send({ size, sum });
  }

  /** Sends the body back while it arrives. */
  async do_POST(): Promise<void> {
    this.sendResponse(200);
    const body = this.endHeadersOfStream();
    for await (const piece of this.rfile.readable) await body.write(piece);
    await body.end();
  }

  async #send(value: unknown): Promise<void> {
    const text = JSON.stringify(value);
    this.sendResponse(200);
    this.sendHeader("Content-Length", text.length);
    this.endHeaders();
    await this.wfile.write(text);
  }

  override logMessage(): void {}
}

class QuietSimple extends SimpleHTTPRequestHandler {
  override logMessage(): void {}
}

class QuietShare extends ShareHTTPRequestHandler {
  override logMessage(): void {}
}

/** Receives bodies up to the limit of the table of uploads. */
class Receiving extends QuietShare {
  static override maxBodyBytes = 1_000_000;
}

/** The password is "secret", by htpasswd -B. */
const PASSWORDS =
  "ann:$2b$04$ZxHaIbfmvciOEFdDZZPLB.WRw2zgDQpTotJD6hdMUYvflcHFkgspu\n";

/** Answers with the links that the key of {@linkcode createSecured} signs. */
async function signLink(links: SignedLinks): Promise<string> {
  const end = Date.now() + 60_000;
  return await links.sign(["docs"], { isFolder: true, end });
}

/** Creates a handler with passwords, rights, links, hashes and metrics. */
async function createSecured(files: Files): Promise<Answer> {
  const { users } = await parsePasswordFile(PASSWORDS);
  const rights = new PathRights({
    rules: [parseRule("ann / read"), parseRule("bob /site read")],
  });
  const links = new SignedLinks({ key: new Uint8Array(32), rights });
  const metrics = new RequestMetrics();
  const telemetry = await openTelemetry();
  class Observed extends QuietShare {
    static override observers = [metrics, telemetry];
  }
  const handler = toFetchHandler(Observed.with({
    ...HIDING,
    ...files,
    auth: new BasicAuthenticator({ users, optional: true }),
    hashes: new Hashes(),
    links,
    metrics: new MetricsPage("/metrics", metrics),
    rights,
  }));
  return async (request, origin) =>
    new URL(request.url).pathname === "/sign"
      ? new Response(await signLink(links))
      : await handler(request, origin);
}

/** Describes what an engine without directories says of one. */
function refusal(): string {
  try {
    toFetchHandler(SimpleHTTPRequestHandler.with({ directory: "." }));
    return "";
  } catch (error) {
    return String(error);
  }
}

/**
 * Creates the handlers.
 *
 * @param files The files.
 * @param how How to get the client's address on this engine.
 * @returns Answers a request.
 */
export async function createSite(
  { managed, ...files }: Files,
  how: ToFetchHandlerOptions = {},
): Promise<Answer> {
  const options = { ...HIDING, ...files };
  const archives = new Archives();
  const sites: Record<string, Answer> = {
    "simple": toFetchHandler(QuietSimple.with(options)),
    "share": toFetchHandler(QuietShare.with({ ...options, archives })),
    "secured": await createSecured(files),
    "directory": () => Promise.resolve(new Response(refusal())),
    "bodies": toFetchHandler(Bodies, how),
  };
  const { source } = files;
  if (source?.write !== undefined) {
    sites["uploads"] = toFetchHandler(Receiving.with({
      ...options,
      uploads: new SourceUploads(source, UPLOAD_OPTIONS),
    }));
    const uploads = new SourceUploads(source);
    const manage = new SourceManagement(uploads);
    sites["large"] = toFetchHandler(
      QuietShare.with({ ...options, uploads, manage }),
    );
  }
  if (managed !== undefined) {
    const limits = { ...UPLOAD_OPTIONS, overwrite: true };
    const uploads = new SourceUploads(managed, limits);
    const manage = new SourceManagement(uploads);
    sites["managed"] = toFetchHandler(
      QuietShare.with({ ...HIDING, source: managed, uploads, manage }),
    );
  }
  return (request, origin) => {
    const { hostname } = new URL(request.url);
    return sites[hostname]!(request, origin);
  };
}
