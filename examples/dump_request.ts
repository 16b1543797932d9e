// Copyright 2026 the pystd authors. MIT license.

/**
 * A handler that shows the request as a page: the method, the path, the header
 * fields, and the content of a form.
 *
 *     deno run --allow-net examples/dump_request.ts [PORT]
 *     curl -d name=value http://localhost:8008/
 *
 * @module
 */

import { BaseHTTPRequestHandler, HTTPServer } from "@pystd/http-server";
import { escape } from "@std/html/entities";

/** Answers GET and POST with a page about the request. */
export class MyHandler extends BaseHTTPRequestHandler {
  static override serverVersion = "MyHandler/1.1";

  do_GET(): void {
    this.logDetails();
    this.dumpReq();
  }

  async do_POST(): Promise<void> {
    this.logDetails();
    // `rfile` ends at the end of the body: no length is needed.
    const formInput = new TextDecoder().decode(await this.rfile.read());
    this.dumpReq(formInput);
  }

  logDetails(): void {
    const headers = JSON.stringify([...this.headers]);
    this.logMessage(
      "Command: %s Path: %s Headers: %s",
      this.command,
      this.path,
      headers,
    );
  }

  dumpReq(formInput?: string): void {
    const fields = [...this.headers].map(([name, value]) =>
      `<p>${escape(name)}= <tt>${escape(value)}</tt></p>`
    );
    const form = formInput === undefined
      ? ""
      : `<p>form input= <tt>${escape(formInput)}</tt></p>`;
    this.sendPage(
      "text/html; charset=utf-8",
      `<html><head></head><body><p>HTTP Request</p>` +
        `<p>this.command= <tt>${escape(this.command)}</tt></p>` +
        `<p>this.path= <tt>${escape(this.path)}</tt></p>` +
        `${fields.join("")}${form}</body></html>`,
    );
  }

  sendPage(type: string, text: string): void {
    const body = new TextEncoder().encode(text);
    this.sendResponse(200);
    this.sendHeader("Content-type", type);
    this.sendHeader("Content-length", body.length);
    this.endHeaders();
    this.wfile.write(body);
  }
}

/**
 * Serves one request; use `serveForever()` for more.
 *
 * @param handlerClass The class of the handler.
 * @param port The port to listen on; 0 for a free one.
 */
export async function httpd(
  handlerClass: typeof BaseHTTPRequestHandler = MyHandler,
  port = 8008,
): Promise<void> {
  await using srvr = new HTTPServer(["", port], handlerClass);
  console.log(`Serving on port ${srvr.serverPort}`);
  await srvr.handleRequest();
}

if (import.meta.main) {
  await httpd(MyHandler, Number(Deno.args[0] ?? 8008));
}
