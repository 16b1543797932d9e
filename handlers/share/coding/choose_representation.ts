// Copyright 2026 the pystd authors. MIT license.

/**
 * Chooses the representation of a file: the file itself, a compressed file
 * beside it, or one that is compressed here.
 *
 * @module
 */

import { codedEtag } from "../../../protocol/etag.ts";
import { preferredCoding } from "../../../protocol/negotiation.ts";
import { type MaybePromise, whenReady } from "../../../files/maybe_promise.ts";
import type { ReadyFile } from "../../simple.ts";
import { closeFile } from "../../simple/body.ts";
import {
  type Coding,
  compress,
  LIVE_CODINGS,
  type LiveCoding,
  MAX_COMPRESSED_BYTES,
  MIN_COMPRESSED_BYTES,
  SIBLING_EXTENSIONS,
} from "./codings.ts";

/** A representation of a file. */
export interface Representation {
  /** The file, with an entity tag of its own. */
  file: ReadyFile;
  /** Its coding; absent if it is the file itself. */
  coding?: Coding;
  /** The coding in which to compress it while sending. */
  live?: LiveCoding;
}

/** What a request and the options say about representations. */
export interface RepresentationRequest {
  /** The value of `Accept-Encoding`. */
  accept: string;
  /** Whether the request is for ranges of the file. */
  range: boolean;
  /** Whether to look for compressed files beside the original. */
  precompressed: boolean;
  /** Whether files are compressed here. */
  compression: boolean;
  /** Whether a body may be compressed while it is sent. */
  mayCompress: boolean;
  /** Opens another file under the rules that hold for requests. */
  open(path: string): MaybePromise<ReadyFile | undefined>;
}

/**
 * Chooses the representation of a file.
 *
 * @param path The file's path.
 * @param file The file. It is closed, unless it is in the result.
 * @param request The request and the options.
 * @returns The representation.
 */
export function chooseRepresentation(
  path: string,
  file: ReadyFile,
  request: RepresentationRequest,
): MaybePromise<Representation> {
  if (!request.precompressed) return chooseCoding(file, request);
  return whenReady(findSibling(path, file, request), (sibling) => {
    if (sibling === undefined) return chooseCoding(file, request);
    closeFile(file);
    return sibling;
  });
}

function chooseCoding(
  file: ReadyFile,
  request: RepresentationRequest,
): MaybePromise<Representation> {
  const { size } = file.info;
  // Ranges are those of the file itself, since results may not be kept.
  const isMade = request.compression && !request.range &&
    size >= MIN_COMPRESSED_BYTES && size <= MAX_COMPRESSED_BYTES;
  if (!isMade) return { file };
  const coding = preferredCoding(request.accept, LIVE_CODINGS);
  if (coding === undefined) return { file };
  const etag = codedEtag(file.etag, coding);
  if ("file" in file) {
    if (!request.mayCompress) return { file };
    return { file: { ...file, etag }, live: coding };
  }
  const form = (bytes: Uint8Array): Representation =>
    bytes === file.bytes ? { file } : {
      file: {
        ...file,
        etag,
        bytes,
        info: { ...file.info, size: bytes.length },
      },
      coding,
    };
  const result = compress(file.bytes as Uint8Array<ArrayBuffer>, coding);
  return whenReady(result, form);
}

type Siblings = [coding: Coding, file: ReadyFile | undefined][];

/** Finds a compressed file beside the original that is not older. */
function findSibling(
  path: string,
  file: ReadyFile,
  { accept, open }: RepresentationRequest,
): MaybePromise<Representation | undefined> {
  const opened = [...SIBLING_EXTENSIONS].map(([coding, extension]) =>
    whenReady(open(path + extension), (file) => [coding, file])
  );
  const choose = (siblings: Siblings) => chooseSibling(file, accept, siblings);
  return opened.some((each) => each instanceof Promise)
    ? Promise.all(opened as Promise<Siblings[0]>[]).then(choose)
    : choose(opened as Siblings);
}

function chooseSibling(
  file: ReadyFile,
  accept: string,
  siblings: Siblings,
): Representation | undefined {
  const offers = new Map<Coding, ReadyFile>();
  for (const [coding, sibling] of siblings) {
    if (sibling === undefined) continue;
    const isCurrent = (sibling.info.mtime?.getTime() ?? 0) >=
      (file.info.mtime?.getTime() ?? 0);
    if (isCurrent) offers.set(coding, sibling);
    else closeFile(sibling);
  }
  if (offers.size === 0) return undefined;
  const chosen = preferredCoding(accept, [...offers.keys()]);
  for (const [coding, sibling] of offers) {
    if (coding !== chosen) closeFile(sibling);
  }
  if (chosen === undefined) return undefined;
  const sibling = offers.get(chosen)!;
  const { type, lastModified } = file;
  const etag = codedEtag(sibling.etag, chosen);
  // Preconditions use the same date as `Last-Modified`: the original's.
  const info = { ...sibling.info, mtime: file.info.mtime };
  return {
    // A bucket may name the coding of `a.js.gz`, too.
    file: { ...sibling, info, type, lastModified, etag, coding: undefined },
    coding: chosen,
  };
}
