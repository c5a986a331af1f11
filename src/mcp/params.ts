/**
 * The parameters of the two methods whose SDK schemas describe deep structures, checked before the SDK sees them: its
 * answer to a mistake is a dump of its validator, with an entry for each value that is wrong, however many there are.
 */
import type { JSONRPCRequest } from '@modelcontextprotocol/server';
import type { Era } from './revisions.js';

type Params = NonNullable<JSONRPCRequest['params']>;

const NO_PARAMS: Params = {};

/** What is wrong with the parameters of a request, in words; `undefined` when nothing is, or for the SDK to say. */
export function problemOfParams(
  { method, params = NO_PARAMS }: JSONRPCRequest,
  era: Era,
): string | undefined {
  if (method === 'tools/call') return problemOfCall(params);
  return method === 'initialize' && era === 'legacy' ? problemOfHandshake(params) : undefined;
}

function problemOfCall({ name, arguments: args }: Params): string | undefined {
  if (typeof name !== 'string') return 'name must be text: the name of a tool';
  return args === undefined || isObject(args) ? undefined : 'arguments must be an object';
}

function problemOfHandshake({ protocolVersion, capabilities, clientInfo }: Params): string | undefined {
  if (typeof protocolVersion !== 'string') return 'protocolVersion must be text';
  if (!isObject(capabilities)) return 'capabilities must be an object';
  if (!isObject(clientInfo)) return 'clientInfo must be an object';
  const { name, version } = clientInfo;
  return typeof name === 'string' && typeof version === 'string'
    ? undefined
    : 'clientInfo.name and clientInfo.version must be text';
}

/** A checked `initialize` without what a server that keeps no session has no use for. */
export function withoutClient(message: JSONRPCRequest): JSONRPCRequest {
  if (message.method !== 'initialize') return message;
  const clientInfo = { name: 'client', version: '0' };
  return {
    ...message,
    params: { protocolVersion: message.params?.protocolVersion, capabilities: {}, clientInfo },
  };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);
