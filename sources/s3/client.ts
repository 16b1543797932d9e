// Copyright 2026 the pystd authors. MIT license.

/**
 * Requests to a store that speaks S3's protocol: addresses, signatures, time
 * limits, retries, errors.
 *
 * @module
 */

import { encodeHex } from "@std/encoding/hex";
import { AwsClient } from "aws4fetch";
import { type ReadLimits, ReadRate } from "../read_rate.ts";
import { SourceError } from "../source.ts";
import { isEndpoint } from "./endpoint.ts";
import { parseXml, type XmlRecord } from "./xml.ts";

/** Largest list that is read, in bytes: 1,000 of the longest keys, escaped. */
const MAX_XML_BYTES = 4 * 1024 * 1024;
/** Largest error that is read, in bytes. */
const MAX_ERROR_BYTES = 64 * 1024;
/** Longest pause before the first retry, in ms; it doubles with each. */
const FIRST_PAUSE_MS = 100;
/** Longest key, in bytes of UTF-8 (S3 user guide, object key names). */
const MAX_KEY_BYTES = 1024;
/** Most characters of a store's message that errors show. */
const MAX_MESSAGE = 300;
/** The field that makes `fetch` decode, and its values that do. */
const CODING = "content-encoding";
const DECODED = /\b(?:gzip|deflate|br|zstd)\b/i;
/** Statuses after which the same request may succeed. */
const RETRIED = new Set([429, 500, 502, 503, 504]);

/** Keys that sign requests. */
export interface S3Credentials {
  /** The access key's id. */
  readonly accessKeyId: string;
  /** The access key's secret. */
  readonly secretAccessKey: string;
  /** The token of temporary keys. */
  readonly sessionToken?: string;
}

/** Where a bucket is, and how it is asked. */
export interface S3ClientOptions {
  /** The bucket's name. */
  readonly bucket: string;
  /**
   * The URL of the store.
   *
   * @default that of AWS in the region
   */
  readonly endpoint?: string;
  /**
   * The region that signatures name.
   *
   * @default {"us-east-1"}
   */
  readonly region?: string;
  /**
   * Whether the bucket is in the path of URLs, not in the host.
   *
   * @default true with an `endpoint`
   */
  readonly pathStyle?: boolean;
  /** Keys, or what returns the current ones; requests are not signed without. */
  readonly credentials?:
    | S3Credentials
    | (() => S3Credentials | Promise<S3Credentials>);
  /**
   * Longest wait for a response or its next bytes, in ms.
   *
   * @default {10000}
   */
  readonly timeout?: number;
  /**
   * Most retries of a request.
   *
   * @default {3}
   */
  readonly retries?: number;
  /**
   * Sends requests. It must not decode bodies by their `Content-Encoding`, as the
   * `fetch` of Node and workerd does.
   */
  readonly fetch?: typeof fetch;
}

/** A request to the bucket. */
export interface S3Request {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** The object's key; the bucket itself if absent. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
}

/**
 * Tells whether an object can have a key. In a URL, a name `.` or `..` would lead
 * to another key, or to another bucket.
 *
 * @param key The key.
 * @returns Whether it can.
 */
export function isKey(key: string): boolean {
  return key.isWellFormed() && !/(?:^|\/)\.{1,2}(?:\/|$)/.test(key) &&
    new TextEncoder().encode(key).length <= MAX_KEY_BYTES;
}

/** Asks one bucket. */
export class S3Client {
  #base: URL;
  /** Host, bucket, and the slash before keys. */
  #address: string;
  #options: S3ClientOptions;
  #timeout: number;
  #retries: number;
  #fetch: typeof fetch;
  /** Whether `fetch` decodes bodies that nobody asked it to. */
  #decodes: boolean;
  /** The keys of the last signature, and what signs with them. */
  #signer: { credentials: S3Credentials; client: AwsClient } | undefined;

