import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

counts = {}


class Metrics(BaseHTTPRequestHandler):
    def do_GET(self):
        kind = "scrape" if self.path == "/metrics" else "other"
        counts[kind] = counts.get(kind, 0) + 1
        if kind == "other":
            return self.send_error(404)
        lines = [
            "# HELP requests_total Requests by kind.",
            "# TYPE requests_total counter",
            *(f'requests_total{{kind="{k}"}} {n}' for k, n in counts.items()),
        ]
        text = ("\n".join(lines) + "\n").encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


with ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Metrics) as httpd:
    print(f"Serving on port {httpd.server_port}", flush=True)
    httpd.serve_forever()
