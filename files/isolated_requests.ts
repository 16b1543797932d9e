// Copyright 2026 the pystd authors. MIT license.

/**
 * Whether the runtime isolates requests: in workerd, a timer or read of a request ends
 * with it. So no request may wait for what another one began: a queue or a lock would
 * hold all others for ever, and a count would never go down.
 */
export const ISOLATES_REQUESTS: boolean = !("Deno" in globalThis) &&
  globalThis.navigator?.userAgent === "Cloudflare-Workers";
