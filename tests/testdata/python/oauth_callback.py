import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit


class Callback(BaseHTTPRequestHandler):
    def do_GET(self):
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        if url.path != "/callback":
            return self.send_error(404)
        if query.get("state") != [self.server.state]:
            return self.send_error(400, "Wrong state")
        if "code" not in query:
            return self.send_error(403, query.get("error", ["No code"])[0])
        self.server.code = query["code"][0]
        page = b"<p>You are logged in. You can close this window.</p>\n"
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format, *args):
        pass


with HTTPServer(("127.0.0.1", int(sys.argv[1])), Callback) as httpd:
    httpd.state, httpd.code = sys.argv[2], None
    print(f"Serving on port {httpd.server_port}", flush=True)
    while httpd.code is None:
        httpd.handle_request()
    print(f"Code: {httpd.code}", flush=True)
