// Copyright 2026 the pystd authors. MIT license.

/**
 * A small store that speaks the part of S3's protocol that `S3Source` uses, with
 * faults on demand. `tests/sources/s3rver_test.ts` asks a store of somebody else,
 * which verifies signatures.
 *
 * @module
 */

interface StoredObject {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag: string;
  /** The fields that are stored with it. */
  readonly fields: Readonly<Record<string, string>>;
  readonly modified: Date;
}

interface StoredUpload {
  readonly key: string;
  readonly began: Date;
  readonly parts: Map<number, Uint8Array<ArrayBuffer>>;
}

/** Answers a request in place of the store; `undefined` leaves it to the store. */
export type Fault = (
  request: Request,
  key: string,
) => Response | undefined | Promise<Response | undefined>;

const NAME = "share";
let versions = 0;

/** A running store with one bucket, `share`. */
export class S3Store implements AsyncDisposable {
  /** The objects, by key. */
  readonly objects = new Map<string, StoredObject>();
  /** Uploads that were begun and not completed, by their id. */
  readonly uploads = new Map<string, StoredUpload>();
  /** The requests: methods and paths. */
  readonly requests: string[] = [];
  /** Answers requests in place of the store. */
  fault: Fault = () => undefined;
  /** Most keys in a page of a list. */
  pageSize = 1000;
  #server: Deno.HttpServer<Deno.NetAddr>;
  #end = new AbortController();

