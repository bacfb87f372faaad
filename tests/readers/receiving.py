"""A program that receives webhooks, on this machine."""

import http.server
import json
import threading


class Receiver:
    """A program that is told: ``got`` are the headers and bodies of what came, ``answers`` the statuses it gives."""

    def __init__(self):
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((self.path, dict(self.headers), body))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 204)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_args):
                pass

        self.got, self.answers, self.headers = [], [], {}
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}/told?by=readout"
        threading.Thread(target=self.server.serve_forever, args=[0.01], daemon=True).start()

    @property
    def ids(self):
        return [headers["webhook-id"] for _path, headers, _body in self.got]

    @property
    def payloads(self):
        return [json.loads(body) for _path, _headers, body in self.got]

    def told(self):
        """What came since the last question: event, change and uid of each record."""
        found = [(one["event"], one["change"], one["uid"]) for payload in self.payloads for one in payload["results"]]
        self.got.clear()
        return found
