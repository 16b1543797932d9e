// Copyright 2026 the pystd authors. MIT license.

/**
 * Long pages that several clients are sent while they are made.
 *
 *     make -> pack -> pieces -> unpack -> client
 *                          \-> unpack -> client
 *
 * Pages are made one after the other. Requests for the same page share it if
 * they arrive before it is begun; later ones wait for the next, so that nobody
 * is sent what was there before they asked.
 *
 * A page stays in memory until its last client has it. So it is packed: as it
 * is coded for its clients, or deflated, which takes a tenth of the memory.
 *
 * @module
 */

import { deflateRawSync, inflateRawSync } from "node:zlib";
import { withListingLock } from "../../../files/list_directory.ts";
import { queueShortWork } from "../../../files/time_slices.ts";
import type { BodyStream } from "../../../io/body_stream.ts";
import { Compressor, type LiveCoding } from "../coding/codings.ts";

const encoder = new TextEncoder();

/** Adds text to a page. */
export type AddText = (text: string) => Promise<void>;

/** How a page is made. */
export interface PageMaker {
  /** How it is coded; absent if it is sent as it is. */
  coding: LiveCoding | undefined;
  /**
   * Prepares the page.
   *
   * @returns What then makes it.
   * @throws {Error} If there can be none.
   */
  begin(): Promise<(add: AddText) => Promise<void>>;
}

/** How many pages are being made, or sent. */
let pages = 0;

/** A page that is being made, or sent. */
class SharedPage {
  /** Resolves when it is known whether there is a page. */
  readonly begun: Promise<boolean>;
  /** How many clients it is sent to. */
  #clients = 0;
  #maker: PageMaker;
  #pieces: Uint8Array<ArrayBuffer>[] = [];
  #state: "unfinished" | "whole" | { error: unknown } = "unfinished";
  #more = Promise.withResolvers<void>();

  constructor(maker: PageMaker, onBegin: () => void) {
    this.#maker = maker;
    const begun = Promise.withResolvers<boolean>();
    this.begun = begun.promise;
    withListingLock(async () => {
      onBegin();
      try {
        const make = await this.#maker.begin();
        begun.resolve(true);
        await this.#make(make);
        this.#state = "whole";
      } catch (error) {
        this.#state = { error };
        begun.resolve(false);
      }
      this.#more.resolve();
    });
  }

  /** Counts a client. */
  join(): void {
    if (this.#clients++ === 0) pages++;
  }

  /** Takes a client off. */
  leave(): void {
    if (--this.#clients === 0) pages--;
  }

  /**
   * Sends the page, as far as it is made as soon as it is made.
   *
   * @param body Where to; it is ended.
   * @throws {Error} If the client is gone, or the page could not be made.
   */
  async sendTo(body: BodyStream): Promise<void> {
    for (let i = 0;; i++) {
      while (i === this.#pieces.length) {
        if (typeof this.#state === "object") throw this.#state.error;
        if (this.#state === "whole") return await body.end();
        await this.#more.promise;
      }
      // To begin to write takes longer than to unpack.
      const [written] = await queueShortWork(
        () => [body.write(this.#unpack(i))],
      );
      await written;
    }
  }

  async #make(make: (add: AddText) => Promise<void>): Promise<void> {
    const { coding } = this.#maker;
    if (coding === undefined) {
      return await make(async (text) => this.#add(await deflate(text)));
    }
    const compressor = new Compressor(coding);
    try {
      await make(async (text) =>
        this.#add(...await compressor.add(encoder.encode(text)))
      );
      this.#add(...await compressor.end());
    } finally {
      compressor.close();
    }
  }

  #unpack(i: number): Uint8Array {
    const piece = this.#pieces[i]!;
    return this.#maker.coding === undefined ? inflateRawSync(piece) : piece;
  }

  #add(...pieces: Uint8Array<ArrayBuffer>[]): void {
    if (this.#clients === 0) {
      throw new Error("Cannot go on with the page: all clients are gone");
    }
    this.#pieces.push(...pieces);
    this.#more.resolve();
    this.#more = Promise.withResolvers();
  }
}

/** Pages that are made for those who ask in time. */
export class SharedPages {
  /** Those that have not been begun. */
  #waiting = new Map<string, SharedPage>();

  /** How many pages are being made, or sent, in this process. */
  static get count(): number {
    return pages;
  }

  /**
   * Sends a page.
   *
   * @param key What it is about, and all that makes it differ.
   * @param most How many pages there may be at once.
   * @param maker How it is made, unless somebody waits for the same one.
   * @param open Begins the response, when it is known that there is a page.
   * @returns What came of it: nothing has been sent but if it is `"sent"`.
   * @throws {Error} If the client is gone, or the page could not be made.
   */
  async send(
    key: string,
    most: number,
    maker: PageMaker,
    open: () => BodyStream,
  ): Promise<"sent" | "busy" | "none"> {
    let page = this.#waiting.get(key);
    if (page === undefined) {
      if (pages >= most) return "busy";
      page = new SharedPage(maker, () => this.#waiting.delete(key));
      this.#waiting.set(key, page);
    }
    page.join();
    try {
      if (!await page.begun) return "none";
      await page.sendTo(open());
      return "sent";
    } finally {
      page.leave();
    }
  }
}

function deflate(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = encoder.encode(text);
  return queueShortWork(() =>
    new Uint8Array(deflateRawSync(bytes, { level: 1 }))
  );
}
