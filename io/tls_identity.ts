// Copyright 2026 the pystd authors. MIT license.

/**
 * Reads the certificate and the key of a TLS server, and checks at its start
 * what clients would otherwise find out one by one.
 *
 * @module
 */

import type { KeyObject, X509Certificate } from "node:crypto";

/** A certificate chain and its private key, as PEM text. */
export interface TLSIdentity {
  /** The server's certificate, and those that lead to a root. */
  cert: string;
  /** The private key of the first of them, not encrypted. */
  key: string;
}

/** The first certificate of a chain is the server's own. */
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/;
const PRIVATE_KEY =
  /-----BEGIN ([A-Z]+ )?PRIVATE KEY-----[^]+?-----END ([A-Z]+ )?PRIVATE KEY-----/;
/** PKCS #8 says it in the label, the older formats in a header. */
const ENCRYPTED = /BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/;

/**
 * Reads a certificate and its key from PEM files. A key that is encrypted is
 * decrypted.
 *
 * @param certfile The path of the certificate, and of those that lead to a
 * root.
 * @param keyfile The path of the key; it stands in `certfile` if absent.
 * @param password What the key is encrypted with.
 * @returns Both.
 * @throws {Deno.errors.InvalidData} If they cannot be used: one that does not
 * fit the other, an expired certificate, a wrong password.
 * @throws {Deno.errors.NotFound} If a file is missing.
 * @throws {Deno.errors.NotCapable} Without `--allow-read` for the files.
 */
export function readIdentity(
  certfile: string,
  keyfile: string = certfile,
  password?: string,
): TLSIdentity {
  const cert = readText("certificate", certfile);
  const key = keyfile === certfile ? cert : readText("key", keyfile);
  return checkIdentity(cert, key, password, certfile, keyfile);
}

/**
 * Checks a certificate and its key. A key that is encrypted is decrypted.
 *
 * @param cert The certificate chain as PEM.
 * @param key The private key as PEM.
 * @param password What the key is encrypted with.
 * @param certName What messages call the certificate.
 * @param keyName What messages call the key.
 * @returns Both, in the form that `Deno.listenTls` takes.
 * @throws {Deno.errors.InvalidData} As {@linkcode readIdentity} does.
 */
export function checkIdentity(
  cert: string,
  key: string,
  password: string | undefined,
  certName: string,
  keyName: string,
): TLSIdentity {
  const certificate = parseCertificate(cert, certName);
  const privateKey = parseKey(key, password, keyName);
  if (!certificate.checkPrivateKey(privateKey)) {
    throw invalid("key", keyName, `it does not match "${certName}"`);
  }
  const now = Date.now();
  if (now > Date.parse(certificate.validTo)) {
    const when = certificate.validTo;
    throw invalid("certificate", certName, `it expired on ${when}`);
  }
  if (now < Date.parse(certificate.validFrom)) {
    const when = certificate.validFrom;
    throw invalid("certificate", certName, `it is not valid until ${when}`);
  }
  const pem = privateKey.export({ type: "pkcs8", format: "pem" });
  return { cert, key: String(pem) };
}

/**
 * The names that a certificate is for (RFC 5280 section 4.2.1.6).
 *
 * @param cert The certificate chain as PEM.
 * @returns The DNS names, `*.` at the start of a wildcard; none where there is
 * no certificate that can be parsed.
 */
export function certifiedNames(cert: string): string[] {
  const [pem] = CERTIFICATE.exec(cert) ?? [];
  if (pem === undefined) return [];
  try {
    const { subjectAltName } = new (crypto().X509Certificate)(pem);
    return (subjectAltName ?? "").split(", ")
      .filter((name) => name.startsWith("DNS:"))
      .map((name) => name.slice("DNS:".length));
  } catch {
    return [];
  }
}

/** Loaded when it is needed: the module costs 20 ms of a start. */
function crypto(): typeof import("node:crypto") {
  return globalThis.process.getBuiltinModule("node:crypto");
}

function parseCertificate(cert: string, name: string): X509Certificate {
  const [pem] = CERTIFICATE.exec(cert) ?? [];
  if (pem === undefined) {
    throw invalid("certificate", name, "it holds no certificate in PEM form");
  }
  try {
    return new (crypto().X509Certificate)(pem);
  } catch (cause) {
    throw invalid("certificate", name, "it cannot be parsed", cause);
  }
}

function parseKey(
  key: string,
  passphrase: string | undefined,
  name: string,
): KeyObject {
  const [pem] = PRIVATE_KEY.exec(key) ?? [];
  if (pem === undefined) {
    throw invalid("key", name, "it holds no private key in PEM form");
  }
  const encrypted = ENCRYPTED.test(pem);
  if (encrypted && passphrase === undefined) {
    throw invalid("key", name, "it is encrypted, and no password was given");
  }
  try {
    return crypto().createPrivateKey(
      encrypted ? { key: pem, passphrase } : pem,
    );
  } catch (cause) {
    const reason = encrypted
      ? "the password is wrong, or it is damaged"
      : "it cannot be parsed";
    throw invalid("key", name, reason, cause);
  }
}

function readText(what: string, path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    const wish = `Cannot read the ${what} file "${path}"`;
    if (error instanceof Deno.errors.NotFound) {
      throw new Deno.errors.NotFound(`${wish}: there is no such file`);
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new Deno.errors.PermissionDenied(`${wish}: permission denied`);
    }
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw new Deno.errors.InvalidData(`${wish}: it is no readable file`);
  }
}

function invalid(
  what: string,
  name: string,
  reason: string,
  cause?: unknown,
): Error {
  const message = `Cannot use the ${what} "${name}": ${reason}`;
  return new Deno.errors.InvalidData(message, { cause });
}
