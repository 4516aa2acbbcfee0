import { useMutation, useQuery } from '@tanstack/react-query';
import { client, NAMESPACE, unwrap } from './client';
import { keys } from './keys';
import { readList, readOne } from './reading';
import type { Job, Savepoint, WeirEvent } from './types';

const ns = NAMESPACE;

/** Jobs of a deployment, newest first. */
export function useJobs(deploymentId: string) {
  return useQuery({
    queryKey: keys.jobs(deploymentId),
    structuralSharing: false,
    queryFn: ({ signal }) =>
      readList<Job>(
        'Job',
        () =>
          unwrap(
            client.GET('/api/v1/namespaces/{ns}/jobs', {
              params: { path: { ns }, query: { deploymentId } },
              signal,
            }),
          ),
        true,
        (object) => object.metadata.deploymentId === deploymentId,
      ),
  });
}

export function useJob(id: string) {
  return useQuery({
    queryKey: keys.job(id),
    queryFn: async ({ signal }) => {
      const read = async () =>
        (await unwrap(
          client.GET('/api/v1/namespaces/{ns}/jobs/{jobId}', { params: { path: { ns, jobId: id } }, signal }),
        )) as Job;
      return (await readOne('Job', read, ({ metadata }) => metadata.id === id)) as Job;
    },
  });
}

/** Savepoints of a deployment, newest first. */
export function useSavepoints(deploymentId: string) {
  return useQuery({
    queryKey: keys.savepoints(deploymentId),
    structuralSharing: false,
    queryFn: ({ signal }) =>
      readList<Savepoint>(
        'Savepoint',
        () =>
          unwrap(
            client.GET('/api/v1/namespaces/{ns}/savepoints', {
              params: { path: { ns }, query: { deploymentId } },
              signal,
            }),
          ),
        true,
        (object) => object.metadata.deploymentId === deploymentId,
      ),
  });
}

export function useCreateSavepoint(deploymentId: string) {
  return useMutation({
    mutationFn: async (location?: string) =>
      (await unwrap(
        client.POST('/api/v1/namespaces/{ns}/savepoints', {
          params: { path: { ns } },
          body: {
            metadata: { deploymentId },
            spec: location ? { savepointLocation: location } : {},
          } as never,
        }),
      )) as Savepoint,
  });
}

export function useDeleteSavepoint() {
  return useMutation({
    mutationFn: (request: { id: string; force: boolean }) =>
      unwrap(
        client.DELETE('/api/v1/namespaces/{ns}/savepoints/{savepointId}', {
          params: {
            path: { ns, savepointId: request.id },
            query: request.force ? { force: 'true' } : {},
          },
        }),
      ),
  });
}

/** Events of a deployment, newest first. */
export function useEvents(deploymentId: string) {
  return useQuery({
    queryKey: keys.events(deploymentId),
    structuralSharing: false,
    queryFn: ({ signal }) =>
      readList<WeirEvent>(
        'Event',
        () =>
          unwrap(
            client.GET('/api/v1/namespaces/{ns}/events', {
              params: { path: { ns }, query: { deploymentId, limit: '1000' } },
              signal,
            }),
          ),
        true,
        (object) => object.metadata.deploymentId === deploymentId,
      ),
  });
}

/** The newest event of a deployment; null if it has none. Asked only for rows that are shown. */
export function useLastEvent(deploymentId: string) {
  return useQuery({
    queryKey: keys.lastEvent(deploymentId),
    staleTime: Infinity,
    queryFn: ({ signal }) => {
      const read = async (): Promise<WeirEvent | null> => {
        const list = await unwrap(
          client.GET('/api/v1/namespaces/{ns}/events', {
            params: { path: { ns }, query: { deploymentId, limit: '1' } },
            signal,
          }),
        );
        return (list.items[0] as WeirEvent | undefined) ?? null;
      };
      return readOne('Event', read, ({ metadata }) => metadata.deploymentId === deploymentId);
    },
  });
}
