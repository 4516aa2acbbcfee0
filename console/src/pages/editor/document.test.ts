import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import type { Deployment } from '../../api/types';
import { editable, parse, placeOf, toYaml, write } from './document';

const TEXT = `# Our orders
metadata:
  name: orders # stays
spec:
  template:
    spec:
      parallelism: 2
      flinkConfiguration:
        "state.savepoints.dir": file:///data # with a dot
`;

describe('writing a value into YAML', () => {
  it('leaves everything else as it stands', () => {
    const changed = write(TEXT, ['spec', 'template', 'spec', 'parallelism'], 4);
    expect(changed).toBe(TEXT.replace('parallelism: 2', 'parallelism: 4'));
  });
  it('makes the maps on the way', () => {
    const changed = write(TEXT, ['spec', 'upgradeStrategy', 'kind'], 'STATELESS');
    expect(parseYaml(changed).spec.upgradeStrategy).toEqual({ kind: 'STATELESS' });
    expect(changed).toContain('# with a dot');
  });
  it('takes values away, and the maps that become empty', () => {
    const added = write(TEXT, ['spec', 'savepointPolicy', 'schedule', 'cron'], '0 3 * * *');
    expect(write(added, ['spec', 'savepointPolicy', 'schedule', 'cron'], undefined)).toBe(TEXT);
  });
  it('keys with dots are one key', () => {
    const changed = write(TEXT, ['spec', 'template', 'spec', 'flinkConfiguration', 'state.savepoints.dir'], 'file:///b');
    expect(parseYaml(changed).spec.template.spec.flinkConfiguration).toEqual({ 'state.savepoints.dir': 'file:///b' });
  });
  it('texts that look like something else stay texts', () => {
    const changed = write(TEXT, ['metadata', 'labels', 'release'], '1.20');
    expect(parseYaml(changed).metadata.labels.release).toBe('1.20');
  });
  it('replaces what is in the way', () => {
    expect(parseYaml(write('spec: text\n', ['spec', 'state'], 'RUNNING'))).toEqual({ spec: { state: 'RUNNING' } });
  });
  it('does not touch what cannot be read', () => {
    expect(write('a: [', ['a'], 1)).toBe('a: [');
  });
});

it('reads what a user wrote, and says where it is broken', () => {
  expect(parse(TEXT).document).toMatchObject({ metadata: { name: 'orders' } });
  expect(parse('a: [').problems[0]?.from).toBeGreaterThan(0);
  expect(parse('- a\n').document).toBeUndefined();
});

it('what is edited is what the user owns', () => {
  const stored = {
    metadata: {
      id: '1',
      name: 'orders',
      displayName: 'orders',
      labels: {},
      annotations: { 'com.dataartisans.appmanager.controller.deployment.spec.version': '1', mine: 'x' },
      resourceVersion: 3,
    },
    spec: { state: 'RUNNING', deploymentTargetId: 'abc', deploymentTargetName: 'default' },
    status: { state: 'RUNNING' },
  } as unknown as Deployment;
  expect(editable(stored)).toEqual({
    kind: 'Deployment',
    apiVersion: 'v1',
    metadata: { name: 'orders', annotations: { mine: 'x' } },
    spec: { state: 'RUNNING', deploymentTargetName: 'default' },
  });
  expect(parse(toYaml(editable(stored))).document).toEqual(editable(stored));
});

it('marks the place of a field, or of the nearest one above it', () => {
  const place = placeOf(TEXT, 'spec.template.spec.parallelism');
  expect(TEXT.slice(place.from, place.to)).toBe('2');
  const above = placeOf(TEXT, 'spec.template.spec.artifact.jarUri');
  expect(TEXT.slice(above.from)).toMatch(/^parallelism/);
});
