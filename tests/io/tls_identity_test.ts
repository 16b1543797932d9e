// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { assertThrows } from "@std/assert/throws";
import {
  certifiedNames,
  checkIdentity,
  readIdentity,
} from "../../io/tls_identity.ts";
import { HAS_OPENSSL, makeCertificates } from "../support/certificates.ts";
import { stub } from "../support/stub.ts";

Deno.test({
  name: "checkIdentity explains an invalid certificate or key",
  ignore: !HAS_OPENSSL,
}, async () => {
  await using tree = await makeCertificates();
  const cert = Deno.readTextFileSync(tree.path("cert.pem"));
  const key = Deno.readTextFileSync(tree.path("key.pem"));
  const damaged = (pem: string): string => pem.replace(/\n[^-]+\n/, "\nAAAA\n");
  const cases: [cert: string, key: string, message: string][] = [
    ["", key, 'the certificate "c": it holds no certificate in PEM form'],
    [damaged(cert), key, 'the certificate "c": it cannot be parsed'],
    [cert, "", 'the key "k": it holds no private key in PEM form'],
    [cert, damaged(key), 'the key "k": it cannot be parsed'],
  ];
  for (const [cert, key, message] of cases) {
    assertThrows(
      () => checkIdentity(cert, key, undefined, "c", "k"),
      Deno.errors.InvalidData,
      `Cannot use ${message}`,
    );
  }
  const { now } = Date;
  try {
    Date.now = () => 0;
    assertThrows(
      () => checkIdentity(cert, key, undefined, "c", "k"),
      Deno.errors.InvalidData,
      'Cannot use the certificate "c": it is not valid until ',
    );
  } finally {
    Date.now = now;
  }
});

Deno.test("certifiedNames finds no names in a certificate that cannot be parsed", () => {
  const pem = (base64: string): string =>
    `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
  assertEquals(certifiedNames(pem("MAA=")), []);
  assertEquals(certifiedNames("no certificate"), []);
});

Deno.test({
  name: "readIdentity names the file that it may not read",
  permissions: { read: false },
}, () => {
  assertThrows(() => readIdentity("/x/cert.pem"), Deno.errors.NotCapable);
  using _ = stub(Deno, "readTextFileSync", () => () => {
    throw new Deno.errors.PermissionDenied();
  });
  assertThrows(
    () => readIdentity("/x/cert.pem"),
    Deno.errors.PermissionDenied,
    'Cannot read the certificate file "/x/cert.pem": permission denied',
  );
});
