// Copyright 2026 the pystd authors. MIT license.

/**
 * The store of the tests, with the files of `bench/store.ts`: prints its URL.
 *
 * @module
 */

import { S3Store } from "../../tests/support/s3_store.ts";

const store = new S3Store({
  "small.txt": "x".repeat(1024),
  "large.bin": new Uint8Array(100 * 2 ** 20),
});
console.log(store.endpoint);
