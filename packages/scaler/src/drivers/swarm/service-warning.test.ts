import { expect, it } from 'vitest';
import { serviceWarning } from './service-warning.ts';

const CHECK = { Healthcheck: { Test: ['CMD', 'true'] } };
type Part = Readonly<Record<string, unknown>>;
const service = (ContainerSpec: Part, RestartPolicy?: Part) => ({
  ID: 's',
  Version: { Index: 1 },
  Spec: { Name: 'djl', Mode: {}, TaskTemplate: { ContainerSpec, RestartPolicy: RestartPolicy ?? null } },
});
const NO_CHECK = 'it has no health check';

it.each([
  ['its own check', service(CHECK), undefined, undefined],
  ["its image's check", service({}), true, undefined],
  ['an image that nobody has looked at', service({}), undefined, undefined],
  ['no check at all', service({}), false, NO_CHECK],
  ['a check that is switched off', service({ Healthcheck: { Test: ['NONE'] } }), true, NO_CHECK],
  ['condition any', service(CHECK, { Condition: 'any', MaxAttempts: 0 }), undefined, undefined],
  ['attempts that end', service(CHECK, { MaxAttempts: 3 }), undefined, '3 attempts at most'],
  ['no restart', service(CHECK, { Condition: 'none' }), undefined, 'condition none'],
  ['restart on failure only', service(CHECK, { Condition: 'on-failure' }), undefined, 'condition on-failure'],
])('warns rightly of a service with %s', (_, given, imageChecks, expected) => {
  const warning = serviceWarning(given, imageChecks);
  if (expected === undefined) expect(warning).toBeUndefined();
  else expect(warning).toContain(expected);
});
