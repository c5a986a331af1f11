/**
 * Tells when a request leaves this process. undici tells a handler that its request starts right before it writes the
 * first byte, on a connection that is made; a request that is refused there is not written.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { toAppError } from '../errors.js';

type Controller = Dispatcher.DispatchController;

/** Goes with a request as its `opaque`. `leave` is called just before the first byte and may throw to stop it. */
export class Departure {
  readonly leave: () => void;

  constructor(leave: () => void) {
    this.leave = leave;
  }
}

class DepartingHandler implements Dispatcher.DispatchHandler {
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #departure: Departure;

  constructor(handler: Dispatcher.DispatchHandler, departure: Departure) {
    this.#handler = handler;
    this.#departure = departure;
  }

  onRequestStart(controller: Controller, context: unknown): void {
    try {
      this.#departure.leave();
    } catch (refusal) {
      controller.abort(toAppError(refusal));
      return;
    }
    this.#handler.onRequestStart?.(controller, context);
  }

  onResponseStart(controller: Controller, status: number, headers: IncomingHttpHeaders, text?: string): void {
    this.#handler.onResponseStart?.(controller, status, headers, text);
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    this.#handler.onResponseData?.(controller, chunk);
  }

  onResponseEnd(controller: Controller, trailers: IncomingHttpHeaders): void {
    this.#handler.onResponseEnd?.(controller, trailers);
  }

  onResponseError(controller: Controller, error: Error): void {
    this.#handler.onResponseError?.(controller, error);
  }
}

export const tellingDeparture: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) =>
  'opaque' in options && options.opaque instanceof Departure
    ? dispatch(options, new DepartingHandler(handler, options.opaque))
    : dispatch(options, handler);
