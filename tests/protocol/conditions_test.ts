// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import {
  checkIfMatch,
  checkIfModifiedSince,
  checkIfNoneMatch,
  checkIfUnmodifiedSince,
  type Condition,
  evaluatePreconditions,
  ifRangeHolds,
  type PreconditionOutcome,
  type Validators,
} from "../../protocol/conditions.ts";

const MODIFIED = Date.UTC(2024, 1, 29, 12, 34, 56, 789);
const SAME = "Thu, 29 Feb 2024 12:34:56 GMT";
const SAME_RFC850 = "Thursday, 29-Feb-24 12:34:56 GMT";
const SAME_ASCTIME = "Thu Feb 29 12:34:56 2024";
const EARLIER = "Thu, 29 Feb 2024 12:34:55 GMT";
const LATER = "Thu, 29 Feb 2024 12:34:57 GMT";

const STRONG: Validators = { etag: '"b"', lastModified: MODIFIED };
const WEAK: Validators = { etag: 'W/"b"', lastModified: MODIFIED };
const DATED: Validators = { lastModified: MODIFIED, date: SAME };
const UNTAGGED: Validators = { lastModified: MODIFIED };
const NOTHING: Validators = {};

type Row<Result> = [
  section: string,
  fields: Record<string, string>,
  validators: Validators | undefined,
  result: Result,
];

Deno.test("checkIfMatch follows RFC 9110 section 13.1.1", () => {
  const name = "If-Match";
  const table: Row<Condition>[] = [
    ["absent", {}, STRONG, "absent"],
    ["absent", { [name]: "" }, STRONG, "absent"],
    ["* and a representation", { [name]: "*" }, STRONG, "holds"],
    ["* and one without a tag", { [name]: "*" }, NOTHING, "holds"],
    ["* and none", { [name]: "*" }, undefined, "fails"],
    ["listed", { [name]: '"b"' }, STRONG, "holds"],
    ["listed", { [name]: '"a", "b"' }, STRONG, "holds"],
    ["not listed", { [name]: '"a", "c"' }, STRONG, "fails"],
    ["listed, and none", { [name]: '"b"' }, undefined, "fails"],
    ["listed, and no tag", { [name]: '"b"' }, UNTAGGED, "fails"],
    ["strong comparison", { [name]: 'W/"b"' }, WEAK, "fails"],
    ["strong comparison", { [name]: '"b"' }, WEAK, "fails"],
    ["malformed", { [name]: "b" }, STRONG, "fails"],
    ["malformed later", { [name]: '"b", b' }, STRONG, "holds"],
  ];
  for (const [label, fields, validators, result] of table) {
    const headers = new Headers(fields);
    assertEquals(checkIfMatch(headers, validators), result, label);
  }
});

Deno.test("checkIfNoneMatch follows RFC 9110 section 13.1.2", () => {
  const name = "If-None-Match";
  const table: Row<Condition>[] = [
    ["absent", {}, STRONG, "absent"],
    ["absent", { [name]: "" }, STRONG, "absent"],
    ["* and a representation", { [name]: "*" }, STRONG, "fails"],
    ["* and none", { [name]: "*" }, undefined, "holds"],
    ["listed", { [name]: '"b"' }, STRONG, "fails"],
    ["listed", { [name]: '"a", "b"' }, STRONG, "fails"],
    ["not listed", { [name]: '"a", "c"' }, STRONG, "holds"],
    ["listed, and none", { [name]: '"b"' }, undefined, "holds"],
    ["listed, and no tag", { [name]: '"b"' }, UNTAGGED, "holds"],
    ["weak comparison", { [name]: 'W/"b"' }, STRONG, "fails"],
    ["weak comparison", { [name]: '"b"' }, WEAK, "fails"],
    ["malformed", { [name]: "b" }, STRONG, "holds"],
  ];
  for (const [label, fields, validators, result] of table) {
    const headers = new Headers(fields);
    assertEquals(checkIfNoneMatch(headers, validators), result, label);
  }
});