  /**
   * Starts a store.
   *
   * @param files Its objects.
   */
  constructor(files: Readonly<Record<string, string | Uint8Array>> = {}) {
    for (const [key, content] of Object.entries(files)) this.put(key, content);
    this.#server = Deno.serve(
      {
        hostname: "127.0.0.1",
        port: 0,
        onListen() {},
        signal: this.#end.signal,
      },
      (request) => this.#answer(request),
    );
  }

  /** The URL of the store. */
  get endpoint(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** The options of a source for its bucket. */
  get options(): {
    bucket: string;
    endpoint: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
  } {
    const { endpoint } = this;
    const credentials = { accessKeyId: "key", secretAccessKey: "secret" };
    return { bucket: NAME, endpoint, credentials };
  }

  /** The environment of a command that serves its bucket. */
  get environment(): Record<string, string> {
    return {
      AWS_ENDPOINT_URL: this.endpoint,
      AWS_ACCESS_KEY_ID: "key",
      AWS_SECRET_ACCESS_KEY: "secret",
    };
  }

  /**
   * Stores an object.
   *
   * @param key Its key.
   * @param content Its content.
   * @param fields The header fields that are stored with it.
   * @returns The object.
   */
  put(
    key: string,
    content: string | Uint8Array,
    fields: Readonly<Record<string, string>> = {},
  ): StoredObject {
    const bytes = new Uint8Array(
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    );
    const etag = `"v${++versions}"`;
    const object = { bytes, etag, fields, modified: new Date() };
    this.objects.set(key, object);
    return object;
  }

  /** Stops the store. */
  async [Symbol.asyncDispose](): Promise<void> {
    // A fault may be that a request has no answer.
    this.#end.abort();
    await this.#server.finished;
  }

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const key = decodeURIComponent(url.pathname.slice(`/${NAME}/`.length));
    this.requests.push(`${request.method} ${url.pathname}${url.search}`);
    const failed = await this.fault(request, key);
    if (failed !== undefined) return failed;
    const signed = request.headers.get("authorization") ?? "";
    if (!signed.startsWith("AWS4-HMAC-SHA256 Credential=key/")) {
      return failure(403, "AccessDenied");
    }
    const query = url.searchParams;
    switch (request.method) {
      case "HEAD":
      case "GET":
        if (key !== "") return this.#get(request, key);
        return query.has("uploads") ? this.#listUploads() : this.#list(query);
      case "PUT":
        return await this.#write(request, key, query);
      case "POST":
        return await this.#post(request, key, query);
      case "DELETE":
        if (query.has("uploadId")) {
          this.uploads.delete(query.get("uploadId")!);
        } else if (this.#refuses(request, key)) {
          return failure(412, "PreconditionFailed");
        } else this.objects.delete(key);
        return new Response(null, { status: 204 });
    }
    return failure(501, "NotImplemented");
  }

  #get({ method, headers }: Request, key: string): Response {
    const object = this.objects.get(key);
    if (object === undefined) return failure(404, "NoSuchKey");
    const { bytes, etag, modified } = object;
    const wanted = headers.get("if-match");
    if (wanted !== null && wanted !== etag) {
      return failure(412, "PreconditionFailed");
    }
    const fields = new Headers({
      etag,
      "content-type": "application/octet-stream",
      ...object.fields,
      "last-modified": modified.toUTCString(),
      "content-length": `${bytes.length}`,
    });
    if (method === "HEAD") return new Response(null, { headers: fields });
    const range = /^bytes=(\d+)-(\d+)$/.exec(headers.get("range") ?? "");
    if (range === null) return new Response(bytes, { headers: fields });
    const part = bytes.slice(Number(range[1]), Number(range[2]) + 1);
    fields.set("content-length", `${part.length}`);
    fields.set(
      "content-range",
      `bytes ${range[1]}-${range[2]}/${bytes.length}`,
    );
    return new Response(part, { status: 206, headers: fields });
  }

  #list(query: URLSearchParams): Response {
    const prefix = query.get("prefix") ?? "";
    const delimiter = query.get("delimiter") ?? "";
    const most = Math.min(Number(query.get("max-keys") ?? 1000), this.pageSize);
    const after = decodeURIComponent(query.get("continuation-token") ?? "");
    const rows: [sort: string, row: string][] = [];
    const seen = new Set<string>();
    for (const [key, { bytes, etag, modified }] of this.objects) {
      if (!key.startsWith(prefix)) continue;
      const end = key.indexOf(delimiter, prefix.length);
      if (delimiter !== "" && end !== -1) {
        const folder = key.slice(0, end + 1);
        if (folder === prefix) continue;
        if (!seen.has(folder)) {
          const name = encodeURIComponent(folder);
          rows.push([
            folder,
            `<CommonPrefixes><Prefix>${name}</Prefix></CommonPrefixes>`,
          ]);
        }
        seen.add(folder);
        continue;
      }
      rows.push([
        key,
        `<Contents><Key>${encodeURIComponent(key)}</Key>` +
        `<LastModified>${modified.toISOString()}</LastModified>` +
        `<ETag>${etag.replaceAll('"', "&quot;")}</ETag>` +
        `<Size>${bytes.length}</Size></Contents>`,
      ]);
    }
    const rest = rows.sort(([a], [b]) => a < b ? -1 : 1)
      .filter(([sort]) => sort > after);
    const page = rest.slice(0, most);
    const more = rest.length > page.length;
    return xml(
      `<ListBucketResult><EncodingType>url</EncodingType>` +
        `<IsTruncated>${more}</IsTruncated>` +
        (more
          ? `<NextContinuationToken>${
            encodeURIComponent(page.at(-1)![0])
          }</NextContinuationToken>`
          : "") +
        `${page.map(([, row]) => row).join("")}</ListBucketResult>`,
    );
  }

  async #write(
    request: Request,
    key: string,
    query: URLSearchParams,
  ): Promise<Response> {
    const bytes = await request.bytes();
    const hash = request.headers.get("x-amz-content-sha256");
    if (hash !== await sha256(bytes)) {
      return failure(400, "XAmzContentSHA256Mismatch");
    }
    const uploadId = query.get("uploadId");
    if (uploadId !== null) {
      const upload = this.uploads.get(uploadId);
      if (upload === undefined) return failure(404, "NoSuchUpload");
      const number = Number(query.get("partNumber"));
      upload.parts.set(number, bytes);
      return new Response(null, { headers: { etag: `"p${number}"` } });
    }
    if (this.#refuses(request, key)) return failure(412, "PreconditionFailed");
    const source = request.headers.get("x-amz-copy-source");
    if (source !== null) return this.#copy(request, source, key);
    const type = request.headers.get("content-type");
    const { etag } = this.put(key, bytes, type ? { "content-type": type } : {});
    return new Response(null, { headers: { etag } });
  }

  #copy({ headers }: Request, source: string, key: string): Response {
    const from = decodeURIComponent(source).slice(`/${NAME}/`.length);
    const object = this.objects.get(from);
    if (object === undefined) return failure(404, "NoSuchKey");
    const wanted = headers.get("x-amz-copy-source-if-match");
    if (wanted !== null && wanted !== object.etag) {
      return failure(412, "PreconditionFailed");
    }
    const { etag } = this.put(key, object.bytes, object.fields);
    return xml(
      `<CopyObjectResult><ETag>${escape(etag)}</ETag></CopyObjectResult>`,
    );
  }

  async #post(
    request: Request,
    key: string,
    query: URLSearchParams,
  ): Promise<Response> {
    if (query.has("uploads")) {
      const id = crypto.randomUUID();
      this.uploads.set(id, { key, began: new Date(), parts: new Map() });
      return xml(
        `<InitiateMultipartUploadResult><UploadId>${id}</UploadId>` +
          `</InitiateMultipartUploadResult>`,
      );
    }
    const id = query.get("uploadId") ?? "";
    const upload = this.uploads.get(id);
    if (upload === undefined) return failure(404, "NoSuchUpload");
    const numbers = [...(await request.text()).matchAll(
      /<PartNumber>(\d+)<\/PartNumber><ETag>(?:"|&quot;)p\1/g,
    )].map(([, number]) => Number(number));
    if (this.#refuses(request, key)) return failure(412, "PreconditionFailed");
    const parts = numbers.map((number) => upload.parts.get(number)!);
    this.put(key, new Uint8Array(await new Blob(parts).arrayBuffer()));
    this.uploads.delete(id);
    return xml("<CompleteMultipartUploadResult/>");
  }

  #refuses({ headers }: Request, key: string): boolean {
    const wanted = headers.get("if-match");
    if (wanted !== null && this.objects.get(key)?.etag !== wanted) return true;
    return headers.get("if-none-match") === "*" && this.objects.has(key);
  }

  #listUploads(): Response {
    const rows = [...this.uploads].map(([id, { key, began }]) =>
      `<Upload><Key>${escape(key)}</Key><UploadId>${id}</UploadId>` +
      `<Initiated>${began.toISOString()}</Initiated></Upload>`
    );
    return xml(
      `<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>` +
        `${rows.join("")}</ListMultipartUploadsResult>`,
    );
  }
}

/**
 * Returns the response for a failure.
 *
 * @param status The status.
 * @param code The code of S3.
 * @returns The response.
 */
export function failure(status: number, code: string): Response {
  const body = `<Error><Code>${code}</Code><Message>A fault</Message></Error>`;
  return new Response(body, {
    status,
    headers: { "content-type": "application/xml" },
  });
}

function xml(content: string): Response {
  return new Response(`<?xml version="1.0" encoding="UTF-8"?>\n${content}`, {
    headers: { "content-type": "application/xml" },
  });
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
