/**
 * The conformance suite's fixture as a catalogue of ours. What each entry answers is dictated by the suite; it exists
 * in the test tree only, and a test holds the production build free of it.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  acceptedContent,
  type CallToolResult,
  createRequestStateCodec,
  type InputRequiredResult,
  inputRequired,
} from '@modelcontextprotocol/server';
import type {
  CallContext,
  Catalogue,
  JsonObject,
  PromptDefinition,
  ToolDefinition,
} from '../../src/mcp/catalogue.js';

const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
const WAV = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=';

const state = createRequestStateCodec<JsonObject>({ key: randomBytes(32) });
const newState = () => state.mint({ nonce: randomBytes(8).toString('hex') });

type Outcome = CallToolResult | InputRequiredResult;
const text = (value: string): CallToolResult => ({ content: [{ type: 'text', text: value }] });
const anyObject: JsonObject = { type: 'object', properties: {} };
const oneString = (name: string) => ({
  type: 'object' as const,
  properties: { [name]: { type: 'string' as const } },
  required: [name],
});
const elicit = (message: string, name: string) =>
  inputRequired.elicit({ message, requestedSchema: oneString(name) });
const sample = (prompt: string) =>
  inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text: prompt } }],
    maxTokens: 50,
  });

function tool(
  name: string,
  handle: (ctx: CallContext, args: unknown) => Promise<Outcome>,
  inputSchema: JsonObject = anyObject,
): ToolDefinition {
  return { name, description: name, inputSchema, handle: (args, ctx) => handle(ctx, args) };
}

/** A tool that asks for input until it has what it wants. */
const asking = (
  name: string,
  handle: (ctx: CallContext, answers: Record<string, never>) => Promise<Outcome> | Outcome,
) => tool(name, async (ctx) => handle(ctx, ctx.inputResponses as Record<string, never>));

const accepted = (ctx: CallContext, key: string): Record<string, unknown> | undefined =>
  acceptedContent(ctx.inputResponses as never, key) as Record<string, unknown> | undefined;

const plainTools: ToolDefinition[] = [
  tool('test_simple_text', async () => text('This is a simple text response for testing.')),
  tool('test_image_content', async () => ({
    content: [{ type: 'image', data: PNG, mimeType: 'image/png' }],
  })),
  tool('test_audio_content', async () => ({
    content: [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }],
  })),
  tool('test_embedded_resource', async () => ({
    content: [
      {
        type: 'resource',
        resource: {
          uri: 'test://embedded-resource',
          mimeType: 'text/plain',
          text: 'This is an embedded resource content.',
        },
      },
    ],
  })),
  tool('test_multiple_content_types', async () => ({
    content: [
      { type: 'text', text: 'Multiple content types test:' },
      { type: 'image', data: PNG, mimeType: 'image/png' },
      {
        type: 'resource',
        resource: {
          uri: 'test://mixed-content-resource',
          mimeType: 'application/json',
          text: '{"test":"data","value":123}',
        },
      },
    ],
  })),
  tool('test_tool_with_logging', async (ctx) => {
    await ctx.log('info', 'Tool execution started');
    await sleep(50);
    await ctx.log('info', 'Tool processing data');
    await sleep(50);
    await ctx.log('info', 'Tool execution completed');
    return text('done');
  }),
  tool('test_logging_tool', async (ctx) => {
    await ctx.log('info', 'a message');
    return text('done');
  }),
  tool('test_tool_with_progress', async (ctx) => {
    await ctx.progress(0, 100);
    await sleep(50);
    await ctx.progress(50, 100);
    await sleep(50);
    await ctx.progress(100, 100);
    return text('progress done');
  }),
  tool('test_error_handling', async () => {
    throw new Error('This tool intentionally returns an error for testing');
  }),
  tool('test_reconnection', async () => text('Reconnection test completed successfully')),
  tool('json_schema_2020_12_tool', async () => text('ok'), {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    $defs: {
      address: {
        $anchor: 'addressDef',
        type: 'object',
        properties: { street: { type: 'string' }, city: { type: 'string' } },
      },
    },
    properties: {
      name: { type: 'string' },
      address: { $ref: '#/$defs/address' },
      contactMethod: { type: 'string', enum: ['phone', 'email'] },
      phone: { type: 'string' },
      email: { type: 'string' },
    },
    allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
    if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
    // biome-ignore lint/suspicious/noThenProperty: the JSON Schema keyword
    then: { required: ['phone'] },
    else: { required: ['email'] },
    additionalProperties: false,
  }),
];

