import { parseDocument, stringify } from 'yaml';
import type { SessionCluster } from '../../api/types';

export interface ReadDocument {
  name: string;
  document?: Record<string, unknown>;
  problem?: string;
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a user wrote, and the name in it; `problem` where it is no such document. */
export function readDocument(text: string, unreadable: string): ReadDocument {
  const parsed = parseDocument(text, { prettyErrors: false });
  if (parsed.errors.length > 0) return { name: '', problem: parsed.errors[0]?.message ?? unreadable };
  const value: unknown = parsed.toJS();
  if (!isMap(value) || !isMap(value.metadata) || typeof value.metadata.name !== 'string' || value.metadata.name === '')
    return { name: '', problem: unreadable };
  return { name: value.metadata.name, document: value };
}

/** The part of a session cluster that its user may change. */
export function editableText(cluster: SessionCluster): string {
  const { name, labels } = cluster.metadata;
  const metadata: Record<string, unknown> = { name };
  if (labels && Object.keys(labels).length > 0) metadata.labels = labels;
  return stringify({ kind: 'SessionCluster', apiVersion: 'v1', metadata, spec: cluster.spec ?? {} }, { lineWidth: 0 });
}

export const TEMPLATE = stringify({
  kind: 'SessionCluster',
  apiVersion: 'v1',
  metadata: { name: 'shared' },
  spec: {
    state: 'RUNNING',
    numberOfTaskManagers: 1,
    resources: { jobmanager: { cpu: 1, memory: '1g' }, taskmanager: { cpu: 1, memory: '2g' } },
    flinkConfiguration: { 'taskmanager.numberOfTaskSlots': '4' },
  },
});
