// Copyright 2026 the pystd authors. MIT license.

/**
 * Styles of the pages: mobile first, light or dark.
 *
 * @module
 */

/** The style of the listing. */
export const LISTING_STYLE = `
:root { color-scheme: light dark;
  --back: #fff; --text: #1b1f24; --dim: #57606a; --line: #e3e7ec;
  --over: #f1f5fa; --link: #0a58b8; --mark: #b7791f; --bad: #b42318 }
@media (prefers-color-scheme: dark) { :root {
  --back: #14171b; --text: #e5e9ee; --dim: #9aa5b1; --line: #2b3138;
  --over: #1e242b; --link: #7ab7ff; --mark: #e0a83e; --bad: #ff8a80 } }
* { box-sizing: border-box }
[hidden] { display: none !important }
body { margin: 0 auto; max-width: 62rem; padding: .75rem 1rem 3rem;
  font: 1rem/1.45 system-ui, sans-serif; color: var(--text);
  background: var(--back) }
a { color: var(--link); text-decoration: none }
a:hover { text-decoration: underline }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
svg { width: 1.4em; height: 1.4em; flex: none; fill: none;
  stroke: currentColor; stroke-width: 1.6; stroke-linejoin: round;
  color: var(--dim) }
svg.d { color: var(--mark) }
.symbols { position: absolute }
nav ol { display: flex; flex-wrap: wrap; margin: .25rem 0 .75rem; padding: 0;
  list-style: none; font-size: 1.2rem; font-weight: 600 }
nav li { max-width: 100%; overflow-wrap: anywhere }
nav li + li::before { content: "/"; margin: 0 .4em; color: var(--dim) }
h1 { display: inline; font: inherit }
.bar { display: flex; flex-wrap: wrap; gap: .5rem .75rem;
  align-items: center; margin-bottom: .5rem }
.bar form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center;
  min-width: 0; max-width: 100% }
.bar [type=file] { flex: 1 1 14rem; min-width: 0 }
.bar [type=search] { flex: 1 1 12rem }
input, button { font: inherit; color: inherit; min-height: 2.5rem;
  padding: .3rem .7rem; border: 1px solid var(--line); border-radius: .5rem;
  background: var(--back); max-width: 100% }
button { display: inline-flex; align-items: center; gap: .4rem;
  background: var(--over); cursor: pointer }
::placeholder { color: var(--dim); opacity: 1 }
table { width: 100%; border-collapse: collapse }
tr { border-top: 1px solid var(--line) }
thead tr { border: 0 }
tbody tr:hover { background: var(--over) }
td, th { padding: 0; text-align: start; font-weight: inherit;
  vertical-align: middle }
th { font-size: .875rem; color: var(--dim) }
th a { display: inline-block; padding: .5rem 0; color: inherit }
th[aria-sort] a { color: var(--text); font-weight: 600 }
th[aria-sort=ascending] a::after { content: " \\2191" }
th[aria-sort=descending] a::after { content: " \\2193" }
td.n { position: relative }
td.n svg { position: absolute; inset-inline-start: 0; top: .6rem;
  pointer-events: none }
td.n bdi { display: block }
td.n a, td.n > span { display: block; padding-block: .55rem;
  padding-inline: 2rem 0; overflow-wrap: anywhere }
.o { color: var(--dim) }
.s, .m { color: var(--dim); font-size: .875rem; white-space: nowrap;
  font-variant-numeric: tabular-nums }
@media (max-width: 39.99rem) {
  thead tr, tbody tr { display: flex; flex-wrap: wrap }
  thead tr { gap: 0 1.25rem }
  .n { flex: 0 0 100% }
  th.n { flex: none }
  td.s, td.m { padding: 0 0 .55rem 2rem; margin-top: -.45rem }
  td.m + td, td.s:empty + td { padding-inline-start: 2rem }
  td.s + td { padding-inline-start: 1rem }
  td:empty { display: none } }
@media (min-width: 40rem) {
  .s { text-align: end; padding-inline-end: 1.5rem; width: 8rem }
  .m { width: 13rem } }
.empty { margin: 2rem 0; text-align: center; color: var(--dim) }
footer { margin-top: .75rem; font-size: .875rem; color: var(--dim) }
.readme { margin-top: 1.5rem; border: 1px solid var(--line);
  border-radius: .5rem }
.readme h2 { margin: 0; padding: .5rem .9rem; font-size: .875rem;
  border-bottom: 1px solid var(--line) }
pre { margin: 0; padding: .75rem .9rem; white-space: pre-wrap;
  overflow-wrap: anywhere; font: .875rem/1.5 ui-monospace, monospace }
#queue { margin: 0 0 .75rem; padding: 0; list-style: none }
#queue li { display: flex; flex-wrap: wrap; gap: .2rem .5rem;
  border-top: 1px solid var(--line);
  align-items: center; padding: .35rem 0 }
#queue bdi { flex: 1 1 10rem; overflow-wrap: anywhere; min-width: 0 }
#queue progress { flex: 1 1 4rem; accent-color: var(--link) }
#queue .bad { color: var(--bad); flex: 1 1 100% }
body.drop { outline: 3px dashed var(--link); outline-offset: -.4rem }
`;

/** The style of the error page. */
export const ERROR_STYLE = `
:root { color-scheme: light dark }
body { margin: 0 auto; max-width: 34rem; padding: 15vh 1.25rem 3rem;
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
h1 { margin: 0; font-size: 1.4rem }
`;
