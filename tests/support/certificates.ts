// Copyright 2026 the pystd authors. MIT license.

/**
 * Certificates and keys for the TLS servers, made by OpenSSL.
 *
 * @module
 */

import { isInstalled, runProgram } from "./command.ts";
import { makeFiles, type TemporaryTree } from "./tree.ts";

/** The password of the encrypted keys. */
export const PASSWORD = "open sesame";

/** Whether OpenSSL is installed. */
export const HAS_OPENSSL: boolean = isInstalled("openssl", "version");

/** The files by name, with the arguments that create them. */
const RECIPES: readonly string[] = [
  "genrsa -out key.pem 2048",
  "req -x509 -new -key key.pem -out cert.pem -days 2 -subj /CN=localhost" +
  " -addext subjectAltName=DNS:localhost,IP:127.0.0.1",
  "pkcs8 -topk8 -in key.pem -out pkcs8.pem -v2 aes-256-cbc" +
  " -passout file:password.txt",
  "rsa -aes256 -traditional -in key.pem -out pkcs1.pem" +
  " -passout file:password.txt",
  "ecparam -genkey -name prime256v1 -noout -out ec_key.pem",
  "ec -aes256 -in ec_key.pem -out sec1.pem -passout file:password.txt",
  "req -x509 -new -key ec_key.pem -out ec_cert.pem -days 2 -subj /CN=localhost",
  "req -new -key key.pem -out request.pem -subj /CN=localhost",
  "x509 -req -in request.pem -signkey key.pem -out expired.pem -days -1",
];

/**
 * Makes certificates and keys.
 *
 * @returns The folder: `cert.pem` and `key.pem` (RSA), `pkcs1.pem` and
 * `pkcs8.pem` (that key, encrypted), `ec_cert.pem`, `ec_key.pem` and
 * `sec1.pem` (its key, encrypted), `both.pem` (key and certificate),
 * `expired.pem`, `password.txt`, `wrong.txt` and `garbage.pem`.
 */
export async function makeCertificates(): Promise<TemporaryTree> {
  const tree = await makeFiles({
    "password.txt": `${PASSWORD}\n`,
    "wrong.txt": "wrong\n",
    "garbage.pem": "no certificate\n",
    "share/hello.txt": "hello\n",
  });
  for (const recipe of RECIPES) {
    const { code, stderr } = await runProgram(
      "openssl",
      recipe.split(" "),
      tree.root,
    );
    if (code !== 0) throw new Error(`Cannot make certificates: ${stderr}`);
  }
  const read = (name: string) => Deno.readTextFile(tree.path(name));
  const both = await read("key.pem") + await read("cert.pem");
  await Deno.writeTextFile(tree.path("both.pem"), both);
  return tree;
}

/**
 * Fetches `hello.txt` with curl from a server that has these certificates.
 *
 * @param tree The folder of the certificates.
 * @param port The server's port.
 * @param args More arguments of curl.
 * @returns The exit status and the output of curl.
 */
export async function curl(
  tree: TemporaryTree,
  port: number,
  ...args: string[]
): Promise<{ code: number; stdout: string }> {
  return await runProgram("curl", [
    "-sS",
    "--max-time",
    "10",
    "--cacert",
    tree.path("cert.pem"),
    ...args,
    `https://127.0.0.1:${port}/hello.txt`,
  ]);
}
