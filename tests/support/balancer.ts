// Copyright 2026 the pystd authors. MIT license.

/**
 * nginx as a balancer in front of several servers.
 *
 * @module
 */

import { delay } from "@std/async/delay";

/** Returns a port that was free a moment ago. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** A running nginx. */
export class Balancer implements AsyncDisposable {
  /** The URL of nginx. */
  readonly url: string;
  #folder: string;
  #process: Deno.ChildProcess;

  private constructor(
    port: number,
    folder: string,
    process: Deno.ChildProcess,
  ) {
    this.url = `http://127.0.0.1:${port}`;
    this.#folder = folder;
    this.#process = process;
  }

  /**
   * Starts nginx, as `docs/deploying.md` says for several processes.
   *
   * @param ports The ports of the servers.
   * @param locations The `location` of the page, for these servers.
   * @returns nginx, once it listens.
   */
  static async start(
    ports: readonly number[],
    locations: string,
  ): Promise<Balancer> {
    const port = freePort();
    const folder = await Deno.makeTempDir();
    const servers = ports.map((port) =>
      `server 127.0.0.1:${port} max_fails=1 fail_timeout=1s;`
    );
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map((name) => `${name}_temp_path ${folder}/${name};`);
    const config = `daemon off;
${Deno.uid() === 0 ? "user root;" : ""}
pid ${folder}/pid;
error_log stderr;
events {}
http {
access_log off;
${temporary.join("\n")}
upstream share { ${servers.join(" ")} keepalive 32; }
server { listen 127.0.0.1:${port};
${locations}
} }
`;
    await Deno.writeTextFile(`${folder}/nginx.conf`, config);
    const process = new Deno.Command("nginx", {
      args: ["-c", `${folder}/nginx.conf`, "-p", folder, "-e", "stderr"],
      stdout: "null",
      stderr: "null",
    }).spawn();
    for (let left = 500; left > 0; left--) {
      try {
        (await Deno.connect({ hostname: "127.0.0.1", port })).close();
        break;
      } catch {
        await delay(20);
      }
    }
    return new Balancer(port, folder, process);
  }

  /** Ends nginx. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGTERM");
    await this.#process.status;
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** The `location` of `docs/deploying.md` for several processes. */
export const LOCATIONS: string =
  /^## Several processes[^]*?```nginx\n([^]*?)```/m
    .exec(
      Deno.readTextFileSync(
        new URL("../../docs/deploying.md", import.meta.url),
      ),
    )![1]!;
