// Copyright 2026 the pystd authors. MIT license.

/**
 * What a signed link opens, by real paths.
 *
 * @module
 */

import { findAnySpelling } from "../../../files/file_store.ts";
import { quote } from "../../../protocol/percent_encoding.ts";
import { type Access, namesBelow, type Right } from "../access.ts";
import type { ShareRequest } from "../request.ts";
import type { LinkTarget } from "./link_token.ts";

/**
 * Returns the rights of a link.
 *
 * @param request The request.
 * @param target What the link opens.
 * @param maker The rights of the user who made it; `undefined` if not restricted.
 * @returns The rights: to read what the link opens, as far as its maker may.
 */
export async function accessOfLink(
  request: ShareRequest,
  target: LinkTarget,
  maker: Access | undefined,
): Promise<Access> {
  return new LinkAccess(target, await realNames(request, target), maker);
}

/** The names of the real path that a link opens; `undefined` if it is missing. */
async function realNames(
  request: ShareRequest,
  { names }: LinkTarget,
): Promise<readonly string[] | undefined> {
  const { files } = request;
  const path = request.translatePath(quote(`/${names.join("/")}`));
  const found = await findAnySpelling(files, path);
  return found && namesBelow(found.path.slice(found.root.length));
}

/** The rights of a link: to read what it opens, as far as its maker may. */
class LinkAccess implements Access {
  readonly key: string;
  #isFolder: boolean;
  #top: readonly string[] | undefined;
  #maker: Access | undefined;

  constructor(
    { names, isFolder, maker }: LinkTarget,
    top: readonly string[] | undefined,
    access: Access | undefined,
  ) {
    this.key = `link ${JSON.stringify([isFolder, names, maker])}`;
    this.#isFolder = isFolder;
    this.#top = top;
    this.#maker = access;
  }

  may(right: Right, below: string): boolean {
    return right === "read" && this.#opens(below) &&
      (this.#maker?.may("read", below) ?? true);
  }

  mayAll(right: Right, below: string): boolean {
    return this.may(right, below) &&
      (this.#maker?.mayAll("read", below) ?? true);
  }

  readonly mayRead = (below: string): boolean => this.may("read", below);
  readonly mayWrite = (): boolean => false;

  #opens(below: string): boolean {
    const top = this.#top;
    const names = namesBelow(below);
    return top !== undefined && top.every((name, i) => name === names[i]) &&
      (this.#isFolder || names.length === top.length);
  }
}
