import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ANSWERS = {
    "GET /users/1": (200, {"id": 1, "name": "Ada"}),
    "DELETE /users/1": (204, None),
}


class MockAPI(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/calls":
            return self.json(200, self.server.calls)
        self.canned()

    def do_DELETE(self):
        self.canned()

    def do_POST(self):
        self.note()
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            value = json.loads(body)
        except ValueError:
            return self.json(400, {"error": "not JSON"})
        self.json(201, {"created": value})

    def canned(self):
        self.note()
        missing = (404, {"error": "not there"})
        self.json(*ANSWERS.get(f"{self.command} {self.path}", missing))

    def note(self):
        self.server.calls.append(f"{self.command} {self.path}")

    def json(self, status, value):
        self.send_response(status)
        if value is None:
            return self.end_headers()
        text = json.dumps(value, separators=(",", ":")).encode()
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format, *args):
        pass


with ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), MockAPI) as httpd:
    httpd.calls = []
    print(f"Serving on port {httpd.server_port}", flush=True)
    httpd.serve_forever()
