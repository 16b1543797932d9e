// Copyright 2026 the pystd authors. MIT license.

import { SaxesParser } from "saxes";
import { queueShortWork } from "../../files/time_slices.ts";

/** Deepest element of a response. */
const MAX_DEPTH = 16;
/** Most elements of a response: a list has some ten for each of its 1,000 keys. */
const MAX_ELEMENTS = 50_000;

/** Characters that are parsed at a time: half a millisecond's work. */
const PIECE = 16 * 1024;

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
  /** The members of an element with children; most have none. */
  texts?: Map<string, string>;
  children?: XmlRecord[];
  text: string;
}

const NO_TEXTS: ReadonlyMap<string, string> = new Map();
const NO_CHILDREN: readonly XmlRecord[] = [];

/**
 * Parses the response of a store, a piece at a time, so that other requests are
 * served in between. There is no DOCTYPE, so there are no entities.
 *
 * @param text The response.
 * @returns The root element; `undefined` if the text is no such XML.
 */
export async function parseXml(text: string): Promise<XmlRecord | undefined> {
  const { parser, root } = createParser();
  try {
    for (let at = 0; at < text.length; at += PIECE) {
      const piece = text.slice(at, at + PIECE);
      await queueShortWork(() => parser.write(piece));
    }
    parser.close();
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  return root();
}

/** Creates a parser, and what returns the root element when it is closed. */
function createParser(): {
  parser: SaxesParser;
  root: () => XmlRecord | undefined;
} {
  const parser = new SaxesParser({ position: false });
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
    open.push({ name, text: "" });
  });
  parser.on("text", (piece) => {
    const here = open.at(-1);
    if (here !== undefined) here.text += piece;
  });
  parser.on("closetag", () => {
    const { name, texts = NO_TEXTS, children, text } = open.pop()!;
    const element = { name, texts, children: children ?? NO_CHILDREN };
    const parent = open.at(-1);
    if (parent === undefined) root = element;
    else {
      (parent.children ??= []).push(element);
      if (children === undefined) (parent.texts ??= new Map()).set(name, text);
    }
  });
  return { parser, root: () => root };
}
