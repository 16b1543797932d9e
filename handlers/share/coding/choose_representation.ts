// Copyright 2026 the pystd authors. MIT license.

/**
 * Which form of a file a client gets: the file itself, a compressed one that
 * lies beside it, or one that is made here.
 *
 * @module
 */

import { codedEtag } from "../../../protocol/etag.ts";
import { preferredCoding } from "../../../protocol/negotiation.ts";
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

/** A form of a file. */
export interface Representation {
  /** The file, with an entity tag of its own. */
  file: ReadyFile;
  /** How it is coded; absent if it is the file itself. */
  coding?: Coding;
  /** The coding that it is to be sent in, which is made on the way. */
  live?: LiveCoding;
}

/** What a client says about the form it wants. */
export interface RepresentationRequest {
  /** The value of `Accept-Encoding`. */
  accept: string;
  /** Whether it wants parts of the file. */
  range: boolean;
  /** Whether compressed files beside the original are looked for. */
  precompressed: boolean;
  /** Whether compressed forms are made. */
  compression: boolean;
  /** Whether a body may be compressed on its way now. */
  mayCompress: boolean;
  /** Opens another file, as a request for it would. */
  open(path: string): ReadyFile | undefined;
}

/**
 * Chooses the form of a file.
 *
 * @param path The file's path.
 * @param file The file. It is closed, unless it is in the result.
 * @param request What the client wants.
 * @returns The form.
 */
export function chooseRepresentation(
  path: string,
  file: ReadyFile,
  request: RepresentationRequest,
): Representation | Promise<Representation> {
  if (request.precompressed) {
    const sibling = findSibling(path, file, request);
    if (sibling !== undefined) {
      closeFile(file);
      return sibling;
    }
  }
  const { size } = file.info;
  // Parts are those of the file itself: what is made here is not kept.
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
  return result instanceof Promise ? result.then(form) : form(result);
}

/** A compressed file beside the original that is not older than it. */
function findSibling(
  path: string,
  file: ReadyFile,
  { accept, open }: RepresentationRequest,
): Representation | undefined {
  const offers = new Map<Coding, ReadyFile>();
  for (const [coding, extension] of SIBLING_EXTENSIONS) {
    const sibling = open(path + extension);
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
  // The date that is sent is the one that preconditions are held against.
  const info = { ...sibling.info, mtime: file.info.mtime };
  return {
    file: { ...sibling, info, type, lastModified, etag },
    coding: chosen,
  };
}
