// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import {
  cgiEnvironment,
  type CgiRequest,
  httpVariables,
} from "../../../protocol/cgi/environment.ts";
import { Fields } from "../../../protocol/fields.ts";

function environment(
  fields: [string, string][],
  parts: Partial<CgiRequest> = {},
): Record<string, string> {
  return cgiEnvironment({
    method: "GET",
    target: "/cgi-bin/x",
    query: "",
    protocol: "HTTP/1.1",
    fields: Fields.from(fields),
    contentLength: undefined,
    scriptName: "/cgi-bin/x",
    scriptFile: "/srv/cgi-bin/x",
    pathInfo: "",
    pathTranslated: "/srv",
    documentRoot: "/srv",
    remoteAddress: "192.0.2.1",
    serverName: "example.org",
    serverPort: 8000,
    software: "a/1 b/2",
    secure: false,
    ...parts,
  });
}

/** Variables that every request sets. */
const EMPTY = {
  HTTP_ACCEPT: "",
  HTTP_COOKIE: "",
  HTTP_REFERER: "",
  HTTP_USER_AGENT: "",
};

Deno.test("httpVariables has a variable for each field that is passed on", () => {
  const table: [fields: [string, string][], variables: object][] = [
    [[["X-Custom", "yes"]], { HTTP_X_CUSTOM: "yes" }],
    [[["x-a", "1"], ["X-A", "2"]], { HTTP_X_A: "1, 2" }],
    [[["Cookie", "a=1"], ["cookie", ""], ["COOKIE", "b=2"]], {
      HTTP_COOKIE: "a=1; b=2",
    }],
    [[["Accept", "a/b"], ["Accept", "c/d"]], { HTTP_ACCEPT: "a/b, c/d" }],
    [[["User-Agent", "me \xe9"]], { HTTP_USER_AGENT: "me \xe9" }],
    // httpoxy
    [[["Proxy", "http://evil/"]], {}],
    [[["PROXY", "http://evil/"]], {}],
    // Credentials, and fields with their own variable
    [[["Authorization", "Basic x"], ["Proxy-Authorization", "y"]], {}],
    [[["Content-Type", "a/b"], ["Content-Length", "1"]], {}],
    // Hop by hop, by name and by nomination
    [
      [
        ["Connection", "keep-alive, X-Hop"],
        ["Keep-Alive", "1"],
        ["Proxy-Connection", "x"],
        ["TE", "x"],
        ["Trailer", "x"],
        ["Transfer-Encoding", "chunked"],
        ["Upgrade", "x"],
        ["X-Hop", "x"],
        ["X-End", "y"],
      ],
      { HTTP_X_END: "y" },
    ],
    // Two names for one variable
    [[["X_A", "evil"], ["X-A", "good"]], { HTTP_X_A: "good" }],
    [[["Content_Length", "1"], ["X.A", "1"], ["X A", "1"], ["", "1"]], {}],
    // Names of object properties
    [[["__proto__", "x"], ["constructor", "x"]], { HTTP_CONSTRUCTOR: "x" }],
  ];
  for (const [fields, variables] of table) {
    assertEquals(
      httpVariables(Fields.from(fields)),
      { ...EMPTY, ...variables },
      JSON.stringify(fields),
    );
  }
});

Deno.test("cgiEnvironment reads the user from Authorization, as CPython does", () => {
  const basic = (text: string): string =>
    `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(text)))}`;
  const table: [value: string, type?: string, user?: string][] = [
    [basic("user:pass"), "Basic", "user"],
    [basic("user:"), "Basic", "user"],
    [basic(":pass"), "Basic", ""],
    // CPython finds no user here
    [basic("user:pa:ss"), "Basic", "user"],
    [basic("caf\u00e9:x"), "Basic", "caf\u00e9"],
    [basic("nocolon"), "Basic"],
    [basic("a\nb:c"), "Basic"],
    [basic("a\0b:c"), "Basic"],
    ["BASIC dTpw", "BASIC", "u"],
    ["Basic ???", "Basic"],
    ["Basic /w==", "Basic"],
    [`Basic ${btoa("\xe9:b")}`, "Basic"],
    [" Basic\t dTpw ", "Basic", "u"],
    ["Bearer token", "Bearer"],
    ["Digest a=b, c=d"],
    ["Basic"],
    [""],
  ];
  for (const [value, type, user] of table) {
    const { AUTH_TYPE, REMOTE_USER } = environment([["Authorization", value]]);
    assertEquals([AUTH_TYPE, REMOTE_USER], [type, user], value);
  }
  assertEquals("AUTH_TYPE" in environment([]), false);
});

Deno.test("cgiEnvironment has the variables of the request line and server", () => {
  const table: [Partial<CgiRequest>, Record<string, string | undefined>][] = [
    [{}, {
      AUTH_TYPE: undefined,
      CONTENT_LENGTH: undefined,
      CONTENT_TYPE: undefined,
      GATEWAY_INTERFACE: "CGI/1.1",
      HTTPS: undefined,
      PATH_INFO: "",
      PATH_TRANSLATED: undefined,
      QUERY_STRING: "",
      REMOTE_ADDR: "192.0.2.1",
      REMOTE_HOST: "192.0.2.1",
      REQUEST_METHOD: "GET",
      SCRIPT_NAME: "/cgi-bin/x",
      SERVER_NAME: "example.org",
      SERVER_PORT: "8000",
      SERVER_PROTOCOL: "HTTP/1.1",
      SERVER_SOFTWARE: "a/1 b/2",
    }],
    [{ pathInfo: "/a b", pathTranslated: "/srv/a b" }, {
      PATH_INFO: "/a b",
      PATH_TRANSLATED: "/srv/a b",
    }],
    [{ contentLength: 0 }, { CONTENT_LENGTH: "0" }],
    [{ contentLength: 5 }, { CONTENT_LENGTH: "5" }],
    [{ query: "a?b//c=%20" }, { QUERY_STRING: "a?b//c=%20" }],
    [{ serverName: "::1" }, { SERVER_NAME: "[::1]" }],
    [{ serverName: "[::1]" }, { SERVER_NAME: "[::1]" }],
    [{ fields: Fields.from([["Content-Type", "a/b"]]) }, {
      CONTENT_TYPE: "a/b",
    }],
    [{ secure: true }, { HTTPS: "on" }],
    [{ method: "post" }, { REQUEST_METHOD: "post" }],
  ];
  for (const [parts, variables] of table) {
    const all = environment([], parts);
    for (const [name, value] of Object.entries(variables)) {
      assertEquals(all[name], value, name);
    }
  }
});

Deno.test("cgiEnvironment does not let fields override its variables", () => {
  const plain = Object.keys(environment([]));
  const fields = plain.map((name): [string, string] => [name, "evil"]);
  const values = Object.values(environment(fields));
  assertEquals(values.includes("evil"), false);
});
