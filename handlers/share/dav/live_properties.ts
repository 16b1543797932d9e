// Copyright 2026 the pystd authors. MIT license.

/**
 * Live properties (RFC 4918 section 15): those that the server knows. All of them
 * are protected.
 *
 * @module
 */

import type { Found } from "../../../files/served_directory.ts";
import { formatHttpDate } from "../../../protocol/date.ts";
import { escapeXml } from "../../../protocol/dav/multistatus.ts";
import { describe } from "../../simple/file_headers.ts";
import { activeLocks } from "./lock_methods.ts";
import type { Lock } from "./locks.ts";

/** What the properties of a resource depend on. */
export interface PropertySource {
  /** The file or folder. */
  readonly found: Found;
  /** The media type of a file. */
  readonly type: string;
  /** The locks that cover it; `undefined` if there are no locks. */
  readonly locks: readonly Lock[] | undefined;
}

type Property = (source: PropertySource) => string | undefined;

const LOCK_ENTRIES = ["exclusive", "shared"].map((scope) =>
  `<D:lockentry><D:lockscope><D:${scope}/></D:lockscope>` +
  "<D:locktype><D:write/></D:locktype></D:lockentry>"
).join("");

/** The content of each property; `undefined` if the resource does not have it. */
const PROPERTIES: Readonly<Record<string, Property>> = {
  creationdate: ({ found }) => {
    const time = found.info.birthtime ?? found.info.mtime;
    // RFC 3339, without fractions, which some clients cannot read.
    return time?.toISOString().replace(/\.\d+Z$/, "Z");
  },
  getcontentlength: ({ found }) =>
    found.kind === "file" ? `${found.info.size}` : undefined,
  getcontenttype: ({ found, type }) =>
    found.kind === "file" ? escapeXml(type) : undefined,
  getetag: ({ found, type }) =>
    found.kind === "file"
      ? escapeXml(describe(type, found.info).etag)
      : undefined,
  getlastmodified: ({ found, type }) => {
    const { kind, info } = found;
    if (kind === "file") return describe(type, info).lastModified || undefined;
    return info.mtime === null
      ? undefined
      : formatHttpDate(info.mtime.getTime());
  },
  lockdiscovery: ({ locks }) => locks && activeLocks(locks),
  resourcetype: ({ found }) =>
    found.kind === "directory" ? "<D:collection/>" : "",
  supportedlock: ({ locks }) => locks && LOCK_ENTRIES,
};

/** The names of the live properties. */
export const LIVE_NAMES: readonly string[] = Object.keys(PROPERTIES);

/**
 * Returns a live property as XML.
 *
 * @param name Its name.
 * @param source The resource.
 * @returns The element; `undefined` if the resource does not have it.
 */
export function liveProperty(
  name: string,
  source: PropertySource,
): string | undefined {
  if (!Object.hasOwn(PROPERTIES, name)) return undefined;
  const content = PROPERTIES[name](source);
  if (content === undefined) return undefined;
  return content === "" ? `<D:${name}/>` : `<D:${name}>${content}</D:${name}>`;
}

/**
 * Tells whether a property is protected: clients cannot change it.
 *
 * @param uri The URI of its namespace.
 * @param local Its name.
 * @returns Whether it is.
 */
export function isProtected(uri: string, local: string): boolean {
  return uri === "DAV:" &&
    (Object.hasOwn(PROPERTIES, local) || /^quota-/.test(local));
}
