// Copyright 2026 the pystd authors. MIT license.

import type { RequestFeature } from "../features.ts";
import type { ShareRequest } from "../request.ts";

/** The target of the listing's form: `FOLDER/?manage`. */
const FORM = /^[^?#]*\/\?manage(?:&|$)/;

/**
 * The forms by which the listing deletes, moves and copies. They work without
 * scripts; what serves them is loaded with the first one.
 */
export class ManageForms implements RequestFeature {
  #features: readonly RequestFeature[];
  #title: string;

  /**
   * Stores its arguments.
   *
   * @param features The features that serve a form's items, in order.
   * @param title Name of the root.
   */
  constructor(features: readonly RequestFeature[], title: string) {
    this.#features = features;
    this.#title = title;
  }

  /**
   * Serves a form.
   *
   * @param request The request.
   * @returns Whether it was one.
   */
  handle(request: ShareRequest): boolean | Promise<boolean> {
    if (request.command !== "POST" || !FORM.test(request.path)) return false;
    return import("./handle_form.ts").then(({ handleForm }) =>
      handleForm(request, this.#features, this.#title)
    );
  }
}