  /**
   * Stores its options.
   *
   * @param options See {@linkcode S3ClientOptions}.
   * @throws {TypeError} If the endpoint is no URL of http or https, or has a user
   * or a query.
   */
  constructor(options: S3ClientOptions) {
    const { bucket, region = "us-east-1" } = options;
    const endpoint = options.endpoint ?? `https://s3.${region}.amazonaws.com`;
    // The message leaves the URL out: it may have a password.
    if (!isEndpoint(endpoint)) {
      throw new TypeError(
        "Cannot use the endpoint: it is no URL of http or https without a user and a query",
      );
    }
    const base = new URL(endpoint);
    const pathStyle = options.pathStyle ?? options.endpoint !== undefined;
    if (!pathStyle) base.hostname = `${bucket}.${base.hostname}`;
    const path = base.pathname.replace(/\/*$/, "/");
    base.pathname = pathStyle ? `${path}${bucket}/` : path;
    this.#base = base;
    this.#address = `${base.host}${base.pathname}`;
    this.#options = options;
    this.#timeout = options.timeout ?? 10_000;
    this.#retries = options.retries ?? 3;
    this.#decodes = options.fetch === undefined && !("Deno" in globalThis) &&
      !("Bun" in globalThis);
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
  }

  /**
   * Sends a request, again if that may help.
   *
   * @param request The request.
   * @param expected Statuses that the caller handles.
   * @returns The response. Reading its body, or cancelling it, is up to the
   * caller.
   * @throws {SourceError} 400 if no object can have the key; 502, 503 or 504 for
   * all other outcomes.
   */
  async send(
    request: S3Request,
    expected: readonly number[],
  ): Promise<Response> {
    if (request.key !== undefined && !isKey(request.key)) {
      throw new SourceError(
        400,
        "The path is too long, or no file can have it",
      );
    }
    for (let attempt = 0;; attempt++) {
      const outcome = await this.#try(request);
      if (outcome instanceof Response && expected.includes(outcome.status)) {
        return outcome;
      }
      const isLast = attempt === this.#retries;
      if (outcome instanceof SourceError) {
        if (isLast) throw outcome;
      } else if (isLast || !RETRIED.has(outcome.status)) {
        throw await this.#failure(request, outcome);
      } else await outcome.body?.cancel();
      // "Full jitter": clients that failed together do not return together.
      await pause(Math.random() * FIRST_PAUSE_MS * 2 ** attempt);
    }
  }

  /**
   * Sends a request whose response is XML.
   *
   * @param request The request.
   * @returns The root element.
   * @throws {SourceError} If it fails, or is not the XML that was expected.
   */
  async sendForXml(request: S3Request): Promise<XmlRecord> {
    const response = await this.send(request, [200]);
    const root = await parseXml(await this.readText(request, response));
    if (root === undefined) throw this.broken(request, "no XML");
    // A multipart upload reports a failure in a response with the status 200.
    if (root.name === "Error") throw this.#explained(request, 500, root);
    return root;
  }

  /**
   * Names an object that is copied: the field `x-amz-copy-source`.
   *
   * @param key The object's key.
   * @returns The value of the field.
   */
  copySource(key: string): string {
    const names = key.split("/").map(encodeSegment);
    return `/${this.#options.bucket}/${names.join("/")}`;
  }

  /**
   * Returns the error for a response that is not what S3's protocol has.
   *
   * @param request The request.
   * @param what What is wrong, for the log.
   * @returns The error.
   */
  broken(request: S3Request, what: string): SourceError {
    const detail = this.#detail(request, oneLine(what));
    return new SourceError(502, "The storage failed", detail);
  }

  /** Names a request to the log: the method, the host, the bucket, the key. */
  #detail({ method, key = "" }: S3Request, what: string): string {
    return `S3: ${method} ${this.#address}${key}: ${what}`;
  }

  #late(
    request: S3Request,
    what = `no answer within ${this.#timeout} ms`,
  ): SourceError {
    const detail = this.#detail(request, what);
    return new SourceError(504, "The storage does not answer", detail);
  }

