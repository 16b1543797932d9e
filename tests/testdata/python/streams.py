import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Streams(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/events":
            self.send_events()
        elif self.path == "/camera":
            self.send_pictures()
        else:
            self.send_error(404)

    def send_events(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        for i in range(self.server.count):
            self.wfile.write(f"id: {i}\ndata: tick {i}\n\n".encode())
            time.sleep(0.01)

    def send_pictures(self):
        self.send_response(200)
        kind = "multipart/x-mixed-replace; boundary=picture"
        self.send_header("Content-Type", kind)
        self.end_headers()
        for i in range(self.server.count):
            picture = bytes([0xFF, 0xD8, i % 256, 0xFF, 0xD9])
            self.wfile.write(
                b"--picture\r\nContent-Type: image/jpeg\r\n"
                + f"Content-Length: {len(picture)}\r\n\r\n".encode()
                + picture
                + b"\r\n"
            )
            time.sleep(0.01)


with ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Streams) as httpd:
    httpd.count = int(sys.argv[2])
    print(f"Serving on port {httpd.server_port}", flush=True)
    httpd.serve_forever()
