// Copyright 2026 the pystd authors. MIT license.

/**
 * Styles of the pages: mobile first, light or dark.
 *
 * @module
 */

import { compactStyle } from "./compact.ts";

/** The part that all pages share: colours, links, buttons, the bar. */
export const BASE_STYLE = `
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
.bar { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center;
  margin-bottom: .5rem }
.bar .times { display: grid; grid-template-columns: 1fr 1fr }
.times p { grid-column: 1 / -1; margin: 0 }
.times button { justify-content: center }
.bar form, .bar [role=search] { display: flex; gap: .5rem; min-width: 0; max-width: 100% }
.bar [role=search] { flex: 1 1 14rem }
@media (max-width: 39.99rem) { .bar [role=search] { flex-basis: 100% } }
.bar [type=search] { flex: 1 1 6rem; min-width: 0 }
input, textarea, button, summary, .button { font: inherit; color: inherit;
  min-height: 2.5rem; padding: .3rem .7rem; border: 1px solid var(--line);
  border-radius: .5rem; background: var(--back); max-width: 100% }
[type=checkbox] { width: 1.15rem; height: 1.15rem; min-height: 0;
  margin: 0; accent-color: var(--link) }
button, summary, .button { display: inline-flex; align-items: center;
  gap: .4rem; background: var(--over); cursor: pointer; white-space: nowrap }
button:hover, summary:hover, .button:hover { border-color: var(--dim);
  text-decoration: none }
summary::-webkit-details-marker { display: none }
summary::after { content: "\\25be"; color: var(--dim) }
.bar { position: relative }
@media (min-width: 40rem) { details { position: relative } }
details > div { position: absolute; z-index: 2; inset-inline-end: 0;
  margin-top: .3rem; padding: .6rem; display: grid; gap: .6rem;
  width: max-content; max-width: min(24rem, calc(100vw - 2rem));
  background: var(--back); border: 1px solid var(--line);
  border-radius: .5rem; box-shadow: 0 .4rem 1.2rem #0003 }
details form { flex-wrap: wrap }
textarea { flex: 1 1 100% }
#manage form { display: grid; width: 13rem; max-width: 100% }
@media (max-width: 39.99rem) { .bar:has(#manage) {
  gap: .5rem .25rem; font-size: .85rem;
  summary::after { content: none }
  summary, form:not([role]) > button { padding-inline: .4rem } } }
#share > div { width: 15rem; justify-items: center }
#share input { width: 100% }
#share img { border-radius: .3rem }
details button { flex: 1 0 auto; justify-content: center }
::placeholder { color: var(--dim); opacity: 1 }
.empty { margin: 2rem 0; text-align: center; color: var(--dim) }
footer { margin-top: .75rem; font-size: .875rem; color: var(--dim) }
pre { margin: 0; padding: .75rem .9rem; white-space: pre-wrap;
  overflow-wrap: anywhere; font: .875rem/1.5 ui-monospace, monospace }
.readme { margin-top: 1.5rem; border: 1px solid var(--line);
  border-radius: .5rem }
.readme > h2 { margin: 0; padding: .5rem .9rem; font-size: .875rem;
  border-bottom: 1px solid var(--line) }
`;

