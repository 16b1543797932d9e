// Copyright 2026 the pystd authors. MIT license.

/**
 * RFC 3875, sections 4 to 6: the requirements for servers, a row for each.
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { CGIHTTPRequestHandler } from "../../handlers/cgi.ts";
import { type Answer, field } from "../support/answers.ts";
import { ask, type Part, pause } from "../support/client.ts";
import {
  HAS_SH,
  head,
  PLAIN,
  type ScriptServer,
  serveScripts,
} from "../support/scripts.ts";

/** A rule, a request that tests it, and the expected response. */
interface Row {
  section: string;
  rule: string;
  request: Part[];
  holds: (answer: Answer, site: ScriptServer) => void | Promise<void>;
}

/** Prints each variable named in the query, in brackets, or `unset`. */
const SHOW = `${PLAIN}
for n in $(printf %s "$QUERY_STRING" | tr '&=' '  '); do
  eval "printf '[%s]' \\"\\\${$n-unset}\\""
done`;

const SCRIPTS: Record<string, string> = {
  "cgi-bin/show.sh": SHOW,
  "cgi-bin/query.sh": `${PLAIN}; printf '[%s]' "\${QUERY_STRING-unset}"`,
  "cgi-bin/args.sh": `${PLAIN}; printf '[%s]' "$#" "$@"`,
  "cgi-bin/cat.sh": `${PLAIN}; printf '[%s]' "$CONTENT_LENGTH"; exec cat`,
  "cgi-bin/document.sh":
    "printf 'Content-Type: a/b; charset=x\\nX-Other: y\\n\\nbody'",
  "cgi-bin/status.sh":
    "printf 'Status: 418 Short and stout\\nContent-Type: a/b\\n\\nbody'",
  "cgi-bin/nph-raw.sh":
    "printf 'HTTP/1.0 299 Mine\\nX-Odd:  a\\nServer: me\\n\\nraw\\n'",
  "cgi-bin/local.sh": "printf 'Location: /cgi-bin/show.sh?SCRIPT_NAME=\\n\\n'",
  "cgi-bin/away.sh": "printf 'Location: http://example.org/x#y\\n\\n'",
  "cgi-bin/away-page.sh":
    "printf 'Location: http://example.org/\\nStatus: 302 Found\\nContent-Type: a/b\\n\\npage'",
  "cgi-bin/twice.sh": "printf 'Content-Type: a/b\\nContent-Type: a/b\\n\\n'",
  "cgi-bin/none.sh": "printf 'X-Other: y\\n\\nbody'",
  "cgi-bin/folded.sh": "printf 'Content-Type: a/b\\nX: a\\n b\\n\\nbody'",
  "cgi-bin/spaced.sh": "printf 'Content-Type : a/b\\n\\nbody'",
  "cgi-bin/hop.sh":
    "printf 'Content-Type: a/b\\nConnection: keep-alive\\nTransfer-Encoding: gzip\\nContent-Length: 4\\n\\nbody'",
  "cgi-bin/big.sh": `${PLAIN}; head -c 300000 /dev/zero; touch "\${0%/*}/done"`,
};

function get(target: string, ...fields: string[]): Part[] {
  return [head(target, fields)];
}

function post(target: string, body: string, ...fields: string[]): Part[] {
  const length = `Content-Length: ${body.length}`;
  return [head(target, [length, ...fields], "POST"), body];
}

function shows(body: string): Row["holds"] {
  return (answer) => assertEquals(answer.body, body);
}

function refused(answer: Answer): void {
  assertEquals(answer.status, 502);
}

const BASIC = "Authorization: Basic dXNlcjpwYXNz";

