// Copyright 2026 the pystd authors. MIT license.

/**
 * The builder of response heads of commit 7c39f61, as a baseline: it checks
 * each name and value with a regular expression. Without the parts about
 * framing.
 *
 * @module
 */

/**
 * Characters that are forbidden in a head: they would end it, or are not
 * latin-1.
 */
const UNSENDABLE = /[\0\r\n\u0100-\uffff]/;

/** Collects a status line and header fields. */
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
   * Ends the head and returns it.
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