const inputTools: ToolDefinition[] = [
  asking('test_missing_capability', (ctx) =>
    accepted(ctx, 'x') ? text('ok') : inputRequired({ inputRequests: { x: sample('hi') } }),
  ),
  asking('test_streaming_elicitation', (ctx) =>
    accepted(ctx, 'user_name')
      ? text('ok')
      : inputRequired({ inputRequests: { user_name: elicit('What is your name?', 'name') } }),
  ),
  asking('test_input_required_result_elicitation', (ctx) => {
    const answer = accepted(ctx, 'user_name');
    return answer
      ? text(`Hello, ${answer.name}!`)
      : inputRequired({ inputRequests: { user_name: elicit('What is your name?', 'name') } });
  }),
  asking('test_input_required_result_sampling', (_ctx, answers) =>
    answers.capital_question
      ? text(JSON.stringify(answers.capital_question))
      : inputRequired({ inputRequests: { capital_question: sample('What is the capital of France?') } }),
  ),
  asking('test_input_required_result_list_roots', (_ctx, answers) =>
    answers.client_roots
      ? text(JSON.stringify(answers.client_roots))
      : inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } }),
  ),
  asking('test_input_required_result_request_state', async (ctx) =>
    ctx.requestState !== undefined && accepted(ctx, 'confirm')
      ? text('state-ok')
      : inputRequired({
          inputRequests: { confirm: elicit('Please confirm', 'ok') },
          requestState: await newState(),
        }),
  ),
  asking('test_input_required_result_tampered_state', async (ctx) =>
    ctx.requestState !== undefined && accepted(ctx, 'confirm')
      ? text('integrity-ok')
      : inputRequired({
          inputRequests: { confirm: elicit('Please confirm', 'ok') },
          requestState: await newState(),
        }),
  ),
  asking('test_input_required_result_multiple_inputs', async (_ctx, answers) =>
    answers.user_name && answers.greeting && answers.client_roots
      ? text('all')
      : inputRequired({
          inputRequests: {
            user_name: elicit('What is your name?', 'name'),
            greeting: sample('Generate a greeting'),
            client_roots: inputRequired.listRoots(),
          },
          requestState: await newState(),
        }),
  ),
  asking('test_input_required_result_multi_round', async (ctx) => {
    const known = ctx.requestState as { round: number; name?: unknown } | undefined;
    if (known === undefined) {
      return inputRequired({
        inputRequests: { step1: elicit('Step 1: What is your name?', 'name') },
        requestState: await state.mint({ round: 1 }),
      });
    }
    if (known.round === 1) {
      return inputRequired({
        inputRequests: { step2: elicit('Step 2: What is your favorite color?', 'color') },
        requestState: await state.mint({ round: 2, name: accepted(ctx, 'step1')?.name }),
      });
    }
    return text(`${known.name} likes ${accepted(ctx, 'step2')?.color}`);
  }),
  asking('test_input_required_result_capabilities', (ctx) => {
    const inputRequests = {
      ...('elicitation' in ctx.clientCapabilities ? { user_name: elicit('name?', 'name') } : {}),
      ...('sampling' in ctx.clientCapabilities ? { greeting: sample('hi') } : {}),
    };
    return Object.keys(inputRequests).length > 0 ? inputRequired({ inputRequests }) : text('none');
  }),
];

const said = (content: unknown) => ({ role: 'user' as const, content: content as never });

const prompts: PromptDefinition[] = [
  {
    name: 'test_simple_prompt',
    description: 'A prompt without arguments',
    get: async () => ({ messages: [said({ type: 'text', text: 'This is a simple prompt for testing.' })] }),
  },
  {
    name: 'test_prompt_with_arguments',
    description: 'A prompt with two arguments',
    arguments: [
      { name: 'arg1', required: true },
      { name: 'arg2', required: true },
    ],
    get: async ({ arg1, arg2 }) => ({
      messages: [said({ type: 'text', text: `Prompt with arguments: arg1='${arg1}', arg2='${arg2}'` })],
    }),
  },
  {
    name: 'test_prompt_with_embedded_resource',
    description: 'A prompt with a resource in it',
    arguments: [{ name: 'resourceUri', required: true }],
    get: async ({ resourceUri }) => ({
      messages: [
        said({
          type: 'resource',
          resource: {
            uri: resourceUri,
            mimeType: 'text/plain',
            text: 'Embedded resource content for testing.',
          },
        }),
        said({ type: 'text', text: 'Please process the embedded resource above.' }),
      ],
    }),
  },
  {
    name: 'test_prompt_with_image',
    description: 'A prompt with an image in it',
    get: async () => ({
      messages: [
        said({ type: 'image', data: PNG, mimeType: 'image/png' }),
        said({ type: 'text', text: 'Please analyze the image above.' }),
      ],
    }),
  },
  {
    name: 'test_input_required_result_prompt',
    description: 'A prompt that asks for input',
    get: async (_args, ctx) => {
      const answer = accepted(ctx, 'user_context');
      return answer
        ? { messages: [said({ type: 'text', text: String(answer.context) })] }
        : inputRequired({
            inputRequests: { user_context: elicit('What context should the prompt use?', 'context') },
          });
    },
  },
];

const textResource = (uri: string, name: string, value: string) => ({
  uri,
  name,
  mimeType: 'text/plain',
  read: async () => ({ contents: [{ uri, mimeType: 'text/plain', text: value }] }),
});

const TEMPLATE = /^test:\/\/template\/([^/]+)\/data$/;

export const fixtureCatalogue: Catalogue = {
  serverInfo: { name: 'conformance-fixture', version: '0.0.0' },
  instructions: 'Fixture of the conformance suite.',
  tools: [...plainTools, ...inputTools],
  prompts,
  resources: [
    textResource('test://static-text', 'static-text', 'This is the content of the static text resource.'),
    {
      uri: 'test://static-binary',
      name: 'static-binary',
      mimeType: 'image/png',
      read: async () => ({
        contents: [{ uri: 'test://static-binary', mimeType: 'image/png', blob: PNG }],
      }),
    },
    textResource('test://watched-resource', 'watched', 'watched'),
  ],
  resourceTemplates: [
    {
      uriTemplate: 'test://template/{id}/data',
      name: 'template',
      mimeType: 'application/json',
      read: async (uri) => {
        const id = TEMPLATE.exec(uri)?.[1];
        if (id === undefined) return undefined;
        const value = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` });
        return { contents: [{ uri, mimeType: 'application/json', text: value }] };
      },
    },
  ],
  extraCapabilities: { logging: {}, completions: {} },
  legacyCapabilities: { resources: { subscribe: true } },
  extraHandlers: {
    'resources/subscribe': () => ({}),
    'resources/unsubscribe': () => ({}),
    'completion/complete': () => ({ completion: { values: [], total: 0, hasMore: false } }),
  },
  openRequestState: (sealed) => state.verify(sealed, undefined as never),
};
