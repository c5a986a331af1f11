import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import { toStoreRowId } from '../../../src/tenancy/ids.js';
import { scopeJson, scopeText } from '../../../src/tenancy/keys/scope-json.js';
import type { Scope } from '../../../src/tenancy/principal.js';
import { toolScope, toolScopeInput, toolsetsOf } from '../../../src/tenancy/scopes/scope-input.js';
import { TOOL_NAMES, TOOLSETS } from '../../../src/tools/index.js';
import { EVERYTHING } from '../../support/scopes.js';

const STORE = toStoreRowId('01900000-0000-7000-8000-000000000001');
const names = { toolsets: TOOLSETS, tools: TOOL_NAMES };

describe('a stored scope', () => {
  it('from before there were toolsets is read as one without limits on tools', () => {
    expect(scopeJson.parse({ stores: 'all' })).toEqual(EVERYTHING);
    expect(scopeJson.parse({ stores: [STORE] })).toEqual({ ...EVERYTHING, stores: [STORE] });
  });

  it('holds only what limits, so that an earlier release reads what it can keep', () => {
    expect(scopeText(EVERYTHING)).toBe('{"stores":"all"}');
    expect(JSON.parse(scopeText({ ...EVERYTHING, readOnly: true }))).toEqual({
      stores: 'all',
      readOnly: true,
    });
    expect(scopeText({ ...EVERYTHING, mask: true, dailyWriteCap: 50 })).toBe(
      '{"stores":"all","mask":true,"dailyWriteCap":50}',
    );
    expect(scopeText({ ...EVERYTHING, confirm: { moves: true, deletes: false, batchesAbove: 20 } })).toBe(
      '{"stores":"all","confirm":{"moves":true,"batchesAbove":20}}',
    );
  });

  it.each<Scope>([
    EVERYTHING,
    {
      stores: [STORE],
      toolsets: ['default', 'items'],
      exclude: ['get_order'],
      readOnly: true,
      mask: true,
      dailyWriteCap: 7,
      confirm: { moves: true, deletes: false, batchesAbove: 20 },
    },
    { ...EVERYTHING, mask: true },
    { ...EVERYTHING, dailyWriteCap: 1 },
    { ...EVERYTHING, confirm: { moves: false, deletes: true, batchesAbove: null } },
    { ...EVERYTHING, confirm: { moves: false, deletes: false, batchesAbove: 0 } },
    { ...EVERYTHING, stores: [], toolsets: [] },
  ])('comes back as it was: %j', (scope) => {
    expect(scopeJson.parse(JSON.parse(scopeText(scope)))).toEqual(scope);
  });

  it.each([
    { stores: 'all', dailyWriteCap: 0 },
    { stores: 'all', dailyWriteCap: 1.5 },
    { stores: 'all', dailyWriteCap: null },
    { stores: 'all', dailyWrites: 10 },
    { stores: 'all', confirm: { batchesAbove: -1 } },
    { stores: 'all', confirm: { creates: true } },
    { stores: 'all', confirm: ['moves'] },
    { stores: 'all', mask: 'true' },
    { stores: 'all', masked: true },
    { stores: 'all', readonly: true },
    { stores: 'all', readOnly: 'true' },
    { stores: 'all', toolsets: 'default' },
    { stores: 'all', exclude: [7] },
    { stores: 'all', exclude: null },
    { stores: ['all'] },
    { toolsets: ['default'] },
    {},
  ])('is not read when a restriction in it cannot be kept: %j', (stored) => {
    expect(scopeJson.safeParse(stored).success).toBe(false);
  });
});

describe('what an operator says', () => {
  const scopeOf = (input: object, role: 'agent' | 'owner' = 'agent') =>
    toolScope(toolScopeInput.parse(input), role, names);
  const failure = (input: object): AppError => {
    try {
      scopeOf(input);
    } catch (thrown) {
      if (thrown instanceof AppError) return thrown;
    }
    throw new Error('it was accepted');
  };

  it('is kept sorted and once', () => {
    const { stores: _, ...unlimited } = EVERYTHING;
    expect(scopeOf({})).toEqual(unlimited);
    expect(scopeOf({ mask: true, dailyWriteCap: 50 })).toMatchObject({ mask: true, dailyWriteCap: 50 });
    expect(scopeOf({ confirm: ['deletes', 'deletes'], confirmBatchesAbove: 0 }, 'owner').confirm).toEqual({
      moves: false,
      deletes: true,
      batchesAbove: 0,
    });
    expect(
      scopeOf({ toolsets: ['items', 'default', 'items'], exclude: ['items', 'get_order'], readOnly: true }),
    ).toMatchObject({
      toolsets: ['default', 'items'],
      exclude: ['get_order', 'items'],
      readOnly: true,
    });
  });

  it('may be any toolset, with or without tools so far', () => {
    const toolsets = ['default', 'items', 'shipments', 'inventory_admin', 'destructive'];
    expect(scopeOf({ toolsets }).toolsets).toHaveLength(5);
    expect(scopeOf({ toolsets: ['admin'] }, 'owner').toolsets).toEqual(['admin']);
    expect(scopeOf({ exclude: ['admin'] }).exclude).toEqual(['admin']);
  });

  it('is refused with the known names when a name means nothing', () => {
    expect(failure({ toolsets: ['everything'] })).toMatchObject({
      code: 'invalid_argument',
      field: 'toolsets',
    });
    expect(failure({ toolsets: ['get_order'] }).hint).toBe(
      'Known: default, items, shipments, inventory_admin, destructive, admin.',
    );
    expect(failure({ exclude: ['get_orders'] })).toMatchObject({
      code: 'invalid_argument',
      field: 'exclude',
    });
    expect(failure({ exclude: ['get_orders'] }).hint).toContain('get_order,');
  });

  it('cannot make an agent key one for owners', () => {
    expect(failure({ toolsets: ['default', 'admin'] }).message).toContain('owner keys');
  });

  it.each([
    { toolsets: [] },
    { exclude: [] },
    { toolsets: [''] },
    { readOnly: 'yes' },
    { mask: 'yes' },
    { dailyWriteCap: 0 },
    { dailyWriteCap: -1 },
    { dailyWriteCap: Number.NaN },
    { dailyWriteCap: '10' },
    { exclude: 'get_order' },
    { confirm: [] },
    { confirm: ['creates'] },
    { confirm: 'moves' },
    { confirmBatchesAbove: -1 },
    { confirmBatchesAbove: 2.5 },
    { confirmBatchesAbove: Number.NaN },
  ])('is refused in a form that means nothing: %j', (input) => {
    expect(toolScopeInput.safeParse(input).success).toBe(false);
  });
});

describe('the toolsets shown of a key', () => {
  it('are those it may use', () => {
    expect(toolsetsOf(EVERYTHING, 'agent', names)).toEqual(['default']);
    expect(toolsetsOf(EVERYTHING, 'owner', names)).toEqual(['default', 'admin']);
    const limited = { ...EVERYTHING, toolsets: ['default', 'items'], exclude: ['items', 'get_order'] };
    expect(toolsetsOf(limited, 'agent', names)).toEqual(['default']);
  });
});
