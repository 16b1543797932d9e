#!/bin/sh
# Greets the name in the query or the form:
#
#     curl 'http://localhost:8000/cgi-bin/hello.sh?name=Ada'
#     curl -d name=Ada http://localhost:8000/cgi-bin/hello.sh

if [ "$REQUEST_METHOD" = POST ]; then
  form=$(head -c "${CONTENT_LENGTH:-0}")
else
  form=$QUERY_STRING
fi

# Reads the value of a form field: + is a space, %41 an A.
field() {
  printf '%s\n' "$form" | tr '&' '\n' | sed -n "s/^$1=//p" | head -n 1 |
    awk '
      BEGIN { for (i = 0; i < 256; i++) octet[sprintf("%02X", i)] = sprintf("%c", i) }
      {
        gsub(/\+/, " ")
        while (match($0, /%[0-9A-Fa-f][0-9A-Fa-f]/)) {
          printf "%s%s", substr($0, 1, RSTART - 1), octet[toupper(substr($0, RSTART + 1, 2))]
          $0 = substr($0, RSTART + 3)
        }
        print
      }'
}

escape() {
  sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g; s/"/\&quot;/g'
}

name=$(field name | escape)

printf 'Content-Type: text/html; charset=utf-8\n\n'
printf '<!DOCTYPE html>\n<p>Hello, %s!\n' "${name:-stranger}"
