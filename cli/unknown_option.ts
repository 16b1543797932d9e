// Copyright 2026 the pystd authors. MIT license.

/**
 * Advice on a flag that the command does not have: what it is called here, if
 * another server has it, or the flag with the most similar name.
 *
 * @module
 */

import { levenshteinDistance } from "@std/text/levenshtein-distance";
import { FLAG_GROUPS } from "./flags.ts";

const BIND = "--bind ADDRESS, or --lan for all addresses";
const COMPRESSION =
  "text is compressed by default; --precompressed sends FILE.br, .zst or .gz";
const SPA_OR_QUIET = "--spa for one page of a site, --quiet for no log";
const TLS = "--tls-self-signed, or --tls-cert FILE";

/**
 * Flags of other servers (http-server, serve, dufs, miniserve, caddy, darkhttpd,
 * webfsd, PHP, Deno's file server), by what answers to them here. Letters that
 * they use for different things name each of them.
 */
export const ELSEWHERE: readonly (readonly [flags: string, here: string])[] = [
  ["--host --address --addr --hostname --ip --interfaces -i", BIND],
  ["--listen -l", "--bind ADDRESS and --port N, or --unix PATH"],
  [
    "-a",
    "--bind ADDRESS, or --auth USER:PASSWORD; for user:pass@/path:rw also " +
    '--allow "USER /path upload"',
  ],
  ["--share --share-link --token", "--link PATH[=TIME]"],
  ["--allow-path --rules --acl --rights", "--allow 'USER PATH RIGHTS'"],
  ["--public", "--lan"],
  ["--no-port-switching", "a port in use is an error by default"],
  ["--root --dir --docroot --folder --path --base-dir", "--directory DIR"],
  ["-t", "--title TEXT, or --directory DIR"],
  ["-r", "--directory DIR, or --archive for downloads of folders"],
  ["--all --show-hidden", "--dotfiles"],
  [
    "--hidden",
    "--hide GLOB to hide names, --dotfiles to show those with a dot",
  ],
  ["--exclude --ignore", "--hide GLOB"],
  ["--no-dotfiles", "names that start with a dot are hidden by default"],
  [
    "--allow-symlink --allow-symlinks --symlinks",
    "--follow-symlinks for links out of the directory",
  ],
  ["--no-symlinks", "links out of the directory get a 404 by default"],
  ["-S", `${TLS}; --follow-symlinks for links`],
  ["--https --ssl --tls -T", TLS],
  ["--cert --ssl-cert --certfile -C", "--tls-cert FILE"],
  ["--key --ssl-key --keyfile -K", "--tls-key FILE"],
  ["--ssl-pass", "--tls-password-file FILE"],
  [
    "--password --passwd --username --user --basic-auth --credentials",
    "--auth USER:PASSWORD",
  ],
  ["--htpasswd", "--auth-file HTPASSWD"],
  ["--qrcode", "--qr"],
  ["--open-browser --browser", "--open"],
  ["--allow-upload --allow-uploads --upload-files", "--upload[=SUBDIR]"],
  ["-u", "--upload[=SUBDIR], or --no-compression"],
  ["--upload-dir", "--upload=SUBDIR"],
  ["-U --mkdir --allow-delete --rm-files --delete", "--manage"],
  [
    "-A --allow-all",
    "--manage for uploads and changes; Deno's -A goes before the module",
  ],
  ["-N -R -W", "Deno's flags go before the module: deno run -NR ..."],
  ["--overwrite-files --on-duplicate-files", "--overwrite"],
  ["--max-size --upload-limit", "--max-upload SIZE"],
  [
    "--zip --tar --tar-gz --enable-zip --enable-tar --enable-tar-gz -z " +
    "--allow-archive --archives",
    "--archive",
  ],
  ["--allow-hash --checksum --sha256", "--hash"],
  ["--single --render-spa --rewrite --fallback", "--spa[=FILE]"],
  ["-s", SPA_OR_QUIET],
  ["--pretty-urls --clean --ext -e", "--clean-urls"],
  [
    "--index --render-index --render-try-index --index-file",
    "a folder's index.html is sent by default",
  ],
  [
    "--no-dir-listing --disable-indexing --no-directory-listing --no-index -I",
    "--no-listing",
  ],
  [
    "--cache --cache-time --max-age",
    "--cache-control VALUE, such as max-age=3600 or no-store",
  ],
  ["-c", "--cache-control VALUE, such as no-store, or --config FILE"],
  ["--conf --settings", "--config FILE"],
  ["--enable-webdav --webdav", "--dav"],
  ["--allow-search --search", "a listing is searched by ?search=WORDS"],
  ["--healthcheck --health-check", "--health PATH"],
  ["--prometheus --metrics-path --stats", "--metrics PATH"],
  ["--no-cache", "browsers ask again for each file by default"],
  ["--no-etag", "ETag is always sent; --cache-control no-store avoids its use"],
  ["--enable-cors --allow-cors --cross-origin", "--cors[=ORIGIN]"],
  ["-g", `--archive; ${COMPRESSION}`],
  ["--gzip --brotli -B --compress --compression", COMPRESSION],
  ["--compress-response", COMPRESSION],
  ["--no-compress", "--no-compression"],
  [
    "--path-prefix --route-prefix --base --baseurl --url-prefix",
    "--prefix PATH",
  ],
  ["--mime --mimetype --default-mimetype -m", "--content-type TYPE"],
  ["--silent --no-request-logging -L --no-log", "--quiet"],
  ["-v --verbose", "requests are logged by default; -V prints the version"],
  ["--debug", "requests are logged by default"],
  ["--log --access-log --logfile", "--log-file FILE, and --log-format FORMAT"],
  ["--threads --jobs", "--workers N"],
  [
    "-P --proxy",
    "reverse proxies are not supported; nginx or caddy are proxies",
  ],
  ["--no-clipboard -n", "nothing is copied to the clipboard"],
];

/** Largest edit distance of a suggested flag. */
const MAX_EDIT_DISTANCE = 3;

/**
 * Returns advice on an option that does not exist.
 *
 * @param argument The option as given.
 * @returns The end of a sentence, or "" without advice.
 */
export function adviceOn(argument: string): string {
  const given = argument.replace(/=.*/s, "");
  const here = answerTo(given) ?? answerTo(letterOf(given));
  if (here !== undefined) {
    return here.startsWith("-") ? `; here it is ${here}` : `; ${here}`;
  }
  const name = given.replace(/^-+/, "");
  const near = FLAG_GROUPS.flatMap((group) => group.flags)
    .map((flag) => ({ ...flag, distance: editDistance(name, flag.name) }))
    .sort((a, b) => a.distance - b.distance)[0];
  const most = Math.min(MAX_EDIT_DISTANCE, name.length / 2);
  return near.distance <= most ? `; did you mean "--${near.name}"?` : "";
}

function answerTo(flag: string | undefined): string | undefined {
  return ELSEWHERE.find(([flags]) => flags.split(" ").includes(flag ?? ""))
    ?.[1];
}

/** Returns `-c` for `-c-1`, a letter with a value. */
function letterOf(flag: string): string | undefined {
  return /^-[A-Za-z]/.exec(flag)?.[0];
}

function editDistance(given: string, name: string): number {
  // A prefix counts as a match: `--follow` suggests `--follow-symlinks`.
  if (given.length > 1 && name.startsWith(given)) return 0;
  return levenshteinDistance(given, name);
}
