import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Change } from '../live/change-log';
import { type ById, derivedFrom } from '../live/patch';
import { client, NAMESPACE, unwrap } from './client';
import { keys } from './keys';
import { answerOf, readDerived, readList, readOne } from './reading';
import type { components } from './schema';
import type { Deployment, DesiredState, RestorePointList, Revision, Savepoint } from './types';

const ns = NAMESPACE;

export function useDeployments() {
  return useQuery({
    queryKey: keys.deployments,
    structuralSharing: false,
    queryFn: ({ signal }): Promise<ById<Deployment>> =>
      readList(
        'Deployment',
        () =>
          unwrap(
            client.GET('/api/v1/namespaces/{ns}/deployments', { params: { path: { ns } }, signal }),
          ),
        false,
      ),
  });
}

export async function readDeployment(name: string, signal?: AbortSignal): Promise<Deployment> {
  return (await unwrap(
    client.GET('/api/v1/namespaces/{ns}/deployments/{nameOrId}', {
      params: { path: { ns, nameOrId: name } },
      signal,
    }),
  )) as Deployment;
}

export function useDeployment(name: string) {
  const queries = useQueryClient();
  return useQuery<Deployment>({
    queryKey: keys.deployment(name),
    queryFn: async ({ signal }) =>
      (await readOne('Deployment', () => readDeployment(name, signal), ({ metadata }) => metadata.name === name)) as Deployment,
    placeholderData: (): Deployment | undefined => {
      const all = queries.getQueryData<ById<Deployment>>(keys.deployments);
      return [...(all?.values() ?? [])].find((item) => item.metadata.name === name);
    },
  });
}

/** Whether what the server computes for a deployment may follow from that change. */
function isSourceOf(deploymentId: string): (change: Change) => boolean {
  return (change) => derivedFrom(change) === deploymentId;
}

type Body = Record<string, unknown>;

/** Asks for a state; the server decides how to get there. */
export async function setDesiredState(name: string, state: DesiredState): Promise<Deployment> {
  return (await unwrap(
    client.PATCH('/api/v1/namespaces/{ns}/deployments/{nameOrId}', {
      params: { path: { ns, nameOrId: name } },
      body: { spec: { state } } as never,
    }),
  )) as Deployment;
}

function useStore() {
  const queries = useQueryClient();
  return (deployment: Deployment) => {
    const name = deployment.metadata.name ?? '';
    queries.setQueryData(keys.deployment(name), deployment);
    queries.setQueryData<ById<Deployment>>(
      keys.deployments,
      (old) => old && new Map(old).set(deployment.metadata.id, deployment),
    );
  };
}

export function useSetState(name: string) {
  return useMutation({
    mutationFn: (state: DesiredState) => answerOf('Deployment', () => setDesiredState(name, state)),
    onSuccess: useStore(),
  });
}

export interface SaveOptions {
  /** Validate and answer as if, but change nothing. */
  dryRun?: boolean;
  signal?: AbortSignal;
}

export async function createDeployment(body: Body, options: SaveOptions = {}): Promise<Deployment> {
  return (await unwrap(
    client.POST('/api/v1/namespaces/{ns}/deployments', {
      params: { path: { ns }, query: options.dryRun ? { dryRun: 'true' } : {} },
      body: body as never,
      signal: options.signal,
    }),
  )) as Deployment;
}

/** @param version what the user saw; the server refuses if somebody changed it meanwhile */
export async function replaceDeployment(
  name: string,
  body: Body,
  version: number | undefined,
  options: SaveOptions = {},
): Promise<Deployment> {
  return (await unwrap(
    client.PUT('/api/v1/namespaces/{ns}/deployments/{nameOrId}', {
      params: { path: { ns, nameOrId: name }, query: options.dryRun ? { dryRun: 'true' } : {} },
      headers: version === undefined ? {} : { 'If-Match': `"${version}"` },
      body: body as never,
      signal: options.signal,
    }),
  )) as Deployment;
}

export function useSaveDeployment() {
  const store = useStore();
  return useMutation({
    mutationFn: (save: { name: string | null; body: Body; version?: number }) =>
      answerOf('Deployment', () =>
        save.name === null
          ? createDeployment(save.body)
          : replaceDeployment(save.name, save.body, save.version),
      ),
    onSuccess: store,
  });
}

