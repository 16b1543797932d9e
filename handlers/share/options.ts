// Copyright 2026 the pystd authors. MIT license.

import type { SimpleHTTPRequestHandlerOptions } from "../simple.ts";
import type {
  ArchiveFeature,
  Authenticator,
  UploadFeature,
} from "./feature.ts";

/** The forms that a line of the log can have. */
export type LogFormat = "python" | "clf" | "combined" | "json";

/** Options of `ShareHTTPRequestHandler`. */
export interface ShareOptions extends SimpleHTTPRequestHandlerOptions {
  /** Who may: looks at each request before anything else does. */
  auth?: Authenticator;
  /** Takes uploads. */
  uploads?: UploadFeature;
  /** Sends folders as archives. */
  archives?: ArchiveFeature;
}
