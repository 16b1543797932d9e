import hashlib
import hmac
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MOST = 1024 * 1024


class Webhook(BaseHTTPRequestHandler):
    def do_POST(self):
        length = self.headers["Content-Length"]
        if length is None:
            return self.send_error(411)
        if int(length) > MOST:
            return self.send_error(413, "Content Too Large")
        body = self.rfile.read(int(length))
        key = sys.argv[2].encode()
        wanted = "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()
        signature = self.headers.get("X-Hub-Signature-256", "")
        if not hmac.compare_digest(wanted, signature):
            return self.send_error(403, "Bad signature")
        print(self.headers["X-GitHub-Event"], len(body), flush=True)
        self.send_response(204)
        self.end_headers()


with ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Webhook) as httpd:
    print(f"Serving on port {httpd.server_port}", flush=True)
    httpd.serve_forever()
