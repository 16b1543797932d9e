// Copyright 2026 the pystd authors. MIT license.

/**
 * Long pages that are made once, and sent to several clients meanwhile.
 *
 *     make -> pack -> pieces -> unpack -> client
 *                          \-> unpack -> client
 *
 * Pages are made one after the other. Requests for the same page share it if
 * they arrive before it is begun. Later requests wait for the next page, so that
 * a response never shows a state older than its request.
 *
 * A page stays in memory until its last client has received it. So it is stored
 * compressed: in the clients' coding, or deflated, in a tenth of the memory.
 *
 * @module
 */

import { deflateRawSync, inflateRawSync } from "node:zlib";
import { ISOLATES_REQUESTS } from "../../../files/isolated_requests.ts";
import { withListingLock } from "../../../files/listing_lock.ts";
import { queueShortWork } from "../../../files/time_slices.ts";
import type { BodyStream } from "../../../io/body_stream.ts";
import { Compressor, type LiveCoding } from "../coding/codings.ts";

const encoder = new TextEncoder();

/** Adds text to a page. */
export type AddText = (text: string) => Promise<void>;

/** Makes a page. */
export interface PageMaker {
  /** Coding of the page; absent if it is sent uncompressed. */
  coding: LiveCoding | undefined;
  /**
   * Prepares the page.
   *
   * @returns A function that makes the page.
   * @throws {Error} If the page cannot be made.
   */
  begin(): Promise<(add: AddText) => Promise<void>>;
}

/** Number of pages that are being made or sent. */
let pages = 0;

/** A page that is being made or sent. */
class SharedPage {
  /** Resolves when the page can be made. */
  readonly begun: Promise<void>;
  /** Number of clients that receive it. */
  #clients = 0;
  #maker: PageMaker;
  #pieces: Uint8Array<ArrayBuffer>[] = [];
  #state: "unfinished" | "whole" | { error: unknown } = "unfinished";
  #more = Promise.withResolvers<void>();

  constructor(maker: PageMaker, onBegin: () => void) {
    this.#maker = maker;
    const begun = Promise.withResolvers<void>();
    this.begun = begun.promise;
    withListingLock(async () => {
      onBegin();
      try {
        const make = await this.#maker.begin();
        begun.resolve();
        await this.#make(make);
        this.#state = "whole";
      } catch (error) {
        this.#state = { error };
        begun.reject(error);
      }
      this.#more.resolve();
    });
  }

  /** Adds a client. */
  join(): void {
    if (this.#clients++ === 0) pages++;
  }

  /** Removes a client. */
  leave(): void {
    if (--this.#clients === 0) pages--;
  }

  /**
   * Sends the page, each piece as soon as it is made.
   *
   * @param body The stream of the response; it is ended.
   * @throws {Error} If the client disconnects, or the page cannot be made.
   */
  async sendTo(body: BodyStream): Promise<void> {
    for (let i = 0;; i++) {
      while (i === this.#pieces.length) {
        if (typeof this.#state === "object") throw this.#state.error;
        if (this.#state === "whole") return await body.end();
        await this.#more.promise;
      }
      // Starting the write takes longer than unpacking.
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
      throw new Error("Cannot finish the page: all clients have disconnected");
    }
    this.#pieces.push(...pieces);
    this.#more.resolve();
    this.#more = Promise.withResolvers();
  }
}

/** Pages that simultaneous requests share. */
export class SharedPages {
  /** Pages that have not been begun. */
  #waiting = new Map<string, SharedPage>();

  /** Number of pages that are being made or sent in this process. */
  static get count(): number {
    return pages;
  }

  /**
   * Sends a page.
   *
   * @param key Identifies the page and its form.
   * @param most Most pages at once.
   * @param maker Makes the page, unless other clients wait for the same one.
   * @param open Begins the response, once the page can be made.
   * @returns `"sent"`, `"busy"`, or why the page cannot be made; a response has
   * been sent only if it is `"sent"`.
   * @throws {Error} If the client disconnects, or the page cannot be finished.
   */
  async send(
    key: string,
    most: number,
    maker: PageMaker,
    open: () => BodyStream,
  ): Promise<"sent" | "busy" | { failure: unknown }> {
    let page = ISOLATES_REQUESTS ? undefined : this.#waiting.get(key);
    if (page === undefined) {
      if (pages >= most && !ISOLATES_REQUESTS) return "busy";
      page = new SharedPage(maker, () => this.#waiting.delete(key));
      this.#waiting.set(key, page);
    }
    page.join();
    try {
      try {
        await page.begun;
      } catch (failure) {
        return { failure };
      }
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
