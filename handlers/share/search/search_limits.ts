// Copyright 2026 the pystd authors. MIT license.

/** Limits of searches. */
export interface SearchLimits {
  /** Most searches at once. */
  readonly maxSearches: number;
  /** Most results of a search. */
  readonly maxSearchResults: number;
  /** Longest search, in ms. */
  readonly maxSearchTime: number;
}
