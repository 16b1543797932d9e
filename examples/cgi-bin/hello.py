#!/usr/bin/env python3
"""Greets the name in the query or the form:

    curl 'http://localhost:8000/cgi-bin/hello.py?name=Ada'
    curl -d name=Ada http://localhost:8000/cgi-bin/hello.py
"""

import os
import sys
from html import escape
from urllib.parse import parse_qs

if os.environ["REQUEST_METHOD"] == "POST":
    length = int(os.environ.get("CONTENT_LENGTH", 0))
    form = sys.stdin.buffer.read(length).decode()
else:
    form = os.environ["QUERY_STRING"]

name = parse_qs(form).get("name", ["stranger"])[0]

page = f"<!DOCTYPE html>\n<p>Hello, {escape(name)}!\n"
sys.stdout.buffer.write(
    b"Content-Type: text/html; charset=utf-8\r\n\r\n" + page.encode()
)
