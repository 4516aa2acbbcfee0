import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { client, NAMESPACE, unwrap } from './client';
import { keys } from './keys';
import type { components } from './schema';

export type JobGraph = components['schemas']['JobGraph'];
export type GraphVertex = components['schemas']['GraphVertex'];
export type JobMetrics = components['schemas']['JobMetrics'];
export type AvailableMetric = components['schemas']['AvailableMetric'];

const ns = NAMESPACE;
const WATCH_MILLISECONDS = 2000;

/** A job's graph with what each vertex does now, asked again and again while it is shown. */
export function useGraph(jobId: string | undefined, live: boolean) {
  return useQuery({
    queryKey: keys.graph(jobId ?? ''),
    enabled: jobId !== undefined,
    refetchInterval: live ? WATCH_MILLISECONDS : false,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) =>
      (await unwrap(
        client.GET('/api/v1/namespaces/{ns}/jobs/{jobId}/graph', {
          params: { path: { ns, jobId: jobId ?? '' } },
          signal,
        }),
      )) as JobGraph,
  });
}

export interface Range {
  /** Epoch milliseconds; absent is now. */
  to?: number;
  /** How much before `to`. */
  milliseconds: number;
}

export function useMetrics(jobId: string | undefined, names: string[], range: Range, refreshMilliseconds: number | false) {
  return useQuery({
    queryKey: keys.metrics(jobId ?? '', names, range),
    enabled: jobId !== undefined && names.length > 0,
    refetchInterval: range.to === undefined ? refreshMilliseconds : false,
    staleTime: 0,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const to = range.to ?? Date.now();
      return (await unwrap(
        client.GET('/api/v1/namespaces/{ns}/jobs/{jobId}/metrics', {
          params: {
            path: { ns, jobId: jobId ?? '' },
            query: {
              names: names.join(','),
              from: new Date(to - range.milliseconds).toISOString(),
              to: new Date(to).toISOString(),
            },
          },
          signal,
        }),
      )) as JobMetrics;
    },
  });
}

export function useAvailableMetrics(jobId: string | undefined) {
  return useQuery({
    queryKey: keys.availableMetrics(jobId ?? ''),
    enabled: jobId !== undefined,
    queryFn: async ({ signal }) =>
      unwrap(
        client.GET('/api/v1/namespaces/{ns}/jobs/{jobId}/metrics/available', {
          params: { path: { ns, jobId: jobId ?? '' } },
          signal,
        }),
      ),
  });
}
