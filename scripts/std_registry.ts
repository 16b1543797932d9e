// Copyright 2026 the pystd authors. MIT license.

/**
 * Serves a checkout of denoland/std as JSR does, and runs a command with it. So
 * the job that publishes can be tried where JSR cannot be reached:
 *
 * ```sh
 * deno run -A scripts/std_registry.ts STD deno task test tests/std_types_test.ts
 * ```
 *
 * Each package has one version, that of the checkout. Deno asks for it by the
 * address in `JSR_URL`, which the command gets together with a cache of its own.
 *
 * @module
 */

interface Package {
  /** Its folder, with a slash at its end. */
  readonly folder: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, string>>;
}

/** The packages of a checkout, by name. */
type Packages = ReadonlyMap<string, Package>;

/** Finds the packages of a checkout. */
function findPackages(checkout: string): Packages {
  const packages = new Map<string, Package>();
  for (const { name, isDirectory } of Deno.readDirSync(checkout)) {
    const folder = `${checkout}/${name}/`;
    let text: string;
    try {
      if (!isDirectory) continue;
      text = Deno.readTextFileSync(`${folder}deno.json`);
    } catch {
      continue;
    }
    const config = JSON.parse(text);
    if (config.version === undefined) continue;
    const exports = typeof config.exports === "string"
      ? { ".": config.exports }
      : config.exports;
    packages.set(config.name, { folder, version: config.version, exports });
  }
  return packages;
}

/** Modules import other packages by name; JSR publishes them with a version. */
function withVersions(code: string, packages: Packages): string {
  return code.replace(
    /((?:from|import)\s*\(?\s*")(@\w+\/[\w-]+)((?:\/[^"]*)?")/g,
    (whole, before, name, after) => {
      const version = packages.get(name)?.version;
      return version === undefined
        ? whole
        : `${before}jsr:${name}@^${version}${after}`;
    },
  );
}

function* filesBelow(folder: string, prefix = "/"): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) {
      yield* filesBelow(`${folder}${name}/`, `${prefix}${name}/`);
    } else if (/\.(?:ts|js|mjs|json|wasm)$/.test(name)) yield prefix + name;
  }
}

async function manifestOf(
  { folder }: Package,
  packages: Packages,
): Promise<Record<string, { size: number; checksum: string }>> {
  const manifest: Record<string, { size: number; checksum: string }> = {};
  for (const path of filesBelow(folder)) {
    const bytes = contentOf(folder + path.slice(1), packages);
    const digest = await crypto.subtle.digest("SHA-256", bytes);
    manifest[path] = {
      size: bytes.length,
      checksum: `sha256-${new Uint8Array(digest).toHex()}`,
    };
  }
  return manifest;
}

function contentOf(path: string, packages: Packages): Uint8Array<ArrayBuffer> {
  const bytes = Deno.readFileSync(path);
  if (!path.endsWith(".ts")) return bytes;
  const code = new TextDecoder().decode(bytes);
  return new TextEncoder().encode(withVersions(code, packages));
}

/**
 * Answers a request as JSR does.
 *
 * @param path The path of the request.
 * @param packages The packages.
 * @returns The response.
 */
export async function answer(
  path: string,
  packages: Packages,
): Promise<Response> {
  const missing = new Response("not found", { status: 404 });
  const match = /^\/(@[^/]+\/[^/]+)\/(.+)$/.exec(path);
  const found = packages.get(match?.[1] ?? "");
  if (match === null || found === undefined) return missing;
  const [, name, rest] = match;
  const { version, exports, folder } = found;
  if (rest === "meta.json") {
    const [scope, short] = name.slice(1).split("/");
    const versions = { [version]: {} };
    return Response.json({ scope, name: short, latest: version, versions });
  }
  if (rest === `${version}_meta.json`) {
    const manifest = await manifestOf(found, packages);
    return Response.json({ manifest, exports });
  }
  const file = rest.startsWith(`${version}/`)
    ? rest.slice(version.length + 1)
    : "..";
  if (file.split("/").includes("..")) return missing;
  try {
    const type = file.endsWith(".json")
      ? "application/json"
      : "text/typescript";
    return new Response(contentOf(folder + file, packages), {
      headers: { "Content-Type": type },
    });
  } catch {
    return missing;
  }
}

if (import.meta.main) {
  const [checkout, program, ...args] = Deno.args;
  if (program === undefined) {
    console.error("Usage: std_registry.ts CHECKOUT PROGRAM [ARGUMENT...]");
    Deno.exit(2);
  }
  const packages = findPackages(checkout);
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => answer(new URL(request.url).pathname, packages),
  );
  const cache = await Deno.makeTempDir();
  try {
    const { code } = await new Deno.Command(program, {
      args,
      stdout: "inherit",
      stderr: "inherit",
      env: {
        JSR_URL: `http://127.0.0.1:${server.addr.port}/`,
        DENO_DIR: cache,
      },
    }).output();
    Deno.exitCode = code;
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
}