const ROWS: Row[] = [
  {
    section: "4.1.1",
    rule: "AUTH_TYPE is the scheme of Authorization",
    request: get("/cgi-bin/show.sh?AUTH_TYPE=", BASIC),
    holds: shows("[Basic]"),
  },
  {
    section: "4.1.2",
    rule: "CONTENT_LENGTH is set if there is a body",
    request: post("/cgi-bin/show.sh?CONTENT_LENGTH=", "12345"),
    holds: shows("[5]"),
  },
  {
    section: "4.1.2",
    rule: "CONTENT_LENGTH is not set if there is none",
    request: get("/cgi-bin/show.sh?CONTENT_LENGTH="),
    holds: shows("[unset]"),
  },
  {
    section: "4.1.3",
    rule: "CONTENT_TYPE is the client's",
    request: post("/cgi-bin/show.sh?CONTENT_TYPE=", "1", "Content-Type: a/b;c"),
    holds: shows("[a/b;c]"),
  },
  {
    section: "4.1.3",
    rule: "CONTENT_TYPE is not made up",
    request: post("/cgi-bin/show.sh?CONTENT_TYPE=", "1"),
    holds: shows("[unset]"),
  },
  {
    section: "4.1.4",
    rule: "GATEWAY_INTERFACE is the version of CGI",
    request: get("/cgi-bin/show.sh?GATEWAY_INTERFACE="),
    holds: shows("[CGI/1.1]"),
  },
  {
    section: "4.1.5",
    rule: "PATH_INFO is not escaped",
    request: get("/cgi-bin/show.sh/a%20b/%C3%A9?PATH_INFO="),
    holds: (answer) => assertEquals(answer.body, "[/a b/\xc3\xa9]"),
  },
  {
    section: "4.1.6",
    rule: "PATH_TRANSLATED is below the directory, its case kept",
    request: get("/cgi-bin/show.sh/a/B%20c?PATH_TRANSLATED="),
    holds: (answer, { tree }) =>
      assertEquals(answer.body, `[${tree.path("a/B c")}]`),
  },
  {
    section: "4.1.6",
    rule: "PATH_TRANSLATED is not set without PATH_INFO",
    request: get("/cgi-bin/show.sh?PATH_TRANSLATED="),
    holds: shows("[unset]"),
  },
  {
    section: "4.1.7",
    rule: "QUERY_STRING is escaped as it was",
    request: get("/cgi-bin/query.sh?a=%20+b&c?//d"),
    holds: shows("[a=%20+b&c?//d]"),
  },
  {
    section: "4.1.7",
    rule: "QUERY_STRING is set, and empty if there is none",
    request: get("/cgi-bin/query.sh"),
    holds: shows("[]"),
  },
  {
    section: "4.1.8",
    rule: "REMOTE_ADDR is the client's address",
    request: get("/cgi-bin/show.sh?REMOTE_ADDR="),
    holds: shows("[127.0.0.1]"),
  },
  {
    section: "4.1.11",
    rule: "REMOTE_USER is the user of Authorization",
    request: get("/cgi-bin/show.sh?REMOTE_USER=", BASIC),
    holds: shows("[user]"),
  },
  {
    section: "4.1.12",
    rule: "REQUEST_METHOD is the method",
    request: post("/cgi-bin/show.sh?REQUEST_METHOD=", ""),
    holds: shows("[POST]"),
  },
  {
    section: "4.1.13",
    rule: "SCRIPT_NAME is the script's path, unescaped",
    request: get("/%63gi-bin//x/../show%2esh/a?SCRIPT_NAME="),
    holds: shows("[/cgi-bin/show.sh]"),
  },
  {
    section: "4.1.14, 4.1.15",
    rule: "SERVER_NAME and SERVER_PORT are set",
    request: get("/cgi-bin/show.sh?SERVER_NAME=&SERVER_PORT="),
    holds: (answer, { server, port }) =>
      assertEquals(answer.body, `[${server.httpd.serverName}][${port}]`),
  },
  {
    section: "4.1.16",
    rule: "SERVER_PROTOCOL is that of the response",
    request: get("/cgi-bin/show.sh?SERVER_PROTOCOL="),
    holds: shows("[HTTP/1.1]"),
  },
  {
    section: "4.1.16",
    rule: "SERVER_PROTOCOL is that of the response to an older client",
    request: ["GET /cgi-bin/show.sh?SERVER_PROTOCOL= HTTP/1.0\r\n\r\n"],
    holds: shows("[HTTP/1.0]"),
  },
  {
    section: "4.1.17",
    rule: "SERVER_SOFTWARE is what the client is told",
    request: get("/cgi-bin/show.sh?SERVER_SOFTWARE="),
    holds: (answer) =>
      assertEquals(answer.body, `[${field(answer, "server")}]`),
  },
  {
    section: "4.1.18",
    rule: "repeated fields become one variable with the same meaning",
    request: get(
      "/cgi-bin/show.sh?HTTP_X_A=&HTTP_COOKIE=",
      "X-A: 1",
      "Cookie: a=b",
      "x-a: 2",
      "Cookie: c=d",
    ),
    holds: shows("[1, 2][a=b; c=d]"),
  },
  {
    section: "4.2",
    rule: "the script can read CONTENT_LENGTH bytes",
    request: post("/cgi-bin/cat.sh", "ab\r\n\0\xff"),
    holds: shows("[6]ab\r\n\0\xff"),
  },
  {
    section: "4.2",
    rule: "transfer codings are removed, and the length is that of the rest",
    request: [
      head("/cgi-bin/cat.sh", ["Transfer-Encoding: chunked"], "POST"),
      "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: x\r\n\r\n",
    ],
    holds: shows("[5]abcde"),
  },
  {
    section: "4.3.3",
    rule: "the body of the response to a HEAD is discarded",
    request: [head("/cgi-bin/document.sh", [], "HEAD")],
    holds: (answer) => {
      assertEquals([answer.status, answer.body], [200, ""]);
      assertEquals(field(answer, "content-type"), "a/b; charset=x");
    },
  },
  {
    section: "4.4",
    rule: "the words of a search are arguments, unescaped",
    request: get("/cgi-bin/args.sh?one+two%20x+%2b"),
    holds: shows("[3][one][two x][+]"),
  },
  {
    section: "4.4",
    rule: "there are none if one of them cannot be an argument",
    request: get("/cgi-bin/args.sh?one+two%00x"),
    holds: shows("[0]"),
  },
  {
    section: "4.4",
    rule: "there are none if the query has a =",
    request: get("/cgi-bin/args.sh?one+two=x"),
    holds: shows("[0]"),
  },
  {
    section: "5.2",
    rule: "the output of an NPH script is not changed",
    request: get("/cgi-bin/nph-raw.sh"),
    holds: (answer) =>
      assertEquals(
        answer.head + answer.body,
        "HTTP/1.0 299 Mine\nX-Odd:  a\nServer: me\n\nraw\n",
      ),
  },
  {
    section: "6.2.1",
    rule: "a document is 200 unless it says otherwise",
    request: get("/cgi-bin/document.sh"),
    holds: (answer) =>
      assertEquals([answer.status, answer.body], [200, "body"]),
  },
  {
    section: "6.2.2",
    rule: "a local redirect is answered as if its path had been asked for",
    request: get("/cgi-bin/local.sh"),
    holds: shows("[/cgi-bin/show.sh]"),
  },
  {
    section: "6.2.3",
    rule: "a client redirect is a 302",
    request: get("/cgi-bin/away.sh"),
    holds: (answer) => {
      assertEquals([answer.status, answer.body], [302, ""]);
      assertEquals(field(answer, "location"), "http://example.org/x#y");
    },
  },
  {
    section: "6.2.4",
    rule: "a client redirect may have a document",
    request: get("/cgi-bin/away-page.sh"),
    holds: (answer) => {
      assertEquals([answer.status, answer.body], [302, "page"]);
      assertEquals(field(answer, "location"), "http://example.org/");
    },
  },
  {
    section: "6.3",
    rule: "a header block has at least one CGI field",
    request: get("/cgi-bin/none.sh"),
    holds: refused,
  },
  {
    section: "6.3",
    rule: "a CGI field is not repeated",
    request: get("/cgi-bin/twice.sh"),
    holds: refused,
  },
  {
    section: "6.3",
    rule: "a field stands on one line",
    request: get("/cgi-bin/folded.sh"),
    holds: refused,
  },
  {
    section: "6.3",
    rule: "there is no space between a name and its colon",
    request: get("/cgi-bin/spaced.sh"),
    holds: refused,
  },
  {
    section: "6.3.1",
    rule: "Content-Type is sent as it is",
    request: get("/cgi-bin/document.sh"),
    holds: (answer) =>
      assertEquals(field(answer, "content-type"), "a/b; charset=x"),
  },
  {
    section: "6.3.3",
    rule: "Status is the status, with its reason, and no field",
    request: get("/cgi-bin/status.sh"),
    holds: (answer) => {
      assert(answer.head.startsWith("HTTP/1.1 418 Short and stout\r\n"));
      assertEquals(field(answer, "status"), undefined);
      assertEquals(answer.body, "body");
    },
  },
  {
    section: "6.3.4",
    rule: "lines end as those of HTTP",
    request: get("/cgi-bin/document.sh"),
    holds: (answer) => {
      assert(answer.head.includes("\r\nX-Other: y\r\n"));
      assertEquals(answer.head.replaceAll("\r\n", "").includes("\n"), false);
    },
  },
  {
    section: "6.3.4",
    rule: "fields between server and client are not the script's",
    request: get("/cgi-bin/hop.sh", "Connection: close"),
    holds: (answer) => {
      assertEquals(field(answer, "transfer-encoding"), undefined);
      assert(field(answer, "connection") !== "keep-alive");
      assertEquals(answer.body, "body");
    },
  },
  {
    section: "6.4",
    rule: "output is read to its end, even if it is not sent",
    request: [head("/cgi-bin/big.sh", [], "HEAD")],
    holds: async (answer, { tree }) => {
      assertEquals([answer.status, answer.body], [200, ""]);
      // The script keeps running after the response.
      await waitForFile(tree.path("cgi-bin/done"));
    },
  },
];

