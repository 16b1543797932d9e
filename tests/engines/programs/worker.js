// Copyright 2026 the pystd authors. MIT license.

import { R2Source } from "@pystd/http-server/sources/r2";
import { createSite } from "./site.ts";

let site;

export default {
  fetch(request, { FILES: bucket }) {
    site ??= createSite({}, bucket && new R2Source(bucket));
    return site(request);
  },
};
