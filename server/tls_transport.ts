// Copyright 2026 the pystd authors. MIT license.

import type { Connection } from "../io/connection.ts";
import { Handshake } from "../io/handshake.ts";
import { errorMessage } from "../io/log.ts";
import {
  checkIdentity,
  readIdentity,
  type TLSIdentity,
} from "../io/tls_identity.ts";
import type { ClientAddress } from "./address.ts";
import type { BaseServer } from "./base_server.ts";
import type { ServerOptions } from "./tcp_server.ts";
import type { Transport } from "./transport.ts";

/** Options of the constructors of the TLS servers. */
export interface HTTPSServerOptions extends ServerOptions {
  /** Path of the certificate chain, as PEM. */
  certfile?: string;
  /**
   * Path of the private key, as PEM.
   *
   * @default {certfile}
   */
  keyfile?: string;
  /** Password of an encrypted key. */
  password?: string;
  /** The certificate chain itself as PEM, in place of `certfile`. */
  cert?: string;
  /** The private key itself as PEM, in place of `keyfile`. */
  key?: string;
  /**
   * The protocols to offer to clients (ALPN).
   *
   * @default {["http/1.1"]}
   */
  alpnProtocols?: readonly string[];
}

/** What {@linkcode TLSTransport} needs of its server. */
interface TLSServer extends BaseServer {
  logHandshakeError(clientAddress: ClientAddress, reason: string): void;
}

/** TLS over TCP: each connection begins with a handshake. */
export class TLSTransport implements Transport {
  #server: TLSServer;
  #options: HTTPSServerOptions;

  /**
   * Stores its arguments.
   *
   * @param server The server, whose class has a `handshakeTimeout`.
   * @param options The options of that server.
   */
  constructor(server: TLSServer, options: HTTPSServerOptions) {
    this.#server = server;
    this.#options = options;
  }

  /** Opens a listening socket that speaks TLS. */
  listenTcp(options: Deno.TcpListenOptions): Deno.Listener<Deno.Conn> {
    const { alpnProtocols = ["http/1.1"] } = this.#options;
    const { cert, key } = identityOf(this.#options);
    return Deno.listenTls({
      ...options,
      cert,
      key,
      alpnProtocols: [...alpnProtocols],
    });
  }

  /** Throws: `Deno.listenTls` supports only TCP. */
  listenUnix(): never {
    throw new TypeError("Cannot serve TLS on a Unix domain socket");
  }

  /** Completes the handshake; logs a failure, which is the client's fault. */
  async prepare(
    request: Connection,
    clientAddress: ClientAddress,
  ): Promise<boolean> {
    const server = this.#server;
    const { handshakeTimeout } = server.constructor as unknown as {
      handshakeTimeout: number;
    };
    const handshake = new Handshake(request, handshakeTimeout);
    server.timeLimitChecker.add(handshake);
    try {
      await handshake.complete();
      return true;
    } catch (error) {
      if (server.stopping) return false;
      const reason = handshake.overdue ? "timed out" : errorMessage(error);
      server.logHandshakeError(clientAddress, reason);
      return false;
    } finally {
      server.timeLimitChecker.delete(handshake);
    }
  }
}

function identityOf(options: HTTPSServerOptions): TLSIdentity {
  const { certfile, keyfile, cert, key, password } = options;
  if (certfile !== undefined) {
    return readIdentity(certfile, keyfile, password);
  }
  if (cert === undefined) {
    throw new TypeError("Cannot serve TLS: no certificate is given");
  }
  return checkIdentity(cert, key ?? cert, password, "cert", "key");
}