Deno.test("checkIfModifiedSince follows RFC 9110 section 13.1.3", () => {
  const name = "If-Modified-Since";
  const table: Row<Condition>[] = [
    ["absent", {}, STRONG, "absent"],
    ["absent", { [name]: "" }, STRONG, "absent"],
    ["the same second", { [name]: SAME }, STRONG, "fails"],
    ["the same second", { [name]: SAME_RFC850 }, STRONG, "fails"],
    ["the same second", { [name]: SAME_ASCTIME }, STRONG, "fails"],
    ["modified before", { [name]: LATER }, STRONG, "fails"],
    ["modified after", { [name]: EARLIER }, STRONG, "holds"],
    ["the date at hand", { [name]: SAME }, DATED, "fails"],
    ["another date", { [name]: EARLIER }, DATED, "holds"],
    ["another form", { [name]: SAME_ASCTIME }, DATED, "fails"],
    ["no date", { [name]: "yesterday" }, STRONG, "absent"],
    ["two dates", { [name]: `${SAME}, ${SAME}` }, STRONG, "absent"],
    ["no time to compare", { [name]: SAME }, NOTHING, "absent"],
    ["no representation", { [name]: SAME }, undefined, "absent"],
    ["the epoch", { [name]: SAME }, { lastModified: 0 }, "fails"],
  ];
  for (const [label, fields, validators, result] of table) {
    const headers = new Headers(fields);
    assertEquals(checkIfModifiedSince(headers, validators), result, label);
  }
});

Deno.test("checkIfUnmodifiedSince follows RFC 9110 section 13.1.4", () => {
  const name = "If-Unmodified-Since";
  const table: Row<Condition>[] = [
    ["absent", {}, STRONG, "absent"],
    ["absent", { [name]: "" }, STRONG, "absent"],
    ["the same second", { [name]: SAME }, STRONG, "holds"],
    ["the same second", { [name]: SAME_ASCTIME }, STRONG, "holds"],
    ["modified before", { [name]: LATER }, STRONG, "holds"],
    ["modified after", { [name]: EARLIER }, STRONG, "fails"],
    ["no date", { [name]: "yesterday" }, STRONG, "absent"],
    ["two dates", { [name]: `${EARLIER}, ${EARLIER}` }, STRONG, "absent"],
    ["no time to compare", { [name]: EARLIER }, NOTHING, "absent"],
    ["no representation", { [name]: EARLIER }, undefined, "absent"],
  ];
  for (const [label, fields, validators, result] of table) {
    const headers = new Headers(fields);
    assertEquals(checkIfUnmodifiedSince(headers, validators), result, label);
  }
});

Deno.test("evaluatePreconditions follows RFC 9110 section 13.2.2", () => {
  const match = { "If-Match": '"b"' };
  const noMatch = { "If-Match": '"a"' };
  const unmodified = { "If-Unmodified-Since": SAME };
  const modified = { "If-Unmodified-Since": EARLIER };
  const noneMatch = { "If-None-Match": '"a"' };
  const someMatch = { "If-None-Match": '"b"' };
  const fresh = { "If-Modified-Since": SAME };
  const stale = { "If-Modified-Since": EARLIER };
  const table: Row<PreconditionOutcome | "GET 304, PUT 412">[] = [
    ["none", {}, STRONG, "proceed"],
    ["1, true", match, STRONG, "proceed"],
    ["1, false", noMatch, STRONG, "failed"],
    [
      "1, true, goes on to 3",
      { ...match, ...someMatch },
      STRONG,
      "GET 304, PUT 412",
    ],
    ["1, true, skips 2", { ...match, ...modified }, STRONG, "proceed"],
    ["1, false, before 3", { ...noMatch, ...someMatch }, STRONG, "failed"],
    ["2, true", unmodified, STRONG, "proceed"],
    ["2, false", modified, STRONG, "failed"],
    [
      "2, true, goes on to 3",
      { ...unmodified, ...someMatch },
      STRONG,
      "GET 304, PUT 412",
    ],
    ["2, false, before 3", { ...modified, ...noneMatch }, STRONG, "failed"],
    ["3, true", noneMatch, STRONG, "proceed"],
    ["3, false", someMatch, STRONG, "GET 304, PUT 412"],
    ["3, true, skips 4", { ...noneMatch, ...fresh }, STRONG, "proceed"],
    [
      "3, false, skips 4",
      { ...someMatch, ...stale },
      STRONG,
      "GET 304, PUT 412",
    ],
    ["4, true", stale, STRONG, "proceed"],
    [
      "* for what exists",
      { "If-None-Match": "*" },
      NOTHING,
      "GET 304, PUT 412",
    ],
    ["* for what does not", { "If-None-Match": "*" }, undefined, "proceed"],
    ["* for what does not", { "If-Match": "*" }, undefined, "failed"],
  ];
  for (const [label, fields, validators, result] of table) {
    const headers = new Headers(fields);
    for (const method of ["GET", "HEAD", "PUT", "get"]) {
      const reads = method === "GET" || method === "HEAD";
      const conditional = reads ? "not-modified" : "failed";
      assertEquals(
        evaluatePreconditions(method, headers, validators),
        result === "GET 304, PUT 412" ? conditional : result,
        `${label}: ${method}`,
      );
    }
  }
});

