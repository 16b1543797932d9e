import base64
import hmac
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Private(BaseHTTPRequestHandler):
    def do_GET(self):
        wanted = b"Basic " + base64.b64encode(sys.argv[2].encode())
        given = self.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(given, wanted):
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="private"')
            self.send_header("Content-Length", "0")
            return self.end_headers()
        text = b"For you alone.\n"
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


with ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Private) as httpd:
    print(f"Serving on port {httpd.server_port}", flush=True)
    httpd.serve_forever()
