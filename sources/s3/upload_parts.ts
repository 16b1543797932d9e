// Copyright 2026 the pystd authors. MIT license.

/**
 * Writes an object: at once if it fits one part, otherwise by a multipart
 * upload. A part is sent before the next one is received.
 *
 * @module
 */

import { escapeXml } from "../../protocol/dav/multistatus.ts";
import { inParts, type Part } from "../parts.ts";
import type { UploadLimits, UploadMemory } from "../upload_memory.ts";
import type { S3Client, S3Request } from "./client.ts";

/** Parts after which their size doubles if the size is not known. */
const PARTS_OF_A_SIZE = 1000;

/** An object to write. */
export interface Upload {
  /** Its key. */
  readonly key: string;
  /** Its media type. */
  readonly type: string;
  /** Size of the first parts, in bytes. */
  readonly partBytes: number;
  /** Most bytes of the object, if that is known. */
  readonly size: number | undefined;
  /** The memory of all uploads. */
  readonly memory: UploadMemory;
  /** The limits of that memory. */
  readonly limits: UploadLimits;
  /** Header fields under which it may be written. */
  readonly condition: Readonly<Record<string, string>>;
}

/** A part that was sent. */
interface SentPart {
  readonly number: number;
  readonly etag: string;
}

/**
 * Writes an object.
 *
 * @param client Asks the bucket.
 * @param content The content.
 * @param upload See {@linkcode Upload}.
 * @returns Whether it was written; `false` if its condition does not hold.
 * @throws {SourceError} If it cannot be written; nothing is left of it then.
 */
export async function uploadParts(
  client: S3Client,
  content: AsyncIterable<Uint8Array>,
  upload: Upload,
): Promise<boolean> {
  const { key, type, condition } = upload;
  const fields = { "content-type": type };
  const sent: SentPart[] = [];
  let uploadId: string | undefined;
  try {
    for await (const { bytes: body, isLast } of partsOf(content, upload)) {
      if (isLast && uploadId === undefined) {
        const headers = { ...fields, ...condition };
        const request = { method: "PUT", key, headers, body } as const;
        return await succeeded(client.send(request, outcomesOf(request)));
      }
      uploadId ??= await begin(client, key, fields);
      sent.push(await putPart(client, key, uploadId, sent.length + 1, body));
    }
    const written = await complete(client, {
      method: "POST",
      key,
      query: { uploadId: uploadId! },
      headers: condition,
      body: new TextEncoder().encode(completion(sent)),
    });
    if (!written) await abort(client, key, uploadId!);
    return written;
  } catch (error) {
    if (uploadId !== undefined) {
      await abort(client, key, uploadId).catch(() => {});
    }
    throw error;
  }
}

function partsOf(
  content: AsyncIterable<Uint8Array>,
  { partBytes, size, memory, limits }: Upload,
): AsyncGenerator<Part> {
  const sizeOf = (index: number): number =>
    size === undefined
      ? partBytes * 2 ** Math.floor(index / PARTS_OF_A_SIZE)
      : partBytes;
  return inParts(content, { sizeOf, size, memory, limits });
}

async function begin(
  client: S3Client,
  key: string,
  headers: Readonly<Record<string, string>>,
): Promise<string> {
  const query = { uploads: "" };
  const request = { method: "POST", key, query, headers } as const;
  const begun = await client.sendForXml(request);
  const uploadId = begun.texts.get("UploadId");
  if (uploadId) return uploadId;
  throw client.broken(request, "no UploadId");
}

async function complete(
  client: S3Client,
  request: S3Request,
): Promise<boolean> {
  const response = await client.send(request, outcomesOf(request));
  const text = await client.readText(request, response);
  // A failure may come in a response with the status 200.
  if (response.status === 200 && /<Error[\s>]/.test(text)) {
    throw client.broken(request, text);
  }
  return response.status === 200;
}

/** The statuses that tell whether the condition of a write holds. */
function outcomesOf({ headers = {} }: S3Request): readonly number[] {
  // A store answers 404 if the object that has to match is gone.
  return "if-match" in headers ? [200, 404, 409, 412] : [200, 409, 412];
}

async function succeeded(sent: Promise<Response>): Promise<boolean> {
  const response = await sent;
  await response.body?.cancel();
  return response.status === 200;
}

async function putPart(
  client: S3Client,
  key: string,
  uploadId: string,
  number: number,
  body: Uint8Array<ArrayBuffer>,
): Promise<SentPart> {
  const query = { partNumber: `${number}`, uploadId };
  const request = { method: "PUT", key, query, body } as const;
  const response = await client.send(request, [200]);
  await response.body?.cancel();
  const etag = response.headers.get("etag");
  if (etag !== null) return { number, etag };
  throw client.broken(request, "no ETag");
}

async function abort(
  client: S3Client,
  key: string,
  uploadId: string,
): Promise<void> {
  const request = { method: "DELETE", key, query: { uploadId } } as const;
  await (await client.send(request, [204, 404])).body?.cancel();
}

function completion(parts: readonly SentPart[]): string {
  const items = parts.map(({ number, etag }) =>
    `<Part><PartNumber>${number}</PartNumber><ETag>${
      escapeXml(etag)
    }</ETag></Part>`
  );
  return `<CompleteMultipartUpload>${items.join("")}</CompleteMultipartUpload>`;
}