Deno.test("evaluatePreconditions evaluates step 4 only for GET and HEAD", () => {
  const headers = new Headers({ "If-Modified-Since": SAME });
  const table: [string, PreconditionOutcome][] = [
    ["GET", "not-modified"],
    ["HEAD", "not-modified"],
    ["POST", "proceed"],
    ["DELETE", "proceed"],
  ];
  for (const [method, outcome] of table) {
    assertEquals(evaluatePreconditions(method, headers, STRONG), outcome);
  }
});

Deno.test("evaluatePreconditions accepts any map of fields", () => {
  const fields = new Map([["if-none-match", '"b"']]);
  assertEquals(evaluatePreconditions("GET", fields, STRONG), "not-modified");
});

Deno.test("ifRangeHolds follows RFC 9110 section 13.1.5", () => {
  const name = "If-Range";
  const table: Row<boolean>[] = [
    ["absent", {}, STRONG, true],
    ["absent", { [name]: "" }, STRONG, true],
    ["tag", { [name]: '"b"' }, STRONG, true],
    ["other tag", { [name]: '"a"' }, STRONG, false],
    ["strong comparison", { [name]: 'W/"b"' }, WEAK, false],
    ["strong comparison", { [name]: '"b"' }, WEAK, false],
    ["strong comparison", { [name]: 'W/"b"' }, STRONG, false],
    ["no tag to compare", { [name]: '"b"' }, UNTAGGED, false],
    ["a tag, no list", { [name]: '"b", "a"' }, STRONG, false],
    ["no *", { [name]: "*" }, STRONG, false],
    ["date", { [name]: SAME }, STRONG, true],
    ["date", { [name]: SAME_RFC850 }, STRONG, true],
    ["date", { [name]: SAME_ASCTIME }, UNTAGGED, true],
    ["an exact match", { [name]: LATER }, STRONG, false],
    ["an exact match", { [name]: EARLIER }, STRONG, false],
    ["no time to compare", { [name]: SAME }, NOTHING, false],
    ["no date", { [name]: "yesterday" }, STRONG, false],
    ["no date", { [name]: '"b' }, STRONG, false],
  ];
  for (const [label, fields, validators, result] of table) {
    const headers = new Headers(fields);
    assertEquals(ifRangeHolds(headers, validators!), result, label);
  }
});

Deno.test("ifRangeHolds treats a date as strong once its second is over", () => {
  const headers = new Headers({ "If-Range": SAME });
  const second = Date.UTC(2024, 1, 29, 12, 34, 56);
  const table: [number, boolean][] = [
    [second - 1, false], // the clock was set back
    [MODIFIED, false],
    [second + 999, false],
    [second + 1000, true],
  ];
  for (const [now, result] of table) {
    assertEquals(ifRangeHolds(headers, STRONG, now), result, `${now - second}`);
  }
});
