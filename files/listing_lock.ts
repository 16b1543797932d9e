// Copyright 2026 the pystd authors. MIT license.

import { ISOLATES_REQUESTS } from "./isolated_requests.ts";

/**
 * Runs a listing after those that were passed before, and returns its result.
 */
export type ListingLock = <T>(list: () => T | Promise<T>) => Promise<T>;

/**
 * Creates a lock, with which large folders are listed one at a time. That bounds the
 * memory: 100,000 entries take 20 MiB.
 *
 * @returns The lock.
 */
export function createListingLock(): ListingLock {
  let previous: Promise<unknown> = Promise.resolve();
  return (list) => {
    const listed = previous.then(list);
    if (ISOLATES_REQUESTS) return listed;
    // Do not keep the result until the next listing.
    previous = listed.then(() => {}, () => {});
    return listed;
  };
}

/** The lock of large directories, and of the pages of all large listings. */
export const withListingLock: ListingLock = createListingLock();
