// Copyright 2026 the pystd authors. MIT license.

import type { Connection } from "../io/connection.ts";
import { wildcardHosts } from "../io/wildcard.ts";
import {
  type ClientAddress,
  formatAddress,
  type ServerAddress,
} from "./address.ts";
import { BaseServer, type RequestHandlerClass } from "./base_server.ts";
import { PLAIN_TRANSPORT, type Transport } from "./transport.ts";

/** Options of a server's constructor. */
export interface ServerOptions {
  /**
   * Whether the constructor calls `serverBind()` and `serverActivate()`.
   *
   * @default {true}
   */
  bindAndActivate?: boolean;
  /**
   * Whether several listeners may share the port (`SO_REUSEPORT`); the system
   * distributes connections among them. Deno 2.9 requires `--unstable-net`.
   *
   * @default {false}
   */
  reusePort?: boolean;
}

/**
 * A server on a TCP or Unix domain socket.
 *
 * Source: CPython 3.14, `socketserver.TCPServer`.
 *
 * @example Another protocol
 * ```ts
 * import { type Connection, TCPServer } from "@pystd/http-server/server";
 * import { assertEquals } from "@std/assert/equals";
 *
 * class Greeter {
 *   #request: Connection;
 *   constructor(request: Connection) {
 *     this.#request = request;
 *   }
 *   async run(): Promise<void> {
 *     await this.#request.write(new TextEncoder().encode("hello\n"));
 *   }
 * }
 *
 * await using server = new TCPServer(["127.0.0.1", 0], Greeter);
 * const served = server.handleRequest();
 * const { port } = server.socket.addr as Deno.NetAddr;
 * using client = await Deno.connect({ hostname: "127.0.0.1", port });
 * assertEquals(await new Response(client.readable).text(), "hello\n");
 * await served;
 * ```
 */
export class TCPServer extends BaseServer {
  /** The listen backlog: most connections that wait to be accepted. */
  static requestQueueSize = 511;

  /** The options of the constructor. */
  protected readonly options: ServerOptions;
  #transport: Transport;
  #listener: Deno.Listener<Deno.Conn> | undefined;

  /**
   * Creates a server; it listens at once unless `bindAndActivate` is `false`.
   *
   * @param serverAddress Where to listen; port 0 picks a free one.
   * @param RequestHandlerClass The handler class.
   * @param options See {@linkcode ServerOptions}.
   * @throws {TypeError} If the address is invalid, or the class is missing.
   * @throws {Deno.errors.AddrInUse} If the address is in use.
   * @throws {Deno.errors.NotCapable} Without `--allow-net` for the address.
   */
  constructor(
    serverAddress: ServerAddress,
    RequestHandlerClass: RequestHandlerClass,
    options: ServerOptions = {},
  ) {
    super(serverAddress, RequestHandlerClass);
    if (typeof options !== "object") {
      throw new TypeError(
        `Cannot use ${options} as options: ` +
          "Python's bind_and_activate is { bindAndActivate } here",
      );
    }
    this.options = options;
    this.#transport = this.createTransport();
    if (options.bindAndActivate ?? true) {
      this.serverBind();
      this.serverActivate();
    }
  }

  /** The listening socket. */
  get socket(): Deno.Listener<Deno.Conn> {
    if (this.#listener === undefined) {
      throw new TypeError(
        "Cannot use the server's socket: it is not bound, call serverBind()",
      );
    }
    return this.#listener;
  }

  /**
   * Binds the socket to `serverAddress`, and sets `serverAddress` to the actual
   * address. Since `Deno.listen` also listens, `serverActivate()` does nothing.
   */
  serverBind(): void {
    const address = this.listeningAddress;
    try {
      this.#listener = this.listen(address);
    } catch (error) {
      throw withAddress(error as Error, address);
    }
    const { addr } = this.#listener;
    this.serverAddress = addr.transport === "unix"
      ? { transport: "unix", path: addr.path! }
      : [(addr as Deno.NetAddr).hostname, (addr as Deno.NetAddr).port];
  }

  /**
   * Opens the listening socket.
   *
   * @param address Where to listen.
   * @returns The listener.
   */
  protected listen(address: ServerAddress): Deno.Listener<Deno.Conn> {
    if ("transport" in address) {
      return this.#transport.listenUnix(address.path);
    }
    const options = this.listenOptions(address);
    if (options.hostname !== "") return this.listenTcp(options);
    const [first, second] = wildcardHosts(Deno.build.os);
    try {
      return this.listenTcp({ ...options, hostname: first });
    } catch (error) {
      if (error instanceof Deno.errors.AddrInUse) throw error;
      return this.listenTcp({ ...options, hostname: second });
    }
  }

  /**
   * Creates the transport: plain sockets, or TLS. Called by the constructor,
   * before the fields of a subclass are set.
   *
   * @returns The transport.
   * @internal
   */
  protected createTransport(): Transport {
    return PLAIN_TRANSPORT;
  }

  /**
   * Opens a listening TCP socket.
   *
   * @param options The options of `Deno.listen`.
   * @returns The listener.
   */
  protected listenTcp(
    options: Deno.TcpListenOptions,
  ): Deno.Listener<Deno.Conn> {
    return this.#transport.listenTcp(options);
  }

  /**
   * Returns the options of `Deno.listen` for a TCP address.
   *
   * @param address The address.
   * @returns The options; an empty hostname means all interfaces.
   */
  protected listenOptions(
    address: Exclude<ServerAddress, { transport: "unix" }>,
  ): Deno.TcpListenOptions & { hostname: string; tcpBacklog: number } {
    const { hostname, port } = "port" in address
      ? address
      : { hostname: address[0], port: address[1] };
    const cls = this.constructor as typeof TCPServer;
    return {
      hostname,
      port,
      tcpBacklog: cls.requestQueueSize,
      ...(this.options.reusePort ? { reusePort: true } : {}),
    };
  }

  /** Accepts a connection. */
  override async getRequest(): Promise<[Connection, ClientAddress]> {
    const request = await this.socket.accept();
    const address = request.remoteAddr;
    return [
      request,
      address.transport === "tcp"
        ? [address.hostname, address.port]
        : ["unix", 0],
    ];
  }

  /**
   * Prepares the connection as the transport requires, a TLS handshake for
   * example, and does what {@linkcode BaseServer.finishRequest} does.
   */
  override finishRequest(
    request: Connection,
    clientAddress: ClientAddress,
  ): Promise<void> {
    const prepared = this.#transport.prepare?.(request, clientAddress);
    if (prepared === undefined) {
      return super.finishRequest(request, clientAddress);
    }
    return prepared.then((ready) =>
      ready ? super.finishRequest(request, clientAddress) : undefined
    );
  }

  /** Stops listening, and does what {@linkcode BaseServer.serverClose} does. */
  override async serverClose(): Promise<void> {
    try {
      this.#listener?.close();
    } catch {
      // Closed already.
    }
    await super.serverClose();
  }
}

/** Adds the address to the message of a system error. */
function withAddress(error: Error, address: ServerAddress): Error {
  const Kind = error.constructor as ErrorConstructor;
  const { AddrInUse, AddrNotAvailable } = Deno.errors;
  // Deno throws a plain Error for a host that cannot be resolved. Errors about a
  // certificate or a permission need no address.
  if (![Error, AddrInUse, AddrNotAvailable].includes(Kind)) return error;
  const message = `Cannot listen on ${
    formatAddress(address)
  }: ${error.message}`;
  return new Kind(message, { cause: error });
}
