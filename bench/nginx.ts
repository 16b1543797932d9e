// Copyright 2026 the pystd authors. MIT license.

/**
 * Configures nginx for the comparisons.
 *
 * @module
 */

import { WORKPLACE } from "./tree.ts";

/**
 * Writes a configuration of nginx: no logs, `sendfile`, and temporary files in a
 * folder of its own.
 *
 * @param name The name of that folder.
 * @param http What its block `http` has besides: the servers.
 * @param workers The number of processes.
 * @returns The command that starts it.
 */
export function nginx(name: string, http: string, workers = 1): string[] {
  const directory = `${WORKPLACE}/${name}`;
  const file = `${directory}/nginx.conf`;
  Deno.mkdirSync(directory, { recursive: true });
  Deno.writeTextFileSync(
    file,
    `daemon off; worker_processes ${workers}; pid ${directory}/pid;
error_log /dev/null crit;
${Deno.uid() === 0 ? "user root;" : ""}
events { worker_connections 16000; }
http {
  access_log off; sendfile on; keepalive_requests 1000000000;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  ${http}
}
`,
  );
  return ["nginx", "-p", directory, "-c", file];
}
