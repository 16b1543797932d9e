// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { renderMarkdown } from "../../../../handlers/share/viewer/markdown.ts";

function render(text: string, root = "./"): string {
  return renderMarkdown(text, root).trim();
}

Deno.test("renderMarkdown renders CommonMark and tables", () => {
  const cases: [string, string][] = [
    ["# One *two*", '<h1 id="md-one-two">One <em>two</em></h1>'],
    ["a\nb", "<p>a\nb</p>"],
    ["- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"],
    ["`a<b`", "<p><code>a&lt;b</code></p>"],
    [
      "|a|\n|-|\n|1|",
      "<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n" +
      "<td>1</td>\n</tr>\n</tbody>\n</table>",
    ],
  ];
  for (const [text, markup] of cases) assertEquals(render(text), markup);
});

Deno.test("renderMarkdown shows raw HTML as text", () => {
  const attacks = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "a <b onclick='alert(1)'>b</b>",
    "<!-- --><iframe src=javascript:alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    "<style>*{display:none}</style>",
    "<details open ontoggle=alert(1)>",
    "# <script>alert(1)</script>",
    "|<script>|\n|-|\n|<img onerror=x>|",
    "```<script>\n</code></pre><script>alert(1)</script>\n```",
    '[a](<b" onclick="alert(1)> "t\\" onclick=\\"x")',
    '![a" onerror="alert(1)](b.png "t\\" onload=\\"x")',
  ];
  const known = "a|b|blockquote|code|em|h[1-6]|hr|img|li|ol|p|pre|s|strong|" +
    "table|tbody|td|th|thead|tr|ul";
  for (const attack of attacks) {
    const markup = render(attack);
    // Attributes of real elements only: text has no unescaped "<".
    for (const [tag] of markup.matchAll(/<[^>]*>/g)) {
      assert(
        RegExp(
          `^</?(?:${known})(?: (?:id|href|src|alt|title|rel|class|loading)="[^"<>]*")*>$`,
        ).test(tag),
        `${attack}: ${tag}`,
      );
    }
  }
});

Deno.test("renderMarkdown links to the web, addresses and files only", () => {
  const refused = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "&#x6A;avascript:alert(1)",
    "javascript&colon;alert(1)",
    "data:text/html;base64,PHNjcmlwdD4=",
    "data:image/svg+xml,x",
    "vbscript:x",
    "file:///etc/passwd",
    "blob:x",
    "about:blank",
    "ws://x",
    "java&Tab;script:x",
    "java&#10;script:x",
  ];
  for (const url of refused) {
    for (const text of [`[x](${url})`, `![x](${url})`, `<${url}>`]) {
      assert(!/<(?:a|img) /.test(render(text)), render(text));
    }
    assert(!/<a /.test(render(`[x][y]\n\n[y]: ${url}`)), url);
  }
  const outside = ["https://a.example/?b", "http://a", "mailto:a@b", "//a/b"];
  for (const url of outside) {
    assertEquals(
      render(`[x](${url})`),
      `<p><a href="${url}" rel="noopener noreferrer nofollow">x</a></p>`,
    );
  }
});

Deno.test("renderMarkdown keeps links within the share, whatever its prefix", () => {
  const cases: [string, string][] = [
    ["a.txt", "a.txt"],
    ["../a/b.zip?x=1#y", "../a/b.zip?x=1#md-y"],
    ["b.md", "b.md?view"],
    ["docs/b.md#part-two", "docs/b.md?view#md-part-two"],
    ["/c/d.txt", "../../c/d.txt"],
    ["#part", "#md-part"],
    ["a%20b.txt", "a%20b.txt"],
    ["<a b.txt>", "a%20b.txt"],
  ];
  for (const [href, wanted] of cases) {
    assertEquals(
      render(`[x](${href})`, "../../"),
      `<p><a href="${wanted}">x</a></p>`,
    );
  }
});

Deno.test("renderMarkdown loads only pictures of the share", () => {
  assertEquals(
    render("![x](p.png) ![y](/q.png?archive=zip#z)", "../"),
    '<p><img src="p.png" alt="x" loading="lazy"> ' +
      '<img src="../q.png" alt="y" loading="lazy"></p>',
  );
  assertEquals(
    render("![x](https://a.example/p.png)"),
    '<p><a href="https://a.example/p.png" ' +
      'rel="noopener noreferrer nofollow">x</a></p>',
  );
});

Deno.test("renderMarkdown shows overrides of the text direction", () => {
  assertEquals(
    render("`a\u202eb`\u2066"),
    "<p><code>a\ufffdb</code>\ufffd</p>",
  );
});

Deno.test("renderMarkdown gives headings identifiers of their own", () => {
  assertEquals(
    render("# Count\n## Count\n### \u00dcber uns!"),
    '<h1 id="md-count">Count</h1>\n<h2 id="md-count-1">Count</h2>\n' +
      '<h3 id="md-\u00fcber-uns">\u00dcber uns!</h3>',
  );
});
