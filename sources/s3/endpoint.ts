// Copyright 2026 the pystd authors. MIT license.

/**
 * Tells whether a text can be an endpoint. One with a user or a query may have a
 * password, which messages would show.
 *
 * @param endpoint The text.
 * @returns Whether it is a URL of http or https without both.
 */
export function isEndpoint(endpoint: string): boolean {
  if (!URL.canParse(endpoint)) return false;
  const { protocol, username, password, search } = new URL(endpoint);
  return /^https?:$/.test(protocol) && !username && !password && !search;
}
