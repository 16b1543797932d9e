// Copyright 2026 the pystd authors. MIT license.

/**
 * A form that accepts files and lists them.
 *
 *     deno run --allow-net examples/upload_form.ts [PORT]
 *
 * @module
 */

import {
  BaseHTTPRequestHandler,
  ThreadingHTTPServer,
} from "@pystd/http-server";

const FORM = `<form method="post" enctype="multipart/form-data">
<input type="file" name="file" multiple> <button>Send</button>
</form>
`;

class Upload extends BaseHTTPRequestHandler {
  /** Files are held in memory here; the command's `--upload` streams them. */
  static override maxBodyBytes = 16 * 1024 * 1024;

  do_GET(): void {
    this.text(200, "text/html", FORM);
  }

  async do_POST(): Promise<void> {
    const { headers } = this;
    let form: FormData;
    try {
      form = await new Response(this.rfile.readable, { headers }).formData();
    } catch {
      return this.sendError(400, "Not a form");
    }
    const lines: string[] = [];
    for (const [name, value] of form) {
      lines.push(
        typeof value === "string"
          ? `${name} = ${value}\n`
          : `${value.name}: ${value.size} bytes\n`,
      );
    }
    this.text(200, "text/plain", lines.join(""));
  }

  text(status: number, type: string, text: string): void {
    const body = new TextEncoder().encode(text);
    this.sendResponse(status);
    this.sendHeader("Content-Type", `${type}; charset=utf-8`);
    this.sendHeader("Content-Length", body.length);
    this.endHeaders();
    this.wfile.write(body);
  }
}

if (import.meta.main) {
  const port = Number(Deno.args[0] ?? 8000);
  await using httpd = new ThreadingHTTPServer(["127.0.0.1", port], Upload);
  console.log(`Serving on port ${httpd.serverPort}`);
  await httpd.serveForever();
}