export function useDeleteDeployment(name: string) {
  return useMutation({
    mutationFn: (cascade: boolean) =>
      unwrap(
        client.DELETE('/api/v1/namespaces/{ns}/deployments/{nameOrId}', {
          params: {
            path: { ns, nameOrId: name },
            query: cascade ? { cascade: 'true' } : {},
          },
        }),
      ),
  });
}

export interface ForkResult {
  deployment: Deployment;
  warnings: string[];
}

export function useFork(name: string) {
  return useMutation({
    mutationFn: async (request: { name?: string; savepointId?: string }) =>
      (await unwrap(
        client.POST('/api/v1/namespaces/{ns}/deployments/{nameOrId}:fork', {
          params: { path: { ns, nameOrId: name } },
          body: request,
        }),
      )) as ForkResult,
  });
}

export function useReset(name: string) {
  return useMutation({
    mutationFn: async (request: { restorePointId?: string; location?: string }) =>
      (await unwrap(
        client.POST('/api/v1/namespaces/{ns}/deployments/{nameOrId}:reset', {
          params: { path: { ns, nameOrId: name } },
          body: request,
        }),
      )) as Savepoint,
  });
}

export function useRollback(name: string) {
  return useMutation({
    mutationFn: (revision: number) =>
      answerOf(
        'Deployment',
        async () =>
          (await unwrap(
            client.POST('/api/v1/namespaces/{ns}/deployments/{nameOrId}:rollback', {
              params: { path: { ns, nameOrId: name } },
              body: { revision },
            }),
          )) as Deployment,
      ),
    onSuccess: useStore(),
  });
}

export function useRestorePoints({ metadata: { id } }: Deployment) {
  return useQuery({
    queryKey: keys.restorePoints(id),
    queryFn: ({ signal }) =>
      readDerived(
        async () =>
          (await unwrap(
            client.GET('/api/v1/namespaces/{ns}/deployments/{nameOrId}/restore-points', {
              params: { path: { ns, nameOrId: id } },
              signal,
            }),
          )) as RestorePointList,
        isSourceOf(id),
      ),
  });
}

/** Newest first. */
export function useRevisions({ metadata: { id } }: Deployment) {
  return useQuery({
    queryKey: keys.revisions(id),
    queryFn: ({ signal }) =>
      readDerived(async () => {
        const list = await unwrap(
          client.GET('/api/v1/namespaces/{ns}/deployments/{nameOrId}/revisions', {
            params: { path: { ns, nameOrId: id } },
            signal,
          }),
        );
        return (list.items as Revision[]).toReversed();
      }, isSourceOf(id)),
  });
}

export function useRetry(name: string) {
  return useMutation({
    mutationFn: () =>
      answerOf(
        'Deployment',
        async () =>
          (await unwrap(
            client.POST('/api/v1/namespaces/{ns}/deployments/{nameOrId}:retry', {
              params: { path: { ns, nameOrId: name } },
            }),
          )) as Deployment,
      ),
    onSuccess: useStore(),
  });
}

export type Preview = components['schemas']['DeploymentPreview'];

/** What a document would do to the deployment of that name, if it were saved. */
export function usePreview(name: string, body: Body) {
  return useQuery({
    queryKey: ['preview', name, body],
    staleTime: 0,
    gcTime: 0,
    queryFn: async ({ signal }) =>
      (await unwrap(
        client.POST('/api/v1/namespaces/{ns}/deployments/{nameOrId}:preview', {
          params: { path: { ns, nameOrId: name }, query: { replace: 'true' } },
          body: body as never,
          signal,
        }),
      )) as Preview,
  });
}

export interface FieldChange {
  path: string;
  old?: string;
  new?: string;
}

export function useRevisionDiff(deployment: Deployment, from: number, to: number) {
  const id = deployment.metadata.id;
  return useQuery({
    queryKey: keys.revisionDiff(id, from, to),
    enabled: from !== to,
    queryFn: async ({ signal }) => {
      const diff = await unwrap(
        client.GET('/api/v1/namespaces/{ns}/deployments/{nameOrId}/revisions/{number}/diff', {
          params: {
            path: { ns, nameOrId: id, number: String(to) },
            query: { from: String(from) },
          },
          signal,
        }),
      );
      return (diff.changes ?? []) as FieldChange[];
    },
  });
}
