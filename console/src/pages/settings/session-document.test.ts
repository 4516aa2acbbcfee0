import { expect, it } from 'vitest';
import type { SessionCluster } from '../../api/types';
import { editableText, readDocument, TEMPLATE } from './session-document';

it('reads the name and keeps what is written', () => {
  const read = readDocument('metadata: {name: s}\nspec: {numberOfTaskManagers: 2}\n', 'wrong');
  expect(read).toEqual({ name: 's', document: { metadata: { name: 's' }, spec: { numberOfTaskManagers: 2 } } });
  expect(readDocument(TEMPLATE, 'wrong').name).toBe('shared');
});

it('tells what is no document', () => {
  for (const text of ['', 'a', '- a', 'metadata: {}', 'metadata: {name: 1}', 'spec: {}'])
    expect(readDocument(text, 'wrong').problem, text).toBe('wrong');
  expect(readDocument('a: [', 'wrong').problem).not.toBe('wrong');
});

it('leaves out what the server fills in', () => {
  const cluster = {
    metadata: { id: 'x', name: 's', namespace: 'default', resourceVersion: 3, labels: {}, createdAt: 'now' },
    spec: { state: 'STOPPED', numberOfTaskManagers: 1 },
    status: { state: 'STOPPED' },
  } as SessionCluster;
  expect(readDocument(editableText(cluster), 'wrong').document).toEqual({
    kind: 'SessionCluster',
    apiVersion: 'v1',
    metadata: { name: 's' },
    spec: { state: 'STOPPED', numberOfTaskManagers: 1 },
  });
});
