// Copyright 2026 the pystd authors. MIT license.

/**
 * XML of requests, as a tree of bounded size.
 *
 * `saxes` checks well-formedness and namespaces. A DOCTYPE is refused, so that
 * there are no entities beyond the five of XML, and nothing external is read.
 *
 * @module
 */

import { SaxesParser, type SaxesTagNS } from "saxes";
import type { RequestBody } from "../../../io/request_body.ts";
import { escapeXml } from "../../../protocol/dav/multistatus.ts";
import { RequestError } from "../../../protocol/request_error.ts";

/** Bytes read at once. */
const PIECE_BYTES = 64 * 1024;

/** Most namespaces in scope: each stored property declares all of them. */
const MAX_NAMESPACES = 64;

/** Limits of the XML of a request. */
export interface XmlLimits {
  /** Largest body, in bytes. */
  readonly maxBytes: number;
  /** Most elements in each other. */
  readonly maxDepth: number;
  /** Most elements and attributes. */
  readonly maxNodes: number;
}

/** An element. */
export interface XmlElement {
  /** The URI of its namespace; "" for none. */
  readonly uri: string;
  /** Its name without the prefix. */
  readonly local: string;
  /** Its child elements. */
  readonly elements: XmlElement[];
  /** Its text, without that of its child elements. */
  text: string;
  /** Its start tag and its content as XML. */
  open: string;
  /** The end tag. */
  readonly close: string;
  /** The namespaces in scope: URIs by prefix. */
  readonly scope: Readonly<Record<string, string>>;
  /** The prefixes that its start tag declares. */
  readonly declared: readonly string[];
}

/**
 * Reads the XML in the body of a request.
 *
 * @param body The body.
 * @param limits See {@linkcode XmlLimits}.
 * @returns The root element; `undefined` if the body is empty.
 * @throws {RequestError} 400 if it is not well-formed or has a DOCTYPE, 413 if it is
 * too large.
 * @throws {Error} If the client disconnects.
 */
export async function readXml(
  body: RequestBody,
  limits: XmlLimits,
): Promise<XmlElement | undefined> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const piece = await body.readSome(PIECE_BYTES);
    if (piece === null) break;
    size += piece.length;
    if (size > limits.maxBytes) {
      throw new RequestError(413, "Content Too Large");
    }
    pieces.push(piece.slice());
  }
  if (size === 0) return undefined;
  return parseXml(decode(pieces, size), limits);
}

/**
 * Parses XML.
 *
 * @param text The text.
 * @param limits See {@linkcode XmlLimits}.
 * @returns The root element.
 * @throws {RequestError} 400 if it is not well-formed, has a DOCTYPE, or exceeds a
 * limit.
 */
export function parseXml(text: string, limits: XmlLimits): XmlElement {
  const builder = new TreeBuilder(limits);
  const parser = new SaxesParser({ xmlns: true, position: false });
  parser.on("error", () => refuse("The XML is not well-formed"));
  parser.on("doctype", () => refuse("A DOCTYPE is not allowed"));
  parser.on("xmldecl", ({ encoding = "utf-8" }) => {
    if (!/^(?:utf-(?:8|16)|us-ascii)$/i.test(encoding)) {
      refuse("The XML is not in UTF-8 or UTF-16");
    }
  });
  parser.on("opentag", (tag) => builder.open(tag));
  parser.on("closetag", () => builder.close());
  parser.on("text", (text) => builder.text(text));
  parser.on("cdata", (text) => builder.text(text));
  parser.write(text).close();
  return builder.root!;
}

/**
 * Finds a child element in the namespace `DAV:`.
 *
 * @param element The element.
 * @param local The name of the child.
 * @returns The first child of that name; `undefined` if there is none.
 */
export function child(
  element: XmlElement,
  local: string,
): XmlElement | undefined {
  return element.elements.find((child) => isDav(child, local));
}

/**
 * Tells whether an element is one of the namespace `DAV:`.
 *
 * @param element The element.
 * @param local Its name.
 * @returns Whether it is.
 */
export function isDav(element: XmlElement, local: string): boolean {
  return element.uri === "DAV:" && element.local === local;
}

/**
 * Returns an element as XML that does not depend on the elements around it.
 *
 * @param element The element.
 * @returns The XML.
 */
export function standalone(element: XmlElement): string {
  const { open, close, scope, declared } = element;
  const end = /[\s/>]/.exec(open)!.index;
  let declarations = "";
  for (const [prefix, uri] of Object.entries(scope)) {
    if (declared.includes(prefix) || /^xml(?:ns)?$/.test(prefix)) continue;
    declarations += declaration(prefix, uri);
  }
  return open.slice(0, end) + declarations + open.slice(end) + close;
}

class TreeBuilder {
  root: XmlElement | undefined;
  #stack: XmlElement[] = [];
  #nodes = 0;
  #limits: XmlLimits;

  constructor(limits: XmlLimits) {
    this.#limits = limits;
  }

  open(tag: SaxesTagNS): void {
    const { maxDepth, maxNodes } = this.#limits;
    this.#nodes += 1 + Object.keys(tag.attributes).length;
    if (this.#nodes > maxNodes || this.#stack.length >= maxDepth) {
      refuse("The XML has too many elements");
    }
    const parent = this.#stack.at(-1);
    const scope = { ...parent?.scope, ...tag.ns };
    const declared = Object.keys(tag.ns);
    if (Object.keys(scope).length > MAX_NAMESPACES) {
      refuse("The XML has too many namespaces");
    }
    let open = `<${tag.name}`;
    for (const { name, value } of Object.values(tag.attributes)) {
      open += ` ${name}="${escapeXml(value)}"`;
    }
    const element: XmlElement = {
      uri: tag.uri,
      local: tag.local,
      elements: [],
      text: "",
      open: `${open}>`,
      close: `</${tag.name}>`,
      scope,
      declared,
    };
    this.root ??= element;
    parent?.elements.push(element);
    this.#stack.push(element);
  }

  text(text: string): void {
    const element = this.#stack.at(-1);
    if (element === undefined) return;
    element.text += text;
    element.open += escapeText(text);
  }

  close(): void {
    const { open, close } = this.#stack.pop()!;
    const parent = this.#stack.at(-1);
    if (parent !== undefined) parent.open += open + close;
  }
}

function declaration(prefix: string, uri: string): string {
  const name = prefix === "" ? "xmlns" : `xmlns:${prefix}`;
  return ` ${name}="${escapeXml(uri)}"`;
}

/** Line ends of text stay as they are. */
function escapeText(text: string): string {
  return escapeXml(text).replaceAll("&#10;", "\n").replaceAll("&#9;", "\t");
}

function decode(pieces: readonly Uint8Array[], size: number): string {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  const [first, second] = bytes;
  const encoding = first === 0xfe && second === 0xff
    ? "utf-16be"
    : first === 0xff && second === 0xfe
    ? "utf-16le"
    : "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return refuse(`The XML is not valid ${encoding.toUpperCase()}`);
  }
}

function refuse(message: string): never {
  throw new RequestError(400, message);
}