  /** Returns the error for a response that reports one. */
  #explained(
    request: S3Request,
    status: number,
    root: XmlRecord | undefined,
  ): SourceError {
    const code = root?.texts.get("Code") ?? "";
    const message = root?.texts.get("Message") ?? "";
    const detail = this.#detail(
      request,
      oneLine(`${status} ${code} ${message}`),
    );
    if (status === 429 || status === 503) {
      return new SourceError(503, "The storage is busy", detail);
    }
    if (code === "NoSuchBucket") {
      return new SourceError(502, "The storage is missing", detail);
    }
    return status === 401 || status === 403
      ? new SourceError(502, "The storage refused the request", detail)
      : new SourceError(502, "The storage failed", detail);
  }

  /**
   * Returns the body of a response, and fails if the store pauses for too long, or
   * is too slow.
   *
   * @param request The request.
   * @param response The response.
   * @param limits How slow the store may be.
   * @returns Its bytes, read when they are wanted.
   * @throws {SourceError} If the runtime would decode them.
   */
  streamOf(
    request: S3Request,
    response: Response,
    limits: ReadLimits,
  ): ReadableStream<Uint8Array> {
    if (this.#decodes && DECODED.test(response.headers.get(CODING) ?? "")) {
      response.body?.cancel().catch(() => {});
      throw this.broken(request, "fetch decodes it, and hides its bytes");
    }
    const reader = response.body!.getReader();
    const rate = new ReadRate(limits);
    const read = () =>
      within(this.#timeout, reader.read()).catch((error) => {
        reader.cancel().catch(() => {});
        if (isTimeout(error)) throw this.#late(request);
        throw this.broken(request, `cut off: ${reasonOf(error)}`);
      });
    const fail = (): never => {
      reader.cancel().catch(() => {});
      const { minReadRate } = limits;
      throw this.#late(request, `less than ${minReadRate} bytes a second`);
    };
    return new ReadableStream<Uint8Array>({
      async pull(controller): Promise<void> {
        const asked = performance.now();
        const result = await read();
        if (result.done) return controller.close();
        const { value } = result;
        if (rate.isTooSlow(value.length, performance.now() - asked)) fail();
        controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    }, { highWaterMark: 0 });
  }

  /**
   * Reads the body of a response that is XML.
   *
   * @param request The request.
   * @param response The response.
   * @param most Most bytes to read.
   * @returns The text.
   * @throws {SourceError} If it is longer, or takes too long.
   */
  async readText(
    request: S3Request,
    response: Response,
    most: number = MAX_XML_BYTES,
  ): Promise<string> {
    if (response.body === null) return "";
    const decoder = new TextDecoder();
    let text = "";
    let length = 0;
    const latest = performance.now() + this.#timeout;
    for await (const piece of this.streamOf(request, response, NO_LIMITS)) {
      length += piece.length;
      if (length > most) throw this.broken(request, "too much XML");
      // A store that sends a byte now and then would never be late.
      if (performance.now() > latest) throw this.#late(request);
      text += decoder.decode(piece, { stream: true });
    }
    return text + decoder.decode();
  }

  async #failure(request: S3Request, response: Response): Promise<SourceError> {
    let root: XmlRecord | undefined;
    try {
      const text = await this.readText(request, response, MAX_ERROR_BYTES);
      root = await parseXml(text);
    } catch (error) {
      // The status has to do.
      if (!(error instanceof SourceError)) throw error;
    }
    return this.#explained(request, response.status, root);
  }

  async #try(request: S3Request): Promise<Response | SourceError> {
    const controller = new AbortController();
    try {
      const signed = await this.#sign(request);
      // Not signed, since proxies change it. Nobody compresses for us then.
      signed.headers.set("accept-encoding", "identity");
      const init: RequestInit & { decompress: false } = {
        signal: controller.signal,
        // A redirect would take the keys and uploads to another host.
        redirect: "manual",
        // Bun decodes otherwise; Deno does not decode what was not asked for.
        decompress: false,
      };
      const sent = this.#fetch(signed, init);
      return await within(this.#timeout, sent);
    } catch (error) {
      controller.abort();
      if (isTimeout(error)) return this.#late(request);
      const detail = this.#detail(request, reasonOf(error));
      return new SourceError(502, "The storage cannot be reached", detail);
    }
  }

  async #sign(
    { method, key, query, headers, body }: S3Request,
  ): Promise<Request> {
    const url = new URL(this.#base);
    if (key === undefined) {
      // As the programs of AWS ask: some stores sign no slash after the bucket.
      url.pathname = url.pathname.replace(/(.)\/$/, "$1");
    } else url.pathname += key.split("/").map(encodeSegment).join("/");
    for (const [name, value] of Object.entries(query ?? {})) {
      url.searchParams.set(name, value);
    }
    const { credentials } = this.#options;
    const init = { method, headers, body };
    if (credentials === undefined) return new Request(url, init);
    const keys = typeof credentials === "function"
      ? await credentials()
      : credentials;
    if (this.#signer?.credentials !== keys) {
      const region = this.#options.region ?? "us-east-1";
      const client = new AwsClient({ ...keys, region, service: "s3" });
      this.#signer = { credentials: keys, client };
    }
    const hash = body === undefined ? EMPTY_SHA256 : await sha256(body);
    return await this.#signer.client.sign(url, {
      ...init,
      headers: { ...headers, "x-amz-content-sha256": hash },
    });
  }
}

/** For bodies whose time and length are limited in another way. */
const NO_LIMITS: ReadLimits = { minReadRate: 0, maxReadStall: Infinity };

const EMPTY_SHA256 =
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return encodeHex(await crypto.subtle.digest("SHA-256", bytes));
}

/** Escapes all but the unreserved characters of RFC 3986, as signatures do. */
function encodeSegment(segment: string): string {
  return encodeURIComponent(segment).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const fail = () => reject(new DOMException("Too late", "TimeoutError"));
    timer = setTimeout(fail, ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === "TimeoutError";
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Returns the start of what a store says, on one line. */
function oneLine(text: string): string {
  return text.slice(0, MAX_MESSAGE).replace(/[\x00-\x20\x7f-\x9f]+/g, " ")
    .trim();
}

/** Returns why `fetch` failed, without the URL: its query has no bounds. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return oneLine(`${error}`);
  const { message, cause } = error;
  // "fetch failed" says nothing; the cause does.
  const reason = cause instanceof Error && cause.message || message;
  return oneLine(reason.replace(/ for url \(\S*\)/, ""));
}
