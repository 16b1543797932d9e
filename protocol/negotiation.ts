// Copyright 2026 the pystd authors. MIT license.

/**
 * Proactive negotiation (RFC 9110 section 12): chooses what a client prefers.
 *
 * @module
 */

/** Most elements of a field that are read; browsers send up to ten. */
const MAX_ELEMENTS = 32;

/** A weight (RFC 9110 section 12.4.2); anything else counts as 1. */
const WEIGHT = /;[ \t]*q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)[ \t]*(?:;|$)/i;

/**
 * Parses the elements of a field such as `Accept`, and their weights.
 *
 * @returns Weights from 0 to 1, by element in lower case without parameters.
 *
 * @example
 * ```ts
 * import { parseWeights } from "./negotiation.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals([...parseWeights("gzip;q=0.5, br")], [["gzip", 0.5], ["br", 1]]);
 * ```
 */
export function parseWeights(value: string): Map<string, number> {
  const weights = new Map<string, number>();
  for (const element of value.split(",", MAX_ELEMENTS)) {
    const semicolon = element.indexOf(";");
    const name = (semicolon === -1 ? element : element.slice(0, semicolon))
      .trim().toLowerCase();
    if (name === "" || weights.has(name)) continue;
    const match = WEIGHT.exec(element);
    weights.set(name, match === null ? 1 : Number(match[1]));
  }
  return weights;
}

/**
 * Chooses a content coding (RFC 9110 section 12.5.3).
 *
 * @param value The value of `Accept-Encoding`, `undefined` if it is absent.
 * @param offers The available codings, in the server's order of preference.
 * @returns The coding; `undefined` if the client prefers none.
 *
 * @example
 * ```ts
 * import { preferredCoding } from "./negotiation.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(preferredCoding("gzip, br", ["br", "gzip"]), "br");
 * assertEquals(preferredCoding("gzip, br;q=0", ["br"]), undefined);
 * assertEquals(preferredCoding("identity, gzip;q=0.5", ["gzip"]), undefined);
 * ```
 */
export function preferredCoding<T extends string>(
  value: string | undefined,
  offers: readonly T[],
): T | undefined {
  if (value === undefined) return undefined;
  const weights = parseWeights(value);
  const others = weights.get("*") ?? 0;
  // "identity" is always acceptable, but the last choice unless it is named.
  let best = weights.get("identity") ?? 0;
  let chosen: T | undefined;
  for (const offer of offers) {
    const weight = weights.get(offer) ??
      (offer === "gzip" ? weights.get("x-gzip") : undefined) ?? others;
    if (weight > best || (weight === best && weight > 0 && !chosen)) {
      best = weight;
      chosen = offer;
    }
  }
  return chosen;
}

/**
 * Chooses a media type (RFC 9110 section 12.5.1).
 *
 * @param value The value of `Accept`, `undefined` if it is absent.
 * @param offers The available types, in the server's order of preference.
 * @returns The type; the first one if the client accepts none.
 *
 * @example
 * ```ts
 * import { preferredType } from "./negotiation.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const offers = ["text/html", "application/json"] as const;
 * assertEquals(preferredType("application/json, text/*;q=0.1", offers), offers[1]);
 * assertEquals(preferredType(undefined, offers), offers[0]);
 * ```
 */
export function preferredType<T extends string>(
  value: string | undefined,
  offers: readonly T[],
): T {
  if (value === undefined || value === "*/*") return offers[0];
  const weights = parseWeights(value);
  let best = 0;
  let chosen = offers[0];
  for (const offer of offers) {
    const range = `${offer.slice(0, offer.indexOf("/"))}/*`;
    const weight = weights.get(offer) ?? weights.get(range) ??
      weights.get("*/*") ?? 0;
    if (weight <= best) continue;
    best = weight;
    chosen = offer;
  }
  return chosen;
}
