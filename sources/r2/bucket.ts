// Copyright 2026 the pystd authors. MIT license.

/**
 * What `R2Source` uses of a bucket of R2.
 *
 * @module
 */

/** The fields that are stored with an object in R2. */
export interface R2HTTPMetadata {
  /** `Content-Type`. */
  readonly contentType?: string;
  /** `Content-Encoding`. */
  readonly contentEncoding?: string;
  /** `Content-Disposition`. */
  readonly contentDisposition?: string;
  /** `Content-Language`. */
  readonly contentLanguage?: string;
  /** `Cache-Control`. */
  readonly cacheControl?: string;
  /** `Expires`. */
  readonly cacheExpiry?: Date;
}

/** What this module reads of an object in R2. */
export interface R2Object {
  /** Its key. */
  readonly key: string;
  /** Its size, in bytes. */
  readonly size: number;
  /** Its entity tag, with quotes. */
  readonly httpEtag: string;
  /** Its entity tag, without quotes. */
  readonly etag: string;
  /** When it was written. */
  readonly uploaded: Date;
  /** The fields that are stored with it; a list leaves them out. */
  readonly httpMetadata?: R2HTTPMetadata;
  /** Other values that are stored with it; a list leaves them out. */
  readonly customMetadata?: Record<string, string>;
}

/** A page of a list of R2. */
export interface R2Objects {
  /** The objects. */
  readonly objects: readonly R2Object[];
  /** The prefixes that end with the delimiter. */
  readonly delimitedPrefixes: readonly string[];
  /** Whether there are more. */
  readonly truncated: boolean;
  /** Where they begin, if there are more. */
  readonly cursor?: string;
}

/** An upload in parts. */
export interface R2MultipartUpload {
  /** Sends a part. */
  uploadPart(number: number, content: Uint8Array): Promise<R2UploadedPart>;
  /** Makes an object of the parts. */
  complete(parts: R2UploadedPart[]): Promise<R2Object>;
  /** Discards the parts. */
  abort(): Promise<void>;
}

/** A part that was sent. */
export interface R2UploadedPart {
  /** Its number, from 1. */
  partNumber: number;
  /** Its entity tag. */
  etag: string;
}

/** What is stored with an object. */
export interface R2Metadata {
  /** The fields. */
  readonly httpMetadata: R2HTTPMetadata;
  /** Other values. */
  readonly customMetadata?: Record<string, string>;
}

/** How an object is written. */
export interface R2PutOptions extends R2Metadata {
  /** The condition under which it is written. */
  readonly onlyIf?: Headers;
}

/**
 * What this module uses of a bucket: the binding of a worker has it, and
 * `R2Bucket` of `@cloudflare/workers-types`.
 */
export interface R2Bucket {
  /** Finds an object. */
  head(key: string): Promise<R2Object | null>;
  /** Reads an object, or a part of it. */
  get(
    key: string,
    options: {
      range?: { offset: number; length: number };
      onlyIf?: { etagMatches: string };
    },
  ): Promise<R2Object | (R2Object & { body: ReadableStream }) | null>;
  /** Lists objects. */
  list(options: {
    prefix: string;
    delimiter?: string;
    limit?: number;
    cursor?: string;
  }): Promise<R2Objects>;
  /** Writes an object. */
  put(
    key: string,
    content: Uint8Array,
    options: R2PutOptions,
  ): Promise<R2Object | null>;
  /** Begins an upload in parts. */
  createMultipartUpload(
    key: string,
    options: R2Metadata,
  ): Promise<R2MultipartUpload>;
  /** Removes objects, at most 1,000. */
  delete(keys: string[]): Promise<void>;
}
