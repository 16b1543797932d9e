// Copyright 2026 the pystd authors. MIT license.

/**
 * Errors of writing to the disk, as statuses.
 *
 * @module
 */

import { BusyError } from "../../../files/busy_error.ts";
import { RequestError } from "../../../protocol/request_error.ts";
import { tooLarge, UploadError } from "./upload_result.ts";

/**
 * Tells whether an error means that the disk or its quota is full.
 *
 * @param error The error.
 * @returns Whether it does.
 */
export function isFull(error: unknown): boolean {
  const code = (error as { code?: string } | undefined)?.code;
  return code === "ENOSPC" || code === "EDQUOT";
}

/**
 * Maps an error to a status.
 *
 * @param error The error.
 * @returns The error to send.
 * @throws {Error} If the error is unknown.
 */
export function explainError(error: unknown): RequestError {
  if (error instanceof RequestError) return error;
  if (error instanceof BusyError) {
    return new UploadError(503, "Another connection is writing this upload", {
      fields: [["Retry-After", "1"]],
    });
  }
  if (isFull(error)) return new UploadError(507, "Insufficient Storage");
  switch ((error as { code?: string } | undefined)?.code) {
    case "ENAMETOOLONG":
      return new UploadError(400, "The file name is too long");
    case "EFBIG":
      return tooLarge();
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new UploadError(403, "The server has no permission to write here");
    case "ENOENT":
    case "ENOTDIR":
      return new UploadError(409, "The folder does not exist");
    case "EBUSY":
    case "ENOTEMPTY":
      return new UploadError(409, "The system uses this file or folder");
  }
  throw error;
}
