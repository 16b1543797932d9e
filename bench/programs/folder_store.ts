// Copyright 2026 the pystd authors. MIT license.

/**
 * A store with one large folder, for `bench/large_folders.ts`: prints its URL. It
 * has no objects in memory: keys, lists and contents are computed, so that it takes
 * little of the machine. It answers `HEAD`, ranged `GET`, and lists by prefix,
 * delimiter, `max-keys` and continuation.
 *
 * Arguments: the number of entries of `big/`, and the time of each response in ms.
 *
 * @module
 */

const BUCKET = "share";
const PAGE = 1000;
const MODIFIED = new Date("2026-01-02T03:04:05Z");
const SMALL = "small.txt";

const [count = 100_000, latency = 0] = Deno.args.map(Number);

/** Returns a key by its place in the order of all keys. */
function keyAt(i: number): string {
  if (i === count) return SMALL;
  const number = `${i}`.padStart(8, "0");
  if (i % 20 === 19) return `big/entry-${number}/file.txt`;
  return i % 10 === 3
    ? `big/entry-${number} photo (1).jpeg`
    : `big/entry-${number}.pdf`;
}

/** Returns the place of the first key that is not before a text. */
function placeOf(text: string): number {
  let low = 0;
  let high = count + 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keyAt(middle) < text) low = middle + 1;
    else high = middle;
  }
  return low;
}

const isKey = (key: string): boolean => {
  const place = placeOf(key);
  return place <= count && keyAt(place) === key;
};
const sizeOf = (key: string): number => key === SMALL ? 1024 : 4096;
const tagOf = (key: string): string => `"${key.length}-${sizeOf(key)}"`;
const escaped = (key: string): string =>
  key.replace(/[ ()]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);

function list(query: URLSearchParams): Response {
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const most = Math.min(Number(query.get("max-keys") ?? PAGE), PAGE);
  const token = query.get("continuation-token");
  let place = placeOf(token ?? prefix);
  let rows = "";
  let found = 0;
  let next: string | undefined;
  while (place <= count) {
    const key = keyAt(place);
    if (!key.startsWith(prefix)) break;
    if (found++ === most) {
      next = key;
      break;
    }
    const end = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    if (end !== -1) {
      const folder = key.slice(0, end + 1);
      rows += `<CommonPrefixes><Prefix>${
        escaped(folder)
      }</Prefix></CommonPrefixes>`;
      place = placeOf(`${folder}\uffff`);
      continue;
    }
    rows += `<Contents><Key>${
      escaped(key)
    }</Key><LastModified>${MODIFIED.toISOString()}</LastModified><ETag>${
      tagOf(key).replaceAll('"', "&quot;")
    }</ETag><Size>${
      sizeOf(key)
    }</Size><StorageClass>STANDARD</StorageClass></Contents>`;
    place++;
  }
  const more = next === undefined
    ? ""
    : `<NextContinuationToken>${next}</NextContinuationToken>`;
  return new Response(
    `<?xml version="1.0" encoding="UTF-8"?>\n` +
      `<ListBucketResult><EncodingType>url</EncodingType>` +
      `<IsTruncated>${
        next !== undefined
      }</IsTruncated>${more}${rows}</ListBucketResult>`,
    { headers: { "content-type": "application/xml" } },
  );
}

async function answer(request: Request): Promise<Response> {
  if (latency > 0) await new Promise((done) => setTimeout(done, latency));
  const { pathname, searchParams } = new URL(request.url);
  const key = decodeURIComponent(pathname.slice(`/${BUCKET}/`.length));
  if (key === "") return list(searchParams);
  if (!isKey(key)) return new Response(null, { status: 404 });
  const fields = new Headers({
    etag: tagOf(key),
    "last-modified": MODIFIED.toUTCString(),
    "content-length": `${sizeOf(key)}`,
  });
  if (request.method === "HEAD") return new Response(null, { headers: fields });
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get("range") ?? "");
  const start = Number(range?.[1] ?? 0);
  const end = Number(range?.[2] ?? sizeOf(key) - 1) + 1;
  fields.set("content-length", `${end - start}`);
  fields.set("content-range", `bytes ${start}-${end - 1}/${sizeOf(key)}`);
  return new Response(new Uint8Array(end - start).fill(120), {
    status: 206,
    headers: fields,
  });
}

const server = Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen() {} },
  answer,
);
console.log(`http://127.0.0.1:${server.addr.port}`);
