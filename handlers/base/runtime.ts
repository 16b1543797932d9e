// Copyright 2026 the pystd authors. MIT license.

/** The properties of a global object by which runtimes are told apart. */
interface Runtime {
  Deno?: { version?: { deno?: string } };
  Bun?: { version?: string };
  navigator?: { userAgent?: string };
  process?: { release?: { name?: string }; versions?: { node?: string } };
}

/** A product of RFC 9110 section 10.1.5: a name and a version. */
const PRODUCT = /^[\w.-]+\/[\w.-]+$/;

/**
 * Returns the name and version of the runtime, for the `Server` field.
 *
 * Bun and workerd imitate Node, so they come before it. Reading `process` costs
 * Deno some of its start, so Deno is first.
 *
 * @param scope The global object.
 * @returns `Deno/2.9.6`, `Bun/1.3.1`, `workerd`, `Node.js/22.1.0`; what another
 * runtime says in `navigator.userAgent`; "" if that is unknown.
 */
export function runtimeVersion(scope: Runtime = globalThis as Runtime): string {
  const deno = scope.Deno?.version?.deno;
  if (deno !== undefined) return `Deno/${deno}`;
  const bun = scope.Bun?.version;
  if (bun !== undefined) return `Bun/${bun}`;
  const agent = scope.navigator?.userAgent ?? "";
  if (agent === "Cloudflare-Workers") return "workerd";
  const { release, versions } = scope.process ?? {};
  if (release?.name === "node") return `Node.js/${versions?.node}`;
  return PRODUCT.test(agent) ? agent : "";
}
