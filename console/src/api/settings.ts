import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { client, NAMESPACE, unwrap } from './client';
import { keys } from './keys';
import type { components } from './schema';
import type { DeploymentDefaults, DeploymentSpec, DeploymentTarget, Namespace, NamespacePhase, SecretValue } from './types';

const ns = NAMESPACE;

/** What holds where a deployment says nothing: the server's own defaults and the namespace's. */
export function useLayers() {
  return useQuery({
    queryKey: [...keys.defaults, 'layers'],
    queryFn: async ({ signal }) => {
      const [global, namespace] = await Promise.all([
        unwrap(client.GET('/api/v1/global-deployment-defaults', { signal })),
        readDefaults(signal),
      ]);
      return { global: (global as { spec?: DeploymentSpec }).spec ?? {}, namespace: namespace.spec ?? {} };
    },
  });
}

async function readDefaults(signal?: AbortSignal): Promise<DeploymentDefaults> {
  return (await unwrap(
    client.GET('/api/v1/namespaces/{ns}/deployment-defaults', { params: { path: { ns } }, signal }),
  )) as DeploymentDefaults;
}

export function useDefaults() {
  return useQuery({ queryKey: [...keys.defaults, 'own'], queryFn: ({ signal }) => readDefaults(signal) });
}

export function useSaveDefaults() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (change: { spec: Record<string, unknown>; version?: number }) =>
      unwrap(
        client.PATCH('/api/v1/namespaces/{ns}/deployment-defaults', {
          params: { path: { ns } },
          headers: change.version === undefined ? {} : { 'If-Match': `"${change.version}"` },
          body: { spec: change.spec } as never,
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.defaults }),
  });
}

export function useTargets() {
  return useQuery({
    queryKey: keys.targets,
    queryFn: async ({ signal }) => {
      const list = await unwrap(
        client.GET('/api/v1/namespaces/{ns}/deployment-targets', { params: { path: { ns } }, signal }),
      );
      return list.items as DeploymentTarget[];
    },
  });
}

export function useCreateTarget() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      unwrap(
        client.POST('/api/v1/namespaces/{ns}/deployment-targets', {
          params: { path: { ns } },
          body: { metadata: { name }, spec: {} } as never,
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.targets }),
  });
}

export function useDeleteTarget() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      unwrap(
        client.DELETE('/api/v1/namespaces/{ns}/deployment-targets/{name}', {
          params: { path: { ns, name } },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.targets }),
  });
}

export function useSecrets() {
  return useQuery({
    queryKey: keys.secrets,
    queryFn: async ({ signal }) => {
      const list = await unwrap(
        client.GET('/api/v1/namespaces/{ns}/secret-values', { params: { path: { ns } }, signal }),
      );
      return list.items as SecretValue[];
    },
  });
}

export function useSaveSecret() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (secret: { name: string; value: string; exists: boolean }) =>
      secret.exists
        ? unwrap(
            client.PATCH('/api/v1/namespaces/{ns}/secret-values/{name}', {
              params: { path: { ns, name: secret.name } },
              body: { spec: { value: secret.value } } as never,
            }),
          )
        : unwrap(
            client.POST('/api/v1/namespaces/{ns}/secret-values', {
              params: { path: { ns } },
              body: { metadata: { name: secret.name }, spec: { kind: 'PLAIN', value: secret.value } } as never,
            }),
          ),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.secrets }),
  });
}

export function useDeleteSecret() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      unwrap(
        client.DELETE('/api/v1/namespaces/{ns}/secret-values/{name}', { params: { path: { ns, name } } }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.secrets }),
  });
}

export function useFlinkVersions() {
  return useQuery({
    queryKey: keys.flinkVersions,
    queryFn: async ({ signal }) => (await unwrap(client.GET('/api/v1/flink-versions', { signal }))).items ?? [],
  });
}

/** The pools change by themselves and are in no feed: while somebody looks, they are asked for now and then. */
export function useStandbyPools() {
  return useQuery({
    queryKey: keys.standbyClusters,
    queryFn: async ({ signal }) => (await unwrap(client.GET('/api/v1/standby-clusters', { signal }))).items ?? [],
    refetchInterval: 5000,
  });
}

export function useNamespaces() {
  return useQuery({
    queryKey: keys.namespaces,
    queryFn: async ({ signal }) =>
      ((await unwrap(client.GET('/namespaces/v1/namespaces', { signal }))).namespaces ?? []).map(namespaceOf),
  });
}

/** The platform API qualifies names and states: "namespaces/default", "LIFECYCLE_PHASE_ACTIVE". */
function namespaceOf({ name = '', lifecyclePhase = '' }: components['schemas']['Namespace']): Namespace {
  return {
    name: name.replace(/^namespaces\//, ''),
    phase: lifecyclePhase.replace(/^LIFECYCLE_PHASE_/, '') as NamespacePhase,
  };
}

export function useSystem() {
  return useQuery({
    queryKey: keys.system,
    queryFn: async ({ signal }) => (await unwrap(client.GET('/api/v1/status/system-info', { signal }))).status,
  });
}
