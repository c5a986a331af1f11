/**
 * Random scopes and requests against the verdict of the pure function: what is listed is the verdict, what is in it can be
 * called, and what is not answers as a tool that does not exist. All of them through the protocol leg, a sample through HTTP.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import type { InboundMessage, Reply } from '../../../src/mcp/leg.js';
import type { ScopeViolation } from '../../../src/mcp/request-server.js';
import { effectiveTools } from '../../../src/mcp/scopes/effective-tools.js';
import { createSdkLeg } from '../../../src/mcp/sdk-leg.js';
import type { Principal } from '../../../src/tenancy/principal.js';
import { anybody, startBareServer } from '../../support/bare-server.js';
import { legacy, modern } from '../../support/mcp-messages.js';
import {
  type ScopeCase,
  scopeCase,
  scopeCatalogue,
  scopedCatalogue,
  TOOL_NAMES,
} from '../../support/scope-cases.js';

const somebody = await anybody.authenticate(undefined);
const principalOf = ({ role, scope }: ScopeCase): Principal => ({ ...somebody, role, scope });

/** Names of the tools that are left, or the code of the error. */
function verdictOf({ scope, role, narrowing }: ScopeCase): readonly string[] | string {
  try {
    return effectiveTools(scope, role, narrowing, scopedCatalogue).map(({ name }) => name);
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown.code;
    throw thrown;
  }
}

const unknownTool = (name: string): string =>
  `Unknown tool "${name}". tools/list names the tools of this key.`;

const bodyOf = (reply: Reply): string => (reply.kind === 'json' ? reply.body : reply.kind);

describe('10,000 random scopes through the protocol leg', () => {
  const violations: ScopeViolation[] = [];
  const leg = createSdkLeg({
    catalogue: scopeCatalogue,
    deadlineMs: 10_000,
    scanDeadlineMs: 10_000,
    draining: new AbortController().signal,
    observe: () => {},
    onScopeViolation: (violation) => violations.push(violation),
    onError: () => {},
  });

  const send = async (each: ScopeCase, era: 'modern' | 'legacy', method: string, params = {}) => {
    const { headers, body } = (era === 'modern' ? modern : legacy)(method, params);
    const sent: Readonly<Record<string, string>> = headers;
    const inbound: InboundMessage = {
      headers: {
        protocolVersion: sent['mcp-protocol-version'],
        method: sent['mcp-method'],
        name: sent['mcp-name'],
      },
      body,
      acceptsStream: false,
      principal: principalOf(each),
      narrowing: each.narrowing,
      requestId: 'request-1',
      disconnected: new AbortController().signal,
    };
    return bodyOf(await leg.handle(inbound));
  };

  it('list and call nothing outside the verdict, and all that is inside', async () => {
    let [listed, called, hidden] = [0, 0, 0];
    const judge = async (each: ScopeCase, era: 'modern' | 'legacy', pick: number) => {
      const verdict = verdictOf(each);
      if (typeof verdict === 'string') {
        await expect(send(each, era, 'tools/list')).rejects.toMatchObject({ code: verdict });
        await expect(send(each, era, 'tools/call', { name: TOOL_NAMES[pick] })).rejects.toMatchObject({
          code: verdict,
        });
        return;
      }
      const tools: { name: string }[] = JSON.parse(await send(each, era, 'tools/list')).result.tools;
      expect(tools.map(({ name }) => name)).toEqual(verdict);
      listed += 1;
      const name = TOOL_NAMES[pick] ?? '';
      const answer = JSON.parse(await send(each, era, 'tools/call', { name, arguments: {} }));
      if (verdict.includes(name)) {
        expect(answer.result.content).toEqual([{ type: 'text', text: 'called' }]);
        called += 1;
      } else {
        expect(answer.error).toEqual({ code: -32602, message: unknownTool(name) });
        expect(violations.at(-1)?.name).toBe(name);
        hidden += 1;
      }
    };
    const era = fc.constantFrom('modern' as const, 'legacy' as const);
    await fc.assert(fc.asyncProperty(scopeCase, era, fc.nat(TOOL_NAMES.length - 1), judge), {
      numRuns: 10_000,
    });
    expect(listed).toBeGreaterThan(3_000);
    expect(called).toBeGreaterThan(300);
    expect(hidden).toBeGreaterThan(2_000);
    expect(violations.filter(({ kind }) => kind === 'tool')).toHaveLength(hidden);
  });
});

describe('200 random scopes over HTTP', () => {
  it('list and call nothing outside the verdict, for all tools', async () => {
    let current = principalOf(fc.sample(scopeCase, 1)[0] as ScopeCase);
    const server = await startBareServer(scopeCatalogue, {
      authenticator: { ...anybody, authenticate: async () => current },
    });
    const send = async (query: string, method: string, params = {}) => {
      const { headers, body } = modern(method, params);
      const response = await fetch(`${server.url}${query}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });
      return { status: response.status, json: JSON.parse(await response.text()) };
    };
    for (const each of fc.sample(scopeCase, 200)) {
      current = principalOf(each);
      const { toolsets, exclude, readOnly } = each.narrowing;
      const query = new URLSearchParams({
        ...(toolsets === undefined || toolsets.length === 0 ? {} : { toolsets: toolsets.join(',') }),
        ...(exclude.length === 0 ? {} : { exclude: exclude.join(',') }),
        ...(readOnly ? { readonly: 'true' } : {}),
      });
      // An empty list of toolsets cannot be written in an address.
      const sent = {
        ...each,
        narrowing: { ...each.narrowing, toolsets: toolsets?.length === 0 ? undefined : toolsets },
      };
      const verdict = verdictOf(sent);
      const list = await send(`?${query}`, 'tools/list');
      if (typeof verdict === 'string') {
        expect(list.json.error.data.code, JSON.stringify(each)).toBe(verdict);
        expect(list.status).toBe(verdict === 'forbidden' ? 403 : 400);
        continue;
      }
      expect(
        list.json.result.tools.map((tool: { name: string }) => tool.name),
        JSON.stringify(each),
      ).toEqual(verdict);
      for (const name of TOOL_NAMES) {
        const { json } = await send(`?${query}`, 'tools/call', { name, arguments: {} });
        expect(json.error?.message).toBe(verdict.includes(name) ? undefined : unknownTool(name));
      }
    }
    await server.close();
  });
});
