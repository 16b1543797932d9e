// Copyright 2026 the pystd authors. MIT license.

/**
 * The most expensive kinds of requests.
 *
 * @module
 */

import { hashSync } from "bcryptjs";

/** A kind of expensive request. */
export interface Costly {
  /** Its name in the table. */
  name: string;
  /** Flags of the command, besides the directory. */
  flags?: (directory: string) => string[];
  /** Whether the clients use TLS. */
  tls?: boolean;
  /** Whether the clients read nothing. */
  holds?: boolean;
  /** Number of clients; 50 by default. */
  clients?: number;
  /** The request of a client. */
  request(client: number): string;
}

/** Number of files in the large folder. */
const FILES = 100_000;
/** Number and size of the texts to compress. */
const TEXTS = 40;
const TEXT_BYTES = 14_000_000;
const CREDENTIALS = "ann:right";

const get = (target: string, ...fields: string[]): string =>
  [
    `GET ${target} HTTP/1.1`,
    "Host: localhost",
    "Connection: close",
    ...fields,
    "",
    "",
  ].join("\r\n");

const basic = (credentials: string): string =>
  `Authorization: Basic ${btoa(credentials)}`;

/** The cheap request, whose delay is measured. */
export const NORMAL: string = get("/small.txt", basic(CREDENTIALS));

const archive = () => ["--archive"];
const compressed = (client: number): string =>
  get(`/text/${client % TEXTS}.txt`, "Accept-Encoding: br");
/** Requests for all forms of a listing, which cannot share a page. */
const anyListing = (client: number): string => {
  const format = ["html", "json", "text"][client % 3];
  const sort = ["name", "size", "date"][Math.floor(client / 3) % 3];
  const order = client % 2 === 0 ? "asc" : "desc";
  return get(`/flat/?format=${format}&sort=${sort}&order=${order}`);
};
const ranges = Array.from(
  { length: 64 },
  (_, i) => `${i * 1e6}-${i * 1e6 + 9e5}`,
);

function form(): string {
  const parts = Array.from(
    { length: 500 },
    (_, i) =>
      "--b\r\nContent-Disposition: form-data; " +
      `name="file"; filename="f${i}.txt"\r\n\r\nx\r\n`,
  );
  const body = `${parts.join("")}--b--\r\n`;
  return [
    "POST /in/ HTTP/1.1",
    "Host: localhost",
    "Connection: close",
    "Content-Type: multipart/form-data; boundary=b",
    `Content-Length: ${body.length}`,
    "",
    body,
  ].join("\r\n");
}

/** The kinds, in the order of the table. */
export const COSTLY: readonly Costly[] = [
  { name: "nothing", clients: 0, request: () => "" },
  {
    name: "texts of 14 MB, not compressed",
    request: (client) => get(`/text/${client % TEXTS}.txt`),
  },
  { name: "compression", request: compressed },
  { name: "compression, nothing read", holds: true, request: compressed },
  {
    name: "zip of 100,000 files",
    flags: archive,
    request: () => get("/flat/?archive=zip"),
  },
  {
    name: "tar.gz of 100,000 files",
    flags: archive,
    request: () => get("/flat/?archive=tar.gz"),
  },
  { name: "listing of 100,000 files", request: () => get("/flat/") },
  {
    name: "the same, 400 clients",
    clients: 400,
    request: () => get("/flat/", "Accept-Encoding: br"),
  },
  {
    name: "the same, nothing read",
    clients: 400,
    holds: true,
    request: () => get("/flat/"),
  },
  { name: "listings in all forms", request: anyListing },
  {
    name: "listing, --plain, nothing read",
    flags: () => ["--plain"],
    holds: true,
    request: () => get("/flat/"),
  },
  {
    name: "64 ranges",
    request: () => get("/large.bin", `Range: bytes=${ranges.join(",")}`),
  },
  {
    name: "forms of 500 files",
    flags: () => ["--upload=in", "--overwrite"],
    request: form,
  },
  {
    name: "CGI",
    flags: () => ["--cgi"],
    request: () => get("/cgi-bin/out.sh"),
  },
  {
    name: "TLS handshakes",
    flags: () => ["--tls-self-signed"],
    tls: true,
    request: () => get("/small.txt"),
  },
  {
    name: "wrong passwords, bcrypt",
    flags: (directory) => ["--auth-file", `${directory}.users`],
    request: (client) => get("/small.txt", basic(`ann:${client}`)),
  },
  {
    name: "100 MiB, nothing read",
    clients: 400,
    holds: true,
    request: () => get("/large.bin"),
  },
];

/**
 * Creates the files that the requests need.
 *
 * @param directory An empty directory, and the prefix of another path.
 */
export function makeCostlyTree(directory: string): void {
  Deno.writeTextFileSync(`${directory}/small.txt`, "small\n");
  for (const name of ["flat", "text", "in", "cgi-bin"]) {
    Deno.mkdirSync(`${directory}/${name}`);
  }
  for (let i = 0; i < FILES; i++) {
    Deno.writeTextFileSync(`${directory}/flat/file-${i}.txt`, "");
  }
  const words = Array.from({ length: 1e5 }, () => Math.random().toString(36));
  const text = words.join(" ");
  const whole = text.repeat(Math.ceil(TEXT_BYTES / text.length));
  for (let i = 0; i < TEXTS; i++) {
    const path = `${directory}/text/${i}.txt`;
    Deno.writeTextFileSync(path, `${i} ${whole.slice(0, TEXT_BYTES)}`);
  }
  Deno.writeFileSync(`${directory}/large.bin`, new Uint8Array(100 * 2 ** 20));
  const script = `${directory}/cgi-bin/out.sh`;
  Deno.writeTextFileSync(
    script,
    "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\nhello\\n'\n",
    { mode: 0o755 },
  );
  const [user, password] = CREDENTIALS.split(":");
  Deno.writeTextFileSync(
    `${directory}.users`,
    `${user}:${hashSync(password, 10)}\n`,
  );
}
