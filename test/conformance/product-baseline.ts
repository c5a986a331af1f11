/**
 * Checks that the product cannot pass because they call something of the suite's fixture, by revision. A check that
 * passes again must leave this list, and a new failure is none of it: the test compares both ways.
 */
import type { Requirements } from './suite.js';

/** Tools, prompts and resources by the fixture's names. */
const CALLS_A_FIXTURE = [
  'prompts-get-embedded-resource:prompts-get-embedded-resource',
  'prompts-get-simple:prompts-get-simple',
  'prompts-get-with-args:prompts-get-with-args',
  'prompts-get-with-image:prompts-get-with-image',
  'resources-read-binary:resources-read-binary',
  'resources-read-text:resources-read-text',
  'resources-templates-read:resources-templates-read',
  'tools-call-audio:tools-call-audio',
  'tools-call-embedded-resource:tools-call-embedded-resource',
  'tools-call-error:tools-call-error',
  'tools-call-image:tools-call-image',
  'tools-call-mixed-content:tools-call-mixed-content',
  'tools-call-simple-text:tools-call-simple-text',
  'tools-call-with-progress:tools-call-with-progress',
];

/** Capabilities that the product does not declare: there is nothing to complete, to log to clients or to subscribe to. */
const NOT_DECLARED = ['completion-complete:completion-complete'];
const NOT_DECLARED_LEGACY = [
  'logging-set-level:logging-set-level',
  'resources-subscribe:resources-subscribe',
  'resources-unsubscribe:resources-unsubscribe',
];

/** The product's tools ask for no input in the middle of a call. */
const ASKS_FOR_INPUT = [
  'input-required-result-basic-elicitation:sep-2322-elicitation-incomplete',
  'input-required-result-basic-list-roots:sep-2322-list-roots-incomplete',
  'input-required-result-basic-sampling:sep-2322-sampling-incomplete',
  'input-required-result-capability-check:sep-2322-respect-client-capabilities',
  'input-required-result-multi-round:sep-2322-multi-round-r1',
  'input-required-result-multiple-input-requests:sep-2322-multiple-inputs-incomplete',
  'input-required-result-non-tool-request:sep-2322-non-tool-incomplete',
  'input-required-result-request-state:sep-2322-request-state-incomplete',
  'input-required-result-result-type:sep-2322-result-type-included',
  'input-required-result-tampered-state:sep-2322-reject-tampered-state',
];

/** Checks of the stateless scenario that go through a fixture tool. */
const STATELESS_WITH_A_FIXTURE = [
  'server-stateless:sep-2575-http-server-no-independent-requests-on-stream',
  'server-stateless:sep-2575-missing-capability-http-400',
  'server-stateless:sep-2575-server-no-log-without-loglevel',
  'server-stateless:sep-2575-server-rejects-undeclared-capability',
];

/** Requests of the server to its client, and log messages in a call: fixture tools as well. */
const PUSHES_TO_THE_CLIENT = [
  'elicitation-sep1034-defaults:elicitation-sep1034-general',
  'elicitation-sep1330-enums:elicitation-sep1330-general',
  'tools-call-elicitation:tools-call-elicitation',
  'tools-call-sampling:tools-call-sampling',
  'tools-call-with-logging:tools-call-with-logging',
];

export const PRODUCT_BASELINE: Readonly<Record<Requirements, readonly string[]>> = {
  '2026-07-28': [...CALLS_A_FIXTURE, ...NOT_DECLARED, ...ASKS_FOR_INPUT, ...STATELESS_WITH_A_FIXTURE].sort(),
  '2025-11-25': [...CALLS_A_FIXTURE, ...NOT_DECLARED, ...NOT_DECLARED_LEGACY, ...PUSHES_TO_THE_CLIENT].sort(),
};
