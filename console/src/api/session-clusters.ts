import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { client, NAMESPACE, unwrap } from './client';
import { keys } from './keys';
import { readDerived } from './reading';
import type { Job, SessionCluster } from './types';

const ns = NAMESPACE;

export function useSessionClusters() {
  return useQuery({
    queryKey: keys.sessionClusters,
    queryFn: ({ signal }) =>
      readDerived(async () => {
        const list = await unwrap(client.GET('/api/v1/namespaces/{ns}/sessionclusters', { params: { path: { ns } }, signal }));
        return list.items as SessionCluster[];
      }, ({ kind }) => kind === 'SessionCluster'),
  });
}

/** Jobs that have not ended, of all session clusters. */
export function useSessionJobs(enabled: boolean) {
  return useQuery({
    queryKey: keys.sessionJobs,
    enabled,
    queryFn: ({ signal }) =>
      readDerived(async () => {
        const list = await unwrap(client.GET('/api/v1/namespaces/{ns}/jobs', { params: { path: { ns } }, signal }));
        return (list.items as Job[]).filter(
          ({ metadata, status }) =>
            metadata.sessionClusterName !== undefined && !['TERMINATED', 'FAILED', 'FINISHED'].includes(status?.state ?? ''),
        );
      }, ({ kind, object }) => kind === 'Job' && object.metadata.sessionClusterName !== undefined),
  });
}

/** Creates or replaces one: the document as its user wrote it. */
export function useSaveSessionCluster() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (change: { name: string; document: Record<string, unknown>; version?: number }) =>
      unwrap(
        client.PUT('/api/v1/namespaces/{ns}/sessionclusters/{name}', {
          params: { path: { ns, name: change.name } },
          headers: change.version === undefined ? {} : { 'If-Match': `"${change.version}"` },
          body: change.document as never,
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.sessionClusters }),
  });
}

export function useSetSessionState() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (change: { name: string; state: 'RUNNING' | 'STOPPED' }) =>
      unwrap(
        client.PATCH('/api/v1/namespaces/{ns}/sessionclusters/{name}', {
          params: { path: { ns, name: change.name } },
          body: { spec: { state: change.state } } as never,
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.sessionClusters }),
  });
}

export function useDeleteSessionCluster() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      unwrap(client.DELETE('/api/v1/namespaces/{ns}/sessionclusters/{name}', { params: { path: { ns, name } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.sessionClusters }),
  });
}
