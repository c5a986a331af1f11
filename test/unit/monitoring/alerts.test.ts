/** Alerts, their cases and their pages fit together. What they compute is tested with promtool in the tier `stack`. */
import { describe, expect, it } from 'vitest';
import { alertNames, cases, type Rule, rules, runbook } from './files.js';
import { selectors } from './promql.js';

const names = alertNames().sort();
const testCases = cases();
const alerts = rules().filter(({ alert }) => alert !== undefined);

describe('each alert', () => {
  it.each(alerts.map((rule): [string, Rule] => [rule.alert ?? '', rule]))(
    '%s says who is called, why, and where to read on',
    (name, rule) => {
      expect(rule.labels?.severity).toMatch(/^(page|ticket|info)$/);
      expect(rule.annotations).toEqual({
        summary: expect.stringMatching(/\S/),
        description: expect.stringContaining('{{ $value'),
        runbook_url: `docs/PRODUCTION-RUNBOOK.md#${name.toLowerCase()}`,
      });
    },
  );

  it('looks at the replicas alone, and not at whatever else is scraped', () => {
    const others = rules()
      .flatMap(({ expr }) => selectors(expr))
      .filter(({ metric }) => !metric.startsWith('slo:'))
      .filter(({ labels }) => !labels.some(({ name, value }) => name === 'job' && value === 'orderdesk-mcp'));
    expect(others).toEqual([]);
  });

  it('has a case in which it fires, with its words, and one in which it stays silent', () => {
    const checks = testCases.flatMap((testCase) =>
      names.map((name) => ({
        name,
        checks: testCase.alert_rule_test.filter(({ alertname }) => alertname === name),
        input: testCase.input_series.length,
      })),
    );
    const tested = checks.filter(({ checks: own, input }) => own.length > 0 && input > 0);
    const fires = tested.filter(({ checks: own }) => own.some(({ exp_alerts }) => exp_alerts.length > 0));
    const silent = tested.filter(({ checks: own }) => own.every(({ exp_alerts }) => exp_alerts.length === 0));
    const uniqueNames = (list: readonly { readonly name: string }[]) =>
      [...new Set(list.map(({ name }) => name))].sort();
    expect(uniqueNames(fires)).toEqual(names);
    expect(uniqueNames(silent)).toEqual(names);
  });

  it('has no case of an alert that does not exist, where silence would prove nothing', () => {
    const tested = testCases.flatMap(({ alert_rule_test: checks }) =>
      checks.map(({ alertname }) => alertname),
    );
    expect(tested.filter((name) => !names.includes(name))).toEqual([]);
  });
});

describe('the runbook', () => {
  const alertSection = /^## Alerts$([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(runbook())?.[1] ?? '';
  const pages = alertSection.split(/^### /m).slice(1);
  const titleOf = (page: string): string => page.split('\n', 1)[0] ?? '';

  it('has a page for each alert, and an alert for each page', () => {
    expect(pages.map(titleOf).sort()).toEqual(names);
  });

  it('has on each page, in this order, what somebody needs who was just called', () => {
    const parts = (page: string) => [...page.matchAll(/^\*\*(\w+)\.\*\*/gm)].map(([, part]) => part);
    const usual = ['Meaning', 'Impact', 'Verify', 'Act', 'Escalate'];
    expect(pages.filter((page) => parts(page).join() !== usual.join()).map(titleOf)).toEqual([]);
  });
});
