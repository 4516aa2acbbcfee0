import { expect, it } from 'vitest';
import type { DeploymentSpec } from '../../api/types';
import { defaultOf, layerOf } from './layers';

const layers = {
  global: { template: { spec: { parallelism: 1, flinkConfiguration: { a: 'global' } } } } as DeploymentSpec,
  namespace: { maxJobCreationAttempts: 7 } as DeploymentSpec,
};

it('says what an empty field takes, and from where', () => {
  expect(defaultOf('maxJobCreationAttempts', layers)).toEqual({ value: 7, layer: 'namespace' });
  expect(defaultOf('template.spec.parallelism', layers)).toEqual({ value: 1, layer: 'builtIn' });
  expect(defaultOf('template.spec.artifact.entryClass', layers)).toBeUndefined();
});

it('says where a value comes from', () => {
  const spec = {
    maxJobCreationAttempts: 7,
    template: { spec: { parallelism: 3, flinkConfiguration: { a: 'global', b: 'own' } } },
  } as DeploymentSpec;
  expect(layerOf('maxJobCreationAttempts', spec, layers)).toBe('namespace');
  expect(layerOf('template.spec.parallelism', spec, layers)).toBe('deployment');
  expect(layerOf('template.spec.flinkConfiguration', spec, layers, 'a')).toBe('global');
  expect(layerOf('template.spec.flinkConfiguration', spec, layers, 'b')).toBe('deployment');
  expect(layerOf('template.spec.numberOfTaskManagers', spec, layers)).toBeUndefined();
});
