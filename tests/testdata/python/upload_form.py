import email
import email.policy
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FORM = """<form method="post" enctype="multipart/form-data">
<input type="file" name="file" multiple> <button>Send</button>
</form>
"""


class Upload(BaseHTTPRequestHandler):
    def do_GET(self):
        self.text(200, "text/html", FORM)

    def do_POST(self):
        kind = self.headers.get("Content-Type", "")
        body = self.rfile.read(int(self.headers["Content-Length"]))
        message = email.message_from_bytes(
            b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body,
            policy=email.policy.HTTP,
        )
        if not message.is_multipart():
            return self.send_error(400, "Not a form")
        lines = []
        for part in message.iter_parts():
            name = part.get_param("name", header="Content-Disposition")
            content = part.get_payload(decode=True)
            if part.get_filename() is None:
                lines.append(f"{name} = {content.decode()}\n")
            else:
                lines.append(f"{part.get_filename()}: {len(content)} bytes\n")
        self.text(200, "text/plain", "".join(lines))

    def text(self, status, kind, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


with ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Upload) as httpd:
    print(f"Serving on port {httpd.server_port}", flush=True)
    httpd.serve_forever()
