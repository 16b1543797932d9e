// Copyright 2026 the pystd authors. MIT license.

import { createSite } from "./site.ts";

const site = createSite();
export default { fetch: (request) => site(request) };
