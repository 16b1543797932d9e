import select
import socket
import sys
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


opener = urllib.request.build_opener(
    urllib.request.ProxyHandler({}), NoRedirects
)


class Proxy(BaseHTTPRequestHandler):
    def do_GET(self):
        if not self.path.startswith(("http://", "https://")):
            return self.send_error(400, "Not a proxy request")
        headers = {"accept": self.headers.get("Accept", "*/*")}
        request = urllib.request.Request(self.path, headers=headers)
        try:
            response = opener.open(request)
        except urllib.error.HTTPError as error:
            response = error
        except OSError:
            return self.send_error(502, "Cannot reach the server")
        self.send_response(response.status)
        if response.headers["Content-Type"] is not None:
            self.send_header("Content-Type", response.headers["Content-Type"])
        self.end_headers()
        while piece := response.read(65536):
            self.wfile.write(piece)

    def do_CONNECT(self):
        host, port = self.path.rsplit(":", 1)
        try:
            upstream = socket.create_connection((host.strip("[]"), int(port)))
        except OSError:
            return self.send_error(502, "Cannot reach the server")
        self.send_response(200, "Connection Established")
        self.end_headers()
        others = {self.connection: upstream, upstream: self.connection}
        open_sides = list(others)
        while open_sides:
            for side in select.select(open_sides, [], [])[0]:
                piece = side.recv(65536)
                if piece:
                    others[side].sendall(piece)
                else:
                    others[side].shutdown(socket.SHUT_WR)
                    open_sides.remove(side)
        upstream.close()


with ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Proxy) as httpd:
    print(f"Serving on port {httpd.server_port}", flush=True)
    httpd.serve_forever()
