// Copyright 2026 the pystd authors. MIT license.

import { SaxesParser } from "saxes";

/** Deepest element of a response. */
const MAX_DEPTH = 16;
/** Most elements of a response: a list has some ten for each of its 1,000 keys. */
const MAX_ELEMENTS = 50_000;

/** An element of a response of a store. */
export interface XmlRecord {
  /** Its name. */
  readonly name: string;
  /** The text of its children that have no children, by their name. */
  readonly texts: ReadonlyMap<string, string>;
  /** All of its children, in order. */
  readonly children: readonly XmlRecord[];
}

/** An element that is being read. */
interface Open {
  readonly name: string;
  readonly texts: Map<string, string>;
  readonly children: XmlRecord[];
  text: string;
}

/**
 * Parses the response of a store. There is no DOCTYPE, so there are no entities.
 *
 * @param text The response.
 * @returns The root element; `undefined` if the text is no such XML.
 */
export function parseXml(text: string): XmlRecord | undefined {
  const parser = new SaxesParser();
  const open: Open[] = [];
  let root: XmlRecord | undefined;
  let count = 0;
  const refuse = (): never => {
    throw new SyntaxError("Cannot read this XML");
  };
  parser.on("error", refuse);
  parser.on("doctype", refuse);
  parser.on("opentag", ({ name }) => {
    if (open.length === MAX_DEPTH || ++count > MAX_ELEMENTS) refuse();
    open.push({ name, texts: new Map(), children: [], text: "" });
  });
  parser.on("text", (piece) => {
    const here = open.at(-1);
    if (here !== undefined) here.text += piece;
  });
  parser.on("closetag", () => {
    const { name, texts, children, text } = open.pop()!;
    const element = { name, texts, children };
    const parent = open.at(-1);
    if (parent === undefined) root = element;
    else {
      parent.children.push(element);
      if (children.length === 0) parent.texts.set(name, text);
    }
  });
  try {
    parser.write(text).close();
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  return root;
}