/** Waits for a file that a script creates, for ten seconds at most. */
async function waitForFile(path: string): Promise<void> {
  for (let i = 0;; i++) {
    try {
      assert(Deno.statSync(path).isFile);
      return;
    } catch (error) {
      if (i === 500) throw error;
      await pause(20);
    }
  }
}

Deno.test({
  name: "CGIHTTPRequestHandler conforms to RFC 3875",
  ignore: !HAS_SH,
  async fn(t) {
    await using site = await serveScripts(SCRIPTS);
    for (const { section, rule, request, holds } of ROWS) {
      await t.step(`${section}: ${rule}`, async () => {
        const [answer] = await ask(site.port, ...request);
        await holds(answer!, site);
      });
    }
  },
});

Deno.test({
  name: "CGIHTTPRequestHandler merges a folded field: RFC 3875 4.1.18",
  ignore: !HAS_SH,
  async fn() {
    // HTTP/1.1 rejects such a request (RFC 9112 section 5.2).
    class Lenient extends CGIHTTPRequestHandler {
      static override protocolVersion = "HTTP/1.0";
    }
    await using site = await serveScripts({
      "cgi-bin/x.sh": `${PLAIN}; printf '[%s]' "$HTTP_X_A" | tr -s '\\t '`,
    }, Lenient);
    const [answer] = await ask(
      site.port,
      "GET /cgi-bin/x.sh HTTP/1.0\r\nX-A: one\r\n two\r\n\r\n",
    );
    assertEquals(answer!.body, "[one two]");
  },
});