/** The list of entries as a table. */
export const TABLE_STYLE = `
#list { width: 100%; border-collapse: collapse }
#list tr { border-top: 1px solid var(--line) }
#list thead tr { border: 0 }
#list tbody tr:hover { background: var(--over) }
#list td, #list th { padding: 0; text-align: start; font-weight: inherit;
  vertical-align: middle }
#list th { padding: .5rem 0; font-size: .875rem; color: var(--dim) }
th a { display: inline-block; color: inherit }
th[aria-sort] a { color: var(--text); font-weight: 600 }
th[aria-sort=ascending] a::after { content: " \\2191" }
th[aria-sort=descending] a::after { content: " \\2193" }
td.n { position: relative }
td.n svg { position: absolute; inset-inline-start: 0; top: .6rem;
  pointer-events: none }
td.n bdi { display: block }
td.n a, td.n > span { display: block; padding-block: .55rem;
  padding-inline: 2rem 0; overflow-wrap: anywhere }
#list [type=checkbox] { position: absolute; top: .8rem;
  inset-inline-start: 0 }
td.n [type=checkbox] ~ svg { inset-inline-start: 2rem }
td.n [type=checkbox] ~ bdi a, td.n [type=checkbox] ~ span {
  padding-inline-start: 4rem }
.o { color: var(--dim) }
.s, .m { color: var(--dim); font-size: .875rem; white-space: nowrap;
  font-variant-numeric: tabular-nums }
@media (max-width: 39.99rem) {
  #list thead tr, #list tbody tr { display: flex; flex-wrap: wrap }
  #list thead tr { gap: 0 1.25rem }
  #list .n { flex: 0 0 100% }
  #list th.n { flex: none }
  #list td.s, #list td.m { padding: 0 0 .55rem 2rem; margin-top: -.45rem }
  #list td.s + td:not(:empty) { padding-inline-start: 1rem }
  #list td.s:empty + td { padding-inline-start: 2rem }
  #list tr:has([type=checkbox]) :is(td.s, td.s:empty + td) {
    padding-inline-start: 4rem }
  #list td:empty { display: none } }
@media (min-width: 40rem) {
  #list .s { text-align: end; padding-inline-end: 1.5rem; width: 8rem }
  #list .m { width: 13rem } }
`;

/** The list of uploads, and the dialog for what is pasted. */
export const UPLOAD_STYLE: string = compactStyle(`
.spoken { position: absolute; clip-path: inset(50%) }
#uploads { margin-bottom: .75rem; padding: .5rem .75rem;
  border: 1px solid var(--line); border-radius: .5rem }
#uploads > p { display: flex; flex-wrap: wrap; gap: .5rem; margin: 0;
  align-items: center; justify-content: space-between; font-weight: 600 }
#queue { margin: 0; padding: 0; list-style: none; max-height: 40vh;
  overflow-y: auto }
#queue li { display: flex; flex-wrap: wrap; gap: .2rem .75rem;
  border-top: 1px solid var(--line); margin-top: .35rem;
  align-items: center; padding-top: .35rem }
#queue bdi { flex: 1 1 10rem; overflow-wrap: anywhere; min-width: 0 }
#queue progress { flex: 1 1 5rem; accent-color: var(--link) }
#queue span { color: var(--dim); font-size: .875rem;
  font-variant-numeric: tabular-nums }
#queue .bad { color: var(--bad) }
dialog { border: 1px solid var(--line); border-radius: .5rem;
  color: inherit; background: var(--back) }
dialog form { display: flex; flex-wrap: wrap; gap: .6rem }
dialog label, dialog input { flex: 1 1 100% }
dialog::backdrop { background: #0006 }
body.drop { outline: 3px dashed var(--link); outline-offset: -.4rem }
`);

/** Rendered Markdown: a README, or a file in the viewer. */
export const MARKDOWN_STYLE: string = compactStyle(`
.markdown { padding: .5rem 1rem 1rem; overflow-wrap: anywhere }
.markdown img { max-width: 100%; height: auto }
.markdown a { text-decoration: underline }
.markdown h1, .markdown h2 { display: block; margin: 1.4rem 0 .6rem;
  padding-bottom: .3rem; border-bottom: 1px solid var(--line);
  font-size: 1.5rem; font-weight: 600; line-height: 1.25 }
.markdown h2 { font-size: 1.25rem }
.markdown h3, .markdown h4 { margin: 1.2rem 0 .5rem; font-size: 1.05rem }
.markdown > :first-child { margin-top: .4rem }
.markdown pre, .markdown table { margin: 1rem 0 }
.markdown pre, .markdown code { background: var(--over);
  border-radius: .3rem }
.markdown :not(pre) > code { padding: .1em .3em; font-size: .875em }
.markdown blockquote { margin: 1rem 0; padding-inline-start: 1rem;
  border-inline-start: .25rem solid var(--line); color: var(--dim) }
.markdown table { border-collapse: collapse; display: block;
  overflow-x: auto }
.markdown td, .markdown th { border: 1px solid var(--line);
  padding: .3rem .6rem }
.markdown hr { border: 0; border-top: 1px solid var(--line) }
`);
