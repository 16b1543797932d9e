// Copyright 2026 the pystd authors. MIT license.

/**
 * Lists of the keys of a bucket, in pages.
 *
 * @module
 */

import type { ListedObject } from "../bucket/object_store.ts";
import { isKey, type S3Client } from "./client.ts";
import type { XmlRecord } from "./xml.ts";

/** Most pages of a list one after the other that may have no keys. */
const MAX_EMPTY_PAGES = 100;

/** Fields of a list: `prefix`, `delimiter`, `max-keys`. */
type ListQuery = Readonly<Record<string, string>>;

/**
 * Returns a page of a list.
 *
 * @param client Asks the bucket.
 * @param query What is listed.
 * @returns The root element.
 * @throws {SourceError} If the store does not list.
 */
export function listPage(
  client: S3Client,
  query: ListQuery,
): Promise<XmlRecord> {
  return client.sendForXml({
    method: "GET",
    // XML has no place for some characters of keys.
    query: { "list-type": "2", "encoding-type": "url", ...query },
  });
}

/**
 * Returns the pages of a list.
 *
 * @param client Asks the bucket.
 * @param query What is listed.
 * @returns The root elements.
 * @throws {SourceError} If the store does not list.
 */
export async function* listPages(
  client: S3Client,
  query: ListQuery,
): AsyncGenerator<XmlRecord> {
  let token: string | undefined;
  let empty = 0;
  do {
    const page = await listPage(
      client,
      token === undefined ? query : { ...query, "continuation-token": token },
    );
    const next = page.texts.get("IsTruncated") === "true"
      ? page.texts.get("NextContinuationToken")
      : undefined;
    const isEmpty = !page.children.some(({ name }) =>
      name === "Contents" || name === "CommonPrefixes"
    );
    empty = isEmpty ? empty + 1 : 0;
    if ((next !== undefined && next === token) || empty > MAX_EMPTY_PAGES) {
      throw client.broken({ method: "GET" }, "a list without an end");
    }
    token = next;
    yield page;
  } while (token !== undefined);
}

/**
 * Lists all objects whose keys have a prefix, also those that no folder shows.
 *
 * @param client Asks the bucket.
 * @param prefix The prefix.
 * @returns The objects, in pages.
 * @throws {SourceError} If the store does not list.
 */
export async function* objectsBelow(
  client: S3Client,
  prefix: string,
): AsyncGenerator<ListedObject[]> {
  for await (const page of listPages(client, { prefix })) {
    const objects: ListedObject[] = [];
    for (const { name, texts } of page.children) {
      if (name !== "Contents") continue;
      const key = keyOf(page, texts.get("Key") ?? "");
      // The store may list other keys: they are not touched.
      if (key !== undefined && !key.startsWith(prefix)) continue;
      objects.push({
        key: key === undefined || !isKey(key) ? undefined : key,
        size: sizeOf(texts.get("Size")) ?? 0,
        etag: tagOf(texts.get("ETag")),
      });
    }
    yield objects;
  }
}

/**
 * Returns a key of a page.
 *
 * @param page The page.
 * @param text The text of its element.
 * @returns The key; `undefined` if it is not in UTF-8.
 */
export function keyOf(page: XmlRecord, text: string): string | undefined {
  if (page.texts.get("EncodingType") !== "url") return text;
  try {
    return decodeURIComponent(text.replaceAll("+", "%20"));
  } catch {
    return undefined;
  }
}

/**
 * Returns an entity tag if a text is one; stores may omit the quotes.
 *
 * @param text The text.
 * @returns The tag, with quotes.
 */
export function tagOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (/^"[\x21\x23-\x7e]*"$/.test(text)) return text;
  return /^[\x21\x23-\x7e]+$/.test(text) ? `"${text}"` : undefined;
}

/**
 * Returns the size that a text tells.
 *
 * @param text The text.
 * @returns The size in bytes; `undefined` if it is none.
 */
export function sizeOf(text: string | null | undefined): number | undefined {
  if (!text || !/^[0-9]+$/.test(text)) return undefined;
  const size = Number(text);
  return Number.isSafeInteger(size) ? size : undefined;
}
