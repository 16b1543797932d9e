// Copyright 2026 the pystd authors. MIT license.

/**
 * The head of a response as it was gathered in 7c39f61: each name and value
 * is looked at with an expression. Kept to be measured against the present
 * form, without what it says about framing.
 *
 * @module
 */

/** What must not stand in a head: it would end it, or is no latin-1 text. */
const UNSENDABLE = /[\0\r\n\u0100-\uffff]/;

/** Gathers a status line and header fields. */
export class HeadBuilder {
  /** The announced length of the body. */
  contentLength = Infinity;
  /** Whether a `Connection` field was added. */
  saysConnection = false;
  #text = "";

  /**
   * Adds the status line.
   *
   * @param version The version of HTTP.
   * @param status The status code.
   * @param reason The reason phrase.
   */
  addStatusLine(version: string, status: number, reason: string): void {
    checkText("the reason phrase", reason);
    this.#text += `${version} ${status} ${reason}\r\n`;
  }

  /**
   * Adds a field.
   *
   * @param name The field's name.
   * @param value Its value.
   */
  add(name: string, value: string): void {
    checkText("the header name", name);
    checkText(`the header "${name}"`, value);
    switch (name.length) {
      case "Connection".length:
        if (name.toLowerCase() === "connection") this.saysConnection = true;
        break;
      case "Content-Length".length:
        if (name.toLowerCase() !== "content-length") break;
        this.contentLength = Number(value);
    }
    this.#text += `${name}: ${value}\r\n`;
  }

  /**
   * Ends the head and takes it out.
   *
   * @returns The text.
   */
  take(): string {
    const text = `${this.#text}\r\n`;
    this.#text = "";
    return text;
  }
}

function checkText(what: string, text: string): void {
  if (!UNSENDABLE.test(text)) return;
  throw new TypeError(
    `Cannot send ${what}: it has a CR, LF, NUL or a character beyond latin-1`,
  );
}
