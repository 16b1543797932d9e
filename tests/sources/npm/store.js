// Copyright 2026 the pystd authors. MIT license.

// Runs s3rver with the bucket "share": node store.js DIRECTORY.
import S3rver from "@20minutes/s3rver";

const server = new S3rver({
  address: "127.0.0.1",
  port: 0,
  directory: process.argv[2],
  silent: true,
  configureBuckets: [{ name: "share" }],
});
const { port } = await server.run();
console.log(`http://127.0.0.1:${port}`);
