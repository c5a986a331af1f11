import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { shownSettings } from '../../../src/config/shown.js';
import { isVariable, variableList } from '../../../src/config/variables.js';

const secret = randomBytes(18).toString('base64url');

it('shows every variable, and of a secret only whether it is set', () => {
  const given = new Map(variableList.map(([name]) => [name, secret] as const));
  const shown = shownSettings('production', given);
  expect(Object.keys(shown)).toEqual(variableList.map(([name]) => name));
  for (const [name, { secret: isSecret }] of variableList) {
    expect(shown[name], name).toBe(isSecret ? 'set' : secret);
  }
});

it('shows what stands in for what is not set', () => {
  const shown = shownSettings('production', new Map());
  expect(shown).toMatchObject({
    PORT: '3000',
    MCP_HOST: '0.0.0.0',
    ADMIN_TOKEN: 'not set',
    PUBLIC_URL: 'not set',
  });
});

it('shows no credentials in an address, should there ever be any', () => {
  const name = 'ORDERDESK_API_URL';
  expect(isVariable(name)).toBe(true);
  const shown = shownSettings('test', new Map([[name, `https://user:${secret}@api.example.com/v2`]]));
  expect(shown[name]).toBe('https://api.example.com/v2');
});
