import type { DeploymentSpec } from '../../api/types';

/** Where a value of a deployment comes from. */
export type Layer = 'builtIn' | 'global' | 'namespace' | 'deployment' | 'weir';

export interface Layers {
  global: DeploymentSpec;
  namespace: DeploymentSpec;
}

/** What is built in. The server tells it only mixed with its own settings' defaults. */
export const BUILT_IN: Record<string, unknown> = {
  'template.spec.parallelism': 1,
  'template.spec.resources.jobmanager.cpu': 1,
  'template.spec.resources.jobmanager.memory': '2G',
  'template.spec.resources.taskmanager.cpu': 1,
  'template.spec.resources.taskmanager.memory': '2G',
  state: 'CANCELLED',
  'upgradeStrategy.kind': 'STATEFUL',
  'restoreStrategy.kind': 'LATEST_STATE',
  maxSavepointCreationAttempts: 4,
  maxJobCreationAttempts: 4,
  production: true,
};

export function valueAt(object: unknown, path: string): unknown {
  let value: unknown = object;
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

/**
 * The layer that gave the value at `path` (and of `key` in the map there). A stored deployment holds
 * values of every layer, so what equals a lower layer's value is taken to come from there.
 */
export function layerOf(
  path: string,
  spec: DeploymentSpec | undefined,
  layers: Layers,
  key?: string,
): Layer | undefined {
  const at = (object: unknown) => {
    const value = valueAt(object, path);
    return key === undefined ? value : (value as Record<string, unknown> | undefined)?.[key];
  };
  const value = at(spec);
  if (value === undefined) return undefined;
  if (at(layers.namespace) === value) return 'namespace';
  if (key === undefined && BUILT_IN[path] === value) return 'builtIn';
  if (at(layers.global) === value) return 'global';
  return 'deployment';
}

/** What a field takes if it is left empty, and from which layer. */
export function defaultOf(path: string, layers: Layers | undefined): { value: unknown; layer: Layer } | undefined {
  const namespace = valueAt(layers?.namespace, path);
  if (namespace !== undefined) return { value: namespace, layer: 'namespace' };
  const global = valueAt(layers?.global, path);
  if (global !== undefined)
    return { value: global, layer: BUILT_IN[path] === global ? 'builtIn' : 'global' };
  return path in BUILT_IN ? { value: BUILT_IN[path], layer: 'builtIn' } : undefined;
}
