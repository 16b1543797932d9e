// Copyright 2026 the pystd authors. MIT license.

/**
 * Dead properties (RFC 4918 section 4.2): XML that clients attach to resources.
 *
 * They are in memory, so they end with the process. They follow their resource
 * when it is moved or copied over HTTP, and go when it is deleted. Their size is
 * bounded.
 *
 * @module
 */

import type { ChangeListener } from "../manage/management.ts";
import { isBelow } from "./locks.ts";

/** A property: an element with its content, as XML. */
export interface DeadProperty {
  /** The URI of its namespace. */
  readonly uri: string;
  /** Its name. */
  readonly local: string;
  /** The element as XML. */
  readonly xml: string;
}

type Properties = ReadonlyMap<string, DeadProperty>;

const NONE: Properties = new Map();

/** Bytes of memory that each property takes beside its text. */
const OVERHEAD_BYTES = 200;

/** The dead properties of one directory. */
export class DeadProperties implements ChangeListener {
  #resources = new Map<string, Properties>();
  #bytes = 0;
  #maxBytes: () => number;

  /**
   * Creates an empty store.
   *
   * @param maxBytes Returns the most bytes that it may hold.
   */
  constructor(maxBytes: () => number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Returns the properties of a resource.
   *
   * @param path Its real path.
   * @returns The properties, by a key of their name.
   */
  of(path: string): Properties {
    return this.#resources.get(path) ?? NONE;
  }

  /**
   * Replaces the properties of a resource.
   *
   * @param path Its real path.
   * @param properties The properties.
   * @returns Whether there was room for them; if not, nothing changes.
   */
  set(path: string, properties: Properties): boolean {
    const grown = sizeOf(path, properties) - sizeOf(path, this.of(path));
    if (grown > 0 && this.#bytes + grown > this.#maxBytes()) return false;
    this.#bytes += grown;
    if (properties.size === 0) this.#resources.delete(path);
    else this.#resources.set(path, properties);
    return true;
  }

  /** Removes the properties of a deleted resource and of all below it. */
  deleted(path: string): void {
    for (const at of this.#pathsFrom(path)) this.set(at, NONE);
  }

  /** Moves the properties along with their resource. */
  moved(from: string, to: string): void {
    this.copied(from, to, true);
    this.deleted(from);
  }

  /** Copies the properties along with their resource, as far as there is room. */
  copied(from: string, to: string, recursive: boolean): void {
    this.deleted(to);
    for (const at of this.#pathsFrom(from)) {
      if (!recursive && at !== from) continue;
      this.set(to + at.slice(from.length), this.of(at));
    }
  }

  #pathsFrom(path: string): string[] {
    return [...this.#resources.keys()]
      .filter((at) => at === path || isBelow(at, path));
  }
}

/**
 * Returns the key of a property.
 *
 * @param name Its namespace and name.
 * @returns The key.
 */
export function keyOf(
  { uri, local }: Pick<DeadProperty, "uri" | "local">,
): string {
  return `${uri}\0${local}`;
}

function sizeOf(path: string, properties: Properties): number {
  if (properties.size === 0) return 0;
  let size = 2 * path.length + OVERHEAD_BYTES;
  for (const { uri, local, xml } of properties.values()) {
    size += 2 * (2 * uri.length + 2 * local.length + xml.length) +
      OVERHEAD_BYTES;
  }
  return size;
}
