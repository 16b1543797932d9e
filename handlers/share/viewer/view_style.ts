// Copyright 2026 the pystd authors. MIT license.

import { compactStyle } from "../listing/compact.ts";
import { BASE_STYLE } from "../listing/page_style.ts";

/**
 * The style of the viewer. `overscroll-behavior` keeps the browser from taking a
 * swipe to the previous file for its own way back.
 */
export const VIEW_STYLE: string = compactStyle(`${BASE_STYLE}
html { overscroll-behavior-x: none }
body { max-width: 80rem; padding-bottom: 1rem }
.bar .rest { flex: 1; text-align: center; color: var(--dim);
  font-size: .875rem }
@media (max-width: 39.99rem) {
  .step b { position: absolute; clip-path: inset(50%) }
  .bar .rest { order: 1; flex-basis: 100% } }
.step b { font-weight: inherit }
.stage { display: flex; justify-content: center; align-items: center;
  min-height: 60vh; border-radius: .5rem; background: var(--over) }
.stage img, .stage video { display: block; max-width: 100%;
  max-height: calc(100vh - 9rem); max-height: calc(100dvh - 9rem) }
.stage video { width: 100% }
object { width: 100%; height: calc(100vh - 9rem);
  height: calc(100dvh - 9rem); border: 1px solid var(--line);
  border-radius: .5rem }
audio { width: 100% }
.tracks { padding-inline-start: 2.5rem }
.tracks a { display: block; padding: .4rem .5rem; border-radius: .3rem;
  overflow-wrap: anywhere }
.tracks a[aria-current] { background: var(--over); font-weight: 600 }
.code { padding: .5rem 0; border: 1px solid var(--line);
  border-radius: .5rem; counter-reset: line; tab-size: 4 }
.code span { display: block; position: relative; min-height: 1.5em;
  padding-inline: 3.75rem 1rem; counter-increment: line }
.code span::before { content: counter(line); position: absolute;
  inset-inline-start: 0; width: 2.9rem; text-align: end;
  color: var(--dim); user-select: none }
.code span:target { background: var(--over) }
.markdown { border: 1px solid var(--line); border-radius: .5rem }
`);
