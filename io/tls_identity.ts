// Copyright 2026 the pystd authors. MIT license.

/**
 * Reads the certificate and the key of a TLS server. Problems with them are
 * errors at the start rather than failed handshakes later.
 *
 * @module
 */

import type { KeyObject, X509Certificate } from "node:crypto";

/** A certificate chain and its private key, as PEM text. */
export interface TLSIdentity {
  /** The server's certificate and its intermediate certificates. */
  cert: string;
  /** The private key of the server's certificate, not encrypted. */
  key: string;
}

/** The first certificate of a chain is the server's own. */
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/;
const PRIVATE_KEY =
  /-----BEGIN ([A-Z]+ )?PRIVATE KEY-----[^]+?-----END ([A-Z]+ )?PRIVATE KEY-----/;
/** PKCS #8 tells by the label, older formats by a header. */
const ENCRYPTED = /BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/;

/**
 * Reads a certificate chain and its key from PEM files, and decrypts the key.
 *
 * @param certfile Path of the certificate chain.
 * @param keyfile Path of the key; `certfile` by default.
 * @param password Password of an encrypted key.
 * @returns The chain and the key.
 * @throws {Deno.errors.InvalidData} If the certificate has expired, the key does
 * not match it, or the password is wrong.
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
 * Checks a certificate chain and its key, and decrypts the key.
 *
 * @param cert The certificate chain as PEM.
 * @param key The private key as PEM.
 * @param password Password of an encrypted key.
 * @param certName Name of the certificate in error messages.
 * @param keyName Name of the key in error messages.
 * @returns The chain and the key, as `Deno.listenTls` takes them.
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
 * Returns the DNS names of a certificate (RFC 5280 section 4.2.1.6).
 *
 * @param cert The certificate chain as PEM.
 * @returns The names, wildcards included; none if the certificate cannot be
 * parsed.
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

/** Loaded on demand, since it takes 20 ms to load. */
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
