/** The room put together: what the composition root asks for. */
import type { Cache } from '../cache/port.js';
import { type ClientOptions, createOrderDeskClient } from './client.js';
import { rememberingContact } from './contact.js';
import { type CacheObserver, createStoreGateway, type GatewayTtls } from './gateway.js';
import type { StoreGateway } from './port.js';
import { credentialVerifier, type VerifyCredential } from './verify.js';

export interface OrderDeskOptions extends ClientOptions {
  readonly cache: Cache;
  readonly ttls?: Partial<GatewayTtls>;
  readonly observeCache?: CacheObserver;
  /** Told when it could not be written that a key was accepted or refused. */
  readonly onContactFailure: (error: unknown) => void;
}

export interface OrderDesk {
  readonly gateway: StoreGateway;
  readonly verifyCredential: VerifyCredential;
  close(): Promise<void>;
}

export function createOrderDesk(options: OrderDeskOptions): OrderDesk {
  const client = createOrderDeskClient(options);
  const send = rememberingContact(client.send, {
    credentials: options.credentials,
    onFailure: options.onContactFailure,
    now: options.now ?? (() => performance.now()),
  });
  return {
    gateway: createStoreGateway({
      send,
      cache: options.cache,
      ...(options.ttls === undefined ? {} : { ttls: options.ttls }),
      ...(options.observeCache === undefined ? {} : { observeCache: options.observeCache }),
    }),
    verifyCredential: credentialVerifier(send),
    close: client.close,
  };
}
