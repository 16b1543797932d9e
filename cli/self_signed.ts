// Copyright 2026 the pystd authors. MIT license.

/**
 * A certificate for `--tls-self-signed`, made at the start and kept in memory.
 *
 * @module
 */

import { Integer, OctetString, Utf8String } from "asn1js";
import {
  AttributeTypeAndValue,
  BasicConstraints,
  Certificate,
  CryptoEngine,
  Extension,
  ExtKeyUsage,
  GeneralName,
  GeneralNames,
  Time,
} from "pkijs";
import { encodeBase64 } from "@std/encoding/base64";
import { encodeHex } from "@std/encoding/hex";
import type { TLSIdentity } from "../io/tls_identity.ts";

/** A certificate, its key and its fingerprint. */
export interface SelfSignedCertificate extends TLSIdentity {
  /** SHA-256 of the certificate, as browsers show it. */
  fingerprint: string;
}

/** RFC 5280: object identifiers in the certificate. */
const COMMON_NAME = "2.5.4.3";
const SUBJECT_ALT_NAME = "2.5.29.17";
const BASIC_CONSTRAINTS = "2.5.29.19";
const EXTENDED_KEY_USAGE = "2.5.29.37";
const SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1";
/** RFC 5280 4.2.1.6: kinds of names. */
const DNS_NAME = 2;
const IP_ADDRESS = 7;

const DAY_MS = 86_400_000;
/** Longer than the command runs; Apple's systems accept up to 825 days. */
const VALID_DAYS = 90;

/**
 * Makes a self-signed certificate.
 *
 * @param names The host names and addresses; the first one is the subject.
 */
export async function makeSelfSignedCertificate(
  names: readonly string[],
): Promise<SelfSignedCertificate> {
  const keys = await crypto.subtle.generateKey(
    { name: "ECDSA", namedCurve: "P-256" },
    true,
    ["sign", "verify"],
  );
  const der = await sign(describe(names), keys);
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    cert: pem("CERTIFICATE", der),
    key: pem("PRIVATE KEY", pkcs8),
    fingerprint: await fingerprintOf(der),
  };
}

function describe(names: readonly string[]): Certificate {
  const certificate = new Certificate();
  certificate.version = 2;
  certificate.serialNumber = new Integer({ valueHex: serialNumber() });
  for (const name of [certificate.issuer, certificate.subject]) {
    name.typesAndValues.push(
      new AttributeTypeAndValue({
        type: COMMON_NAME,
        value: new Utf8String({ value: names[0] }),
      }),
    );
  }
  const now = Date.now();
  // The clock of a client may be slow.
  certificate.notBefore = new Time({ value: new Date(now - DAY_MS) });
  certificate.notAfter = new Time({
    value: new Date(now + VALID_DAYS * DAY_MS),
  });
  certificate.extensions = [
    extension(
      SUBJECT_ALT_NAME,
      false,
      new GeneralNames({ names: names.map(generalName) }),
    ),
    extension(BASIC_CONSTRAINTS, true, new BasicConstraints({ cA: false })),
    extension(
      EXTENDED_KEY_USAGE,
      false,
      new ExtKeyUsage({ keyPurposes: [SERVER_AUTHENTICATION] }),
    ),
  ];
  return certificate;
}

async function sign(
  certificate: Certificate,
  keys: CryptoKeyPair,
): Promise<ArrayBuffer> {
  const engine = new CryptoEngine({ name: "deno", crypto });
  await certificate.subjectPublicKeyInfo.importKey(keys.publicKey, engine);
  await certificate.sign(keys.privateKey, "SHA-256", engine);
  return certificate.toSchema(true).toBER(false);
}

function extension(
  extnID: string,
  critical: boolean,
  value: GeneralNames | BasicConstraints | ExtKeyUsage,
): Extension {
  const extnValue = value.toSchema().toBER(false);
  return new Extension({ extnID, critical, extnValue });
}

function generalName(name: string): GeneralName {
  const bytes = addressBytes(name);
  if (bytes === undefined) {
    return new GeneralName({ type: DNS_NAME, value: name });
  }
  const value = new OctetString({ valueHex: bytes.buffer });
  return new GeneralName({ type: IP_ADDRESS, value });
}

/** Returns the bytes of an IP address, `undefined` for a name. */
function addressBytes(name: string): Uint8Array<ArrayBuffer> | undefined {
  if (/^[0-9]+(\.[0-9]+){3}$/.test(name)) {
    return Uint8Array.from(name.split("."), Number);
  }
  if (!name.includes(":")) return undefined;
  const [head, tail] = name.split("::");
  const groups = (text = ""): number[] =>
    text === "" ? [] : text.split(":").map((group) => parseInt(group, 16));
  const before = groups(head);
  const after = groups(tail);
  const zeros = Array(8 - before.length - after.length).fill(0);
  const all = [...before, ...zeros, ...after];
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

/** RFC 5280 4.1.2.2: positive; at least 64 random bits. */
function serialNumber(): ArrayBuffer {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = bytes[0] & 0x3f | 0x40;
  return bytes.buffer;
}

async function fingerprintOf(der: ArrayBuffer): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", der);
  return encodeHex(digest).toUpperCase().match(/../g)!.join(":");
}

function pem(label: string, der: ArrayBuffer): string {
  const lines = encodeBase64(der).replace(/.{64}/g, "$&\n").trimEnd();
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
