// Copyright 2026 the pystd authors. MIT license.

/**
 * Opens the files that an engine serves.
 *
 * @module
 */

import { MemorySource, type Source } from "@pystd/http-server/sources";
import { S3Source } from "@pystd/http-server/sources/s3";
import { ZipSource } from "@pystd/http-server/sources/zip";
import { FILES } from "../../sources/files.ts";

/** A directory, or a source. */
export interface Files {
  /** The directory. */
  readonly directory?: string;
  /** The source. */
  readonly source?: Source;
  /** Another source of the same files, whose files are deleted and moved. */
  readonly managed?: Source;
}

/**
 * Opens files.
 *
 * @param kind Their kind.
 * @param where The path, the bytes or the address.
 * @returns An option for a handler.
 */
export async function openFiles(
  kind = "memory",
  where: string | ArrayBuffer = "",
): Promise<Files> {
  switch (kind) {
    case "memory":
      return {
        source: new MemorySource(FILES, Date.UTC(2026, 0)),
        managed: new MemorySource(FILES),
      };
    case "zip":
      return { source: await ZipSource.open(where) };
    case "S3":
      return {
        source: new S3Source({
          bucket: "share",
          endpoint: String(where),
          credentials: { accessKeyId: "key", secretAccessKey: "secret" },
        }),
      };
    case "directory":
      return { directory: String(where) };
    default:
      throw new RangeError(`Unknown files: ${kind}`);
  }
}
